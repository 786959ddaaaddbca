/**
 * OpenID Connect Back-Channel Logout 1.0, as the client of an upstream provider: it tells us that a person was logged out there,
 * and what that person's login was good for here ends.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Data, Effect } from "effect"
import { decodeJwt, type JWTPayload, jwtVerify } from "jose"
import { subjectOf } from "./claims.ts"
import type { LoginAt } from "./logins.ts"
import type { Store } from "./store.ts"
import type { ProviderFailed, Upstream } from "./upstream/index.ts"

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

/**
 * Notes whose session at the provider it is, for a logout that names only that, and whose login, for one that names the
 * person as the provider does. `ttl`: seconds.
 */
export const noteSession = async (
  store: Store,
  upstream: Upstream,
  claims: JWTPayload,
  person: string,
  ttl: number,
) => {
  const { iss, sid, sub } = claims
  if (iss === undefined) return
  if (typeof sid === "string") await store.put(SESSION, keyOf(iss, sid), { subject: person }, { ttl })
  // Our name for the person is not made of this one where another claim or another provider says who it is.
  if (sub !== undefined && person !== subjectOf(iss, sub))
    await store.put(SESSION, keyOf(iss, `${upstream.name} ${sub}`), { subject: person }, { ttl })
}

const SESSION = "UpstreamSession"

/** Whose login has ended, and at which of the providers. */
export interface LoggedOut {
  readonly provider: string
  /** In our tokens; undefined where the logout is of nobody known here. */
  readonly person: string | undefined
}

/**
 * Fails with LogoutTokenInvalid, or with ProviderFailed when the keys cannot be had. A token is taken once.
 */
export const loggedOut = Effect.fn("BackchannelLogout.loggedOut")(function* (
  token: string,
  at: readonly LoginAt[],
  store: Store,
): Effect.fn.Return<LoggedOut, LogoutTokenInvalid | ProviderFailed> {
  const { provider, upstream, client } = yield* issuerOf(token, at)
  const keys = yield* upstream.keys
  const { payload } = yield* Effect.tryPromise({
    try: () =>
      jwtVerify(token, keys, {
        issuer: provider.issuer,
        audience: client,
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
  const note = sub === undefined ? (named ?? "") : `${provider.name} ${sub}`
  const known = yield* Effect.promise(() => store.get(SESSION, keyOf(provider.issuer, note)))
  const person = known?.["subject"] ?? (sub === undefined ? undefined : subjectOf(provider.issuer, sub))
  return { provider: provider.name, person: typeof person === "string" ? person : undefined }
})

/** The provider that the token says it is of, by our client there: two of one issuer are told apart by that. */
const issuerOf = Effect.fnUntraced(function* (token: string, at: readonly LoginAt[]) {
  const claims = yield* Effect.try({
    try: () => decodeJwt(token),
    catch: () => new LogoutTokenInvalid({ reason: "it is no JWT" }),
  })
  const audiences = [claims.aud ?? []].flat()
  for (const { provider, upstream } of at) {
    if (provider.kind !== "oidc" || provider.client === undefined || provider.issuer !== claims.iss) continue
    if (audiences.includes(provider.client.id)) return { provider, upstream, client: provider.client.id }
  }
  return yield* new LogoutTokenInvalid({ reason: "it is of no provider that people log in at, or for another client" })
})
