/**
 * Outside issuers whose tokens are taken in exchange for ours: their keys, and what every token of theirs has to be.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import { Effect } from "effect"
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose"
import type { TrustedIssuer } from "../../plan.ts"
import { type PublicFetchOptions, publicFetch } from "../clients/public-fetch.ts"
import { AuthServerMisconfigured } from "../start-failure.ts"

/** Bytes of a key set or of metadata, milliseconds that keys are kept, and before they are asked for again by an unknown `kid`. */
const LIMIT = 1024 * 1024
const KEYS_AGE = 5 * 60_000
const COOLDOWN = 30_000
const TIMEOUT = 5_000
/** Seconds that clocks may differ. */
export const SKEW = 60

/** Asymmetric only: a key of theirs that is public can sign nothing (RFC 8725 section 2.1). */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

export interface IssuerTrust {
  readonly config: TrustedIssuer
  /** Rejects with an error of jose, or with one that says why the keys cannot be had. */
  readonly verify: (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>
  /** May whom this token was issued to be acted for? Without an expression, no. */
  readonly matches: (claims: JWTPayload) => boolean
}

/** By `iss` of the token, which nobody has verified yet; undefined for one that is no JWT, or of nobody trusted. */
export type TrustedIssuers = (token: string) => IssuerTrust | undefined

/** Fails with AuthServerMisconfigured where an expression does not compile. */
export const trustedIssuers = Effect.fnUntraced(function* (
  server: string,
  configs: readonly TrustedIssuer[],
  strangers: Omit<PublicFetchOptions, "limit">,
) {
  const known = new Map<string, IssuerTrust>()
  const guarded = publicFetch({ ...strangers, limit: LIMIT })
  for (const config of configs) {
    const matches = yield* Effect.try({
      try: () => matcher(config.delegation?.actorMatches),
      catch: () =>
        new AuthServerMisconfigured({ server, reason: `the CEL expression for ${config.issuer} does not compile` }),
    })
    const keys = keysOf(config, guarded)
    known.set(config.issuer, {
      config,
      matches,
      verify: async (token, options) =>
        (
          await jwtVerify(token, keys, {
            issuer: config.issuer,
            algorithms: ALGORITHMS,
            clockTolerance: SKEW,
            ...options,
          })
        ).payload,
    })
  }
  const find: TrustedIssuers = (token) => {
    try {
      return known.get(decodeJwt(token).iss ?? "")
    } catch {
      return undefined
    }
  }
  return find
})

const keysOf = (config: TrustedIssuer, guarded: ReturnType<typeof publicFetch>): JWTVerifyGetKey => {
  // The plan has http on loopback only, where the sandbox is.
  const plain = (url: string) => config.privateNetwork || url.startsWith("http:")
  const read = async (url: string): Promise<Response> => {
    if (!plain(url)) return new Response((await guarded(url)).body)
    return fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
      headers: { accept: "application/json" },
    })
  }
  let found: Promise<JWTVerifyGetKey> | undefined
  const find = async () => {
    const uri = config.jwks ?? (await discover(config.issuer, read))
    return createRemoteJWKSet(new URL(uri), {
      [customFetch]: (url: string) => read(url),
      cacheMaxAge: KEYS_AGE,
      cooldownDuration: COOLDOWN,
      timeoutDuration: TIMEOUT,
    })
  }
  return async (header, token) => {
    found ??= find().catch((cause: unknown) => {
      found = undefined
      throw cause
    })
    return (await found)(header, token)
  }
}

/** OpenID Connect Discovery section 4.3: metadata of another issuer is not believed. */
const discover = async (issuer: string, read: (url: string) => Promise<Response>): Promise<string> => {
  const answer: unknown = await (await read(`${issuer}/.well-known/openid-configuration`)).json()
  const [said, jwks] = ["issuer", "jwks_uri"].map((name) => Reflect.get(Object(answer), name) as unknown)
  if (said !== issuer || typeof jwks !== "string") throw new Error(`the metadata of ${issuer} names no keys of its own`)
  return jwks
}

const matcher = (expression: string | undefined): IssuerTrust["matches"] => {
  if (expression === undefined) return () => false
  const parsed = new Environment({ unlistedVariablesAreDyn: false }).registerVariable("claims", "map").parse(expression)
  if (!parsed.check().valid) throw new Error("does not compile")
  // A claim that is not there is no yes.
  return (claims) => {
    try {
      return parsed({ claims: new Map(Object.entries(claims)) }) === true
    } catch {
      return false
    }
  }
}
