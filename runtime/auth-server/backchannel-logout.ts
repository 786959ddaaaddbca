/**
 * OpenID Connect Back-Channel Logout 1.0, as the client of an upstream provider: it tells us that a person was logged out there,
 * and what that person's login was good for here ends.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Data, Effect } from "effect"
import { type JWTPayload, jwtVerify } from "jose"
import type { OidcProvider } from "../plan.ts"
import { subjectOf } from "./claims.ts"
import type { Store } from "./store.ts"
import type { ProviderFailed, Upstream } from "./upstream.ts"

/** Section 2.4. */
const EVENT = "http://schemas.openid.net/event/backchannel-logout"
/** Seconds since it was issued (section 2.4 asks for two minutes at most of `exp`; some providers send none). */
const MAX_AGE = 120
/** Seconds that clocks may differ. */
const SKEW = 30

/** Section 2.6: what was sent is no logout token for us. `reason` is for the operator. */
export class LogoutTokenInvalid extends Data.TaggedError("LogoutTokenInvalid")<{ readonly reason: string }> {}

const keyOf = (issuer: string, sid: string) =>
  createHash("sha256")
    .update(JSON.stringify([issuer, sid]))
    .digest("base64url")

/** Notes whose session at the provider it is, for a logout that names only that. `ttl`: seconds. */
export const noteSession = async (store: Store, issuer: string, claims: JWTPayload, subject: string, ttl: number) => {
  const { sid } = claims
  if (typeof sid === "string") await store.put("UpstreamSession", keyOf(issuer, sid), { subject }, { ttl })
}

/**
 * The person in our tokens, or undefined where the logout is of nobody known here. Fails with LogoutTokenInvalid, or with
 * ProviderFailed when the keys cannot be had. A token is taken once.
 */
export const loggedOut = Effect.fn("BackchannelLogout.loggedOut")(function* (
  token: string,
  provider: OidcProvider & { readonly client: NonNullable<OidcProvider["client"]> },
  upstream: Upstream,
  store: Store,
): Effect.fn.Return<string | undefined, LogoutTokenInvalid | ProviderFailed> {
  const keys = yield* upstream.keys
  const { payload } = yield* Effect.tryPromise({
    try: () =>
      jwtVerify(token, keys, {
        issuer: provider.issuer,
        audience: provider.client.id,
        algorithms: [...provider.algorithms],
        requiredClaims: ["iat", "jti", "events"],
        maxTokenAge: MAX_AGE,
        clockTolerance: SKEW,
      }),
    catch: (cause) => new LogoutTokenInvalid({ reason: cause instanceof Error ? cause.message : "unreadable" }),
  })
  const { events, nonce, sub, sid, jti } = payload
  const invalid = (reason: string) => new LogoutTokenInvalid({ reason })
  const event = typeof events === "object" && events !== null ? Reflect.get(events, EVENT) : undefined
  if (typeof event !== "object" || event === null) return yield* invalid("it tells of no logout")
  // So that an ID token is never taken for one.
  if (nonce !== undefined) return yield* invalid("it has a nonce")
  const named = typeof sid === "string" ? sid : undefined
  if (sub === undefined && named === undefined) return yield* invalid("it names neither a person nor a session")
  const fresh = yield* Effect.promise(() =>
    store.create("LogoutToken", keyOf(provider.issuer, String(jti)), {}, { ttl: MAX_AGE + 2 * SKEW }),
  )
  if (!fresh) return yield* invalid("it was sent before")
  if (sub !== undefined) return subjectOf(provider.issuer, sub)
  const known = yield* Effect.promise(() => store.get("UpstreamSession", keyOf(provider.issuer, named ?? "")))
  const subject = known?.["subject"]
  return typeof subject === "string" ? subject : undefined
})
