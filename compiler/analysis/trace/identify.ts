/**
 * `identify`: whether the caller's token is accepted. As the runtime's resource server verifies it (RFC 6750, RFC 9068
 * section 4), but for the signature, which is taken to be right.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import type { Caller, Claims, Presented } from "./caller.ts"
import { type Refused, refuse } from "./refuse.ts"

export type IdentifyStage = StageOf<"identify.auth_server" | "identify.oidc">

/** Somebody whose token was accepted. */
export interface Identified {
  readonly claims: Claims
  readonly subject: string
  /** Epoch seconds. */
  readonly expiresAt: number
  /** Claims that were filled in. */
  readonly assumed: readonly string[]
}

/** Difference between clocks that the runtime puts up with, in seconds. */
const SKEW = 30

/** `now` in epoch milliseconds. */
export const identify = (stage: IdentifyStage, flow: Flow, caller: Caller, now: number): Identified | Refused => {
  const { token } = caller
  if (token === undefined) return refuse("token-missing", "the request has no Authorization header")
  if (token === "malformed") return refuse("token-malformed", "what follows Bearer is not one token")
  if (token === "not a token") return refuse("token-invalid", UNVERIFIABLE)
  const whole = token.header === undefined ? completed(stage, flow, token, now) : { claims: token.claims, assumed: [] }
  const { claims, assumed } = whole
  const wrong =
    wrongHeader(stage, token.header) ?? wrongClaims(stage, flow, claims, now) ?? wrongType(stage, token.header, claims)
  if (wrong !== undefined) return refuse("token-invalid", wrong)
  const { sub, exp } = claims
  if (typeof sub !== "string" || sub === "" || typeof exp !== "number")
    return refuse("token-invalid", "the token names no subject")
  // The server's own tokens all name their grant: one that does not is not one of them.
  if (stage.kind === "identify.auth_server" && typeof claims["grant_id"] !== "string")
    return refuse("token-invalid", "the token names no grant")
  const granted = scopesOf(claims)
  const missing = requiredScopes(stage).filter((scope) => !granted.has(scope))
  if (missing.length > 0) return refuse("scope-insufficient", `the token lacks the scope ${missing.join(" ")}`)
  return { claims, subject: sub, expiresAt: exp, assumed }
}

export const requiredScopes = ({ fields }: IdentifyStage): readonly string[] =>
  fields.scopes.value.map(({ value }) => value)

export const audienceOf = ({ output }: IdentifyStage, flow: Flow): string => output.token.audience ?? flow.url.value

/** The claims, with what the issuer always puts in where nothing is said of it. */
const completed = (stage: IdentifyStage, flow: Flow, { claims, scopes }: Presented, now: number) => {
  const { issuer } = stage.output.token
  const seconds = Math.floor(now / 1000)
  const said = scopes === undefined ? claims : { ...claims, scope: scopes.join(" ") }
  const required = requiredScopes(stage)
  const always: Claims = {
    iss: issuer.url,
    sub: "caller",
    aud: audienceOf(stage, flow),
    exp: seconds + 3600,
    ...(issuer.kind === "auth_server" ? { iat: seconds, jti: "token", client_id: "client", grant_id: "grant" } : {}),
    ...(required.length > 0 && !Object.hasOwn(said, "scp") ? { scope: required.join(" ") } : {}),
  }
  return {
    claims: { ...always, ...said } satisfies Claims,
    assumed: Object.keys(always).filter((name) => !Object.hasOwn(said, name)),
  }
}

const UNVERIFIABLE = "the token is not a JWT that can be verified here"

/** RFC 7515 section 4.1.1, RFC 8725 section 3.1: the algorithm is one that the file pins; our own server's are asymmetric. */
const wrongHeader = (stage: IdentifyStage, header: Claims | undefined): string | undefined => {
  if (header === undefined) return undefined
  const { alg } = header
  if (typeof alg !== "string" || alg === "") return UNVERIFIABLE
  const accepted = stage.kind === "identify.oidc" ? stage.operand.value.algorithms : OWN_ALGORITHMS
  return accepted.includes(alg) ? undefined : "the token is signed with an algorithm that is not accepted here"
}

/** What keys of `server … { keys }` can sign with. */
const OWN_ALGORITHMS = ["ES256", "ES384", "RS256", "EdDSA"]

/** RFC 7519 section 4.1, in the order in which the runtime's JOSE library looks. */
const wrongClaims = (stage: IdentifyStage, flow: Flow, claims: Claims, now: number): string | undefined => {
  const seconds = Math.floor(now / 1000)
  const { iss, aud, iat, nbf, exp } = claims
  if (!Object.hasOwn(claims, "iss")) return "the token is of another issuer"
  if (!Object.hasOwn(claims, "aud")) return "the token is for another audience"
  if (!Object.hasOwn(claims, "sub") || !Object.hasOwn(claims, "exp")) return INCOMPLETE
  if (iss !== stage.output.token.issuer.url) return "the token is of another issuer"
  const audience = audienceOf(stage, flow)
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) return "the token is for another audience"
  if (iat !== undefined && typeof iat !== "number") return INCOMPLETE
  if (nbf !== undefined && (typeof nbf !== "number" || nbf > seconds + SKEW)) return "the token is not valid yet"
  if (typeof exp !== "number") return INCOMPLETE
  return exp <= seconds - SKEW ? "the token has expired" : undefined
}

const INCOMPLETE = "a required claim of the token is missing or wrong"

/** RFC 9068 sections 2.1 and 5: an ID token is no access token, whatever else is right with it. */
const wrongType = (stage: IdentifyStage, header: Claims | undefined, claims: Claims): string | undefined => {
  if (header === undefined) return undefined
  const { typ } = header
  const stated = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined
  if (stated === "at+jwt") return undefined
  if (stage.kind === "identify.auth_server") return "the token's type is not at+jwt, so it is no access token"
  if (stated !== undefined && stated !== "jwt") return "the token is of another type than an access token"
  const idToken =
    "nonce" in claims ||
    "at_hash" in claims ||
    "c_hash" in claims ||
    claims["typ"] === "ID" ||
    claims["token_use"] === "id"
  return idToken ? "the token is an ID token, not an access token" : undefined
}

/** RFC 9068 section 2.2.3 says `scope`, a string; Entra ID says `scp`, a string, and Okta `scp`, an array. */
const scopesOf = (claims: Claims): ReadonlySet<unknown> => {
  const stated = claims["scope"] ?? claims["scp"]
  if (typeof stated === "string") return new Set(stated.split(" "))
  return new Set(Array.isArray(stated) ? stated.filter((scope) => typeof scope === "string") : [])
}
