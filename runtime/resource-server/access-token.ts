/**
 * Verifies a JWT access token (RFC 9068 section 4, RFC 8725) and says in this runtime's terms what is wrong with it.
 *
 * @module
 */
import { Effect } from "effect"
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose"
import { IssuerUnavailable, ScopeInsufficient, TokenInvalid } from "../failure.ts"

/** Difference between our clock and the issuer's that is put up with, in seconds. */
const SKEW = 30

export interface Expected {
  /** Exact value of `iss`. */
  readonly issuer: string
  readonly audience: string
  /** Pinned by the plan; neither `none` nor a MAC is ever among them. */
  readonly algorithms: readonly string[]
  /** Looks up the issuer's key. May fail with IssuerUnavailable; all else it fails with is the token's fault. */
  readonly keys: JWTVerifyGetKey
  /** `required`: the header has to say `at+jwt`. `offered`: it may say so; issuers that predate RFC 9068 say `JWT` or nothing. */
  readonly type: "required" | "offered"
}

export interface Verified {
  readonly subject: string
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly claims: JWTPayload
}

/** Fails with TokenInvalid, or IssuerUnavailable when the issuer's keys cannot be had. */
export const verifyAccessToken = Effect.fn("verifyAccessToken")(function* (token: string, expected: Expected) {
  const { payload, protectedHeader } = yield* Effect.tryPromise({
    try: () =>
      jwtVerify(token, expected.keys, {
        issuer: expected.issuer,
        audience: expected.audience,
        // RFC 8725 section 3.1. A MAC "key" would be the public key that anybody can fetch.
        algorithms: expected.algorithms.filter((alg) => alg !== "none" && !alg.startsWith("HS")),
        clockTolerance: SKEW,
        requiredClaims: ["exp", "sub"],
      }),
    catch: (cause) => (cause instanceof IssuerUnavailable ? cause : new TokenInvalid({ detail: reason(cause) })),
  })
  const wrongKind = notAnAccessToken(protectedHeader.typ, payload, expected.type)
  if (wrongKind !== undefined) return yield* new TokenInvalid({ detail: wrongKind })
  const { sub: subject, exp: expiresAt } = payload
  if (typeof subject !== "string" || subject === "" || expiresAt === undefined) {
    return yield* new TokenInvalid({ detail: "the token names no subject" })
  }
  return { subject, expiresAt, claims: payload } satisfies Verified
})

/** Fails with ScopeInsufficient when the token lacks one of the scopes. */
export const requireScopes = (claims: JWTPayload, required: readonly string[]) => {
  const granted = scopesOf(claims)
  const missing = required.filter((scope) => !granted.has(scope))
  return missing.length === 0
    ? Effect.void
    : Effect.fail(new ScopeInsufficient({ detail: `the token lacks the scope ${missing.join(" ")}`, required }))
}

/** RFC 9068 section 2.2.3 says `scope`, a string; Entra ID says `scp`, a string, and Okta `scp`, an array. */
const scopesOf = (claims: JWTPayload): ReadonlySet<string> => {
  const stated = claims["scope"] ?? claims["scp"]
  if (typeof stated === "string") return new Set(stated.split(" "))
  return new Set(Array.isArray(stated) ? stated.filter((scope) => typeof scope === "string") : [])
}

/**
 * Why a JWT of the right issuer and audience is still no access token. An ID token says who logged in to a client, not what
 * the client may do (RFC 9068 section 5, RFC 8725 section 3.11).
 */
const notAnAccessToken = (typ: string | undefined, claims: JWTPayload, type: Expected["type"]): string | undefined => {
  const stated = typ?.toLowerCase().replace(/^application\//, "")
  if (stated === "at+jwt") return undefined
  if (type === "required") return "the token's type is not at+jwt, so it is no access token"
  if (stated !== undefined && stated !== "jwt") return "the token is of another type than an access token"
  // OpenID Connect Core sections 2 and 3.3.2.11: only an ID token carries these. The other two are Keycloak's and Cognito's.
  const idToken =
    "nonce" in claims ||
    "at_hash" in claims ||
    "c_hash" in claims ||
    claims["typ"] === "ID" ||
    claims["token_use"] === "id"
  return idToken ? "the token is an ID token, not an access token" : undefined
}

/** One sentence for the challenge; never anything of the token itself. */
const reason = (cause: unknown): string => {
  if (cause instanceof errors.JWTExpired) return "the token has expired"
  if (cause instanceof errors.JWTClaimValidationFailed) {
    switch (cause.claim) {
      case "iss":
        return "the token is of another issuer"
      case "aud":
        return "the token is for another audience"
      case "nbf":
        return "the token is not valid yet"
      default:
        return "a required claim of the token is missing or wrong"
    }
  }
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return "the token is signed with an algorithm that is not accepted here"
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "the token's signature does not verify"
  if (cause instanceof errors.JWKSNoMatchingKey) return "the token is signed with a key the issuer does not publish"
  if (cause instanceof errors.JWKSMultipleMatchingKeys) return "the token does not say which key it is signed with"
  return "the token is not a JWT that can be verified here"
}
