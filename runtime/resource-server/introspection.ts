/**
 * Asks an issuer what an opaque token is worth (RFC 7662). Answers are kept for a short while by the token's hash, one question
 * at a time is asked about one token, and an endpoint that is out is an outage and never the token's fault.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Redacted } from "effect"
import { IssuerUnavailable, TokenInvalid } from "../failure.ts"
import type { Claims } from "../pipeline/credential.ts"
import { type IssuerClient, Unusable } from "./issuer-client.ts"

/** Milliseconds that an answer is kept: as long as a revocation may take to be seen here. */
const KEPT = 30_000
/** Of a token that is not active: made-up tokens make no flood of questions, and one that becomes active is not kept out. */
const KEPT_INACTIVE = 10_000
/** How many answers are kept, and how many questions are open at once. */
const MAX_ANSWERS = 10_000
const MAX_OPEN = 64
/** Difference between clocks that is put up with, in seconds. */
const SKEW = 30

export interface IntrospectionEndpoint {
  readonly url: string
  /** Us, as the endpoint knows us. */
  readonly client: { readonly id: string; readonly secret: Redacted.Redacted<string> } | undefined
  /** As the plan calls the issuer, for messages. */
  readonly name: string
}

/** What the issuer says of an active token. */
export interface Introspected {
  readonly claims: Claims
  readonly subject: string
  /** Epoch seconds: `exp`, or until when the answer is kept. */
  readonly expiresAt: number
}

interface Kept {
  /** `undefined`: not active. */
  readonly claims: Claims | undefined
  /** Epoch milliseconds. */
  readonly until: number
}

/** Rejects with TokenInvalid or IssuerUnavailable, and nothing else. */
export type Introspect = (
  token: string,
  expected: { readonly issuer: string; readonly audience: string },
) => Promise<Introspected>

export const introspection = (
  { url, client, name }: IntrospectionEndpoint,
  http: IssuerClient,
  now: () => number = Date.now,
): Introspect => {
  const answers = new Map<string, Kept>()
  const open = new Map<string, Promise<Kept>>()

  const ask = async (token: string): Promise<Kept> => {
    const form = new URLSearchParams({ token, token_type_hint: "access_token" })
    const answer = await http.post(url, form, client === undefined ? {} : { authorization: basic(client) })
    const { active, exp } = answer
    if (typeof active !== "boolean") throw new Unusable("its answer does not say whether the token is active")
    if (!active) return { claims: undefined, until: now() + KEPT_INACTIVE }
    const ends = typeof exp === "number" ? exp * 1000 : Number.POSITIVE_INFINITY
    return { claims: answer, until: Math.min(now() + KEPT, ends) }
  }

  const answerFor = async (token: string): Promise<Kept> => {
    // The token itself is kept nowhere.
    const key = createHash("sha256").update(token).digest("base64url")
    const known = answers.get(key)
    if (known !== undefined && known.until > now()) return known
    const asked = open.get(key)
    if (asked !== undefined) return asked
    if (open.size >= MAX_OPEN) {
      throw new IssuerUnavailable({ detail: `too many tokens of ${name} are being asked about`, retryAfter: 1 })
    }
    const question = ask(token)
      .then((kept) => {
        answers.delete(key)
        answers.set(key, kept)
        const [oldest] = answers.keys()
        if (answers.size > MAX_ANSWERS && oldest !== undefined) answers.delete(oldest)
        return kept
      })
      .catch((cause: unknown) => {
        const why = cause instanceof Unusable ? cause.message : "it cannot be reached"
        throw new IssuerUnavailable({ detail: `${name} cannot be asked about a token: ${why}`, retryAfter: 5 })
      })
      .finally(() => open.delete(key))
    open.set(key, question)
    return question
  }

  return async (token, expected) => {
    const { claims, until } = await answerFor(token)
    if (claims === undefined) throw new TokenInvalid({ detail: "the token is not active" })
    return checked(claims, until, expected, now() / 1000)
  }
}

/** RFC 7662 section 2.2: what the answer says is for us to check. `seconds`: now. */
const checked = (
  claims: Claims,
  until: number,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
  seconds: number,
): Introspected => {
  const { iss, aud, sub, exp, nbf } = claims
  const wrong =
    iss !== undefined && iss !== issuer
      ? "the token is of another issuer"
      : ![aud].flat().includes(audience)
        ? "the token is for another audience"
        : exp !== undefined && !(typeof exp === "number" && exp > seconds - SKEW)
          ? "the token has expired"
          : nbf !== undefined && !(typeof nbf === "number" && nbf <= seconds + SKEW)
            ? "the token is not valid yet"
            : typeof sub !== "string" || sub === ""
              ? "the token names no subject"
              : undefined
  if (wrong !== undefined || typeof sub !== "string") throw new TokenInvalid({ detail: wrong ?? "" })
  return { claims, subject: sub, expiresAt: typeof exp === "number" ? exp : Math.ceil(until / 1000) }
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined. */
const basic = ({ id, secret }: NonNullable<IntrospectionEndpoint["client"]>): string => {
  const encode = (text: string) => new URLSearchParams([["", text]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(Redacted.value(secret))}`).toString("base64")}`
}
