/**
 * The logins of the server's people, at every provider that they log in at: what is kept of each, and who needs which.
 *
 * The first provider of the plan says who a person is. A login at a further one belongs to that person, and is asked for where
 * something needs it: a flow that shows somebody its token, or claims of it that go into our tokens. What none of the flows
 * that are asked for needs, is asked of nobody, and its end ends nothing.
 *
 * @module
 */
import { Effect } from "effect"
import { type Failure, PipelineBroken, type StateUnavailable } from "../failure.ts"
import type { BearerToken } from "../pipeline/credential.ts"
import type { AuthServer, Provider, TokenRef } from "../plan.ts"
import type { ProtectedResource } from "./auth-server.ts"
import { joinedClaims, needsUserinfo, type PersonClaims, personClaims, subjectOf } from "./claims.ts"
import type { Events } from "./events.ts"
import { makeProviderLogins, type ProviderLogins } from "./login.ts"
import { isObtainable, type Login, loginRecords } from "./login-record.ts"
import { type Store, StoreUnavailable } from "./store.ts"
import type { ProviderFailed, Upstream, UpstreamTokens } from "./upstream/index.ts"

/** What a login made known. */
export interface Kept {
  /** The person's `sub` in our tokens. */
  readonly subject: string
  readonly claims: PersonClaims
}

export interface Logins {
  /**
   * Keeps a new login at `upstream`. `person`: whose it is, `sub` in our tokens, where the person is known already; the first
   * provider's logins say it themselves.
   */
  readonly keep: (
    upstream: Upstream,
    tokens: UpstreamTokens,
    person: string | undefined,
  ) => Effect.Effect<Kept, ProviderFailed>
  /** The claims for our tokens; undefined when the person has to log in. */
  readonly claims: (subject: string) => Effect.Effect<PersonClaims | undefined>
  /**
   * The provider that the person has to log in at next, for the flows of these resources. `done`: logged in at just now, which
   * has to do. Undefined when nothing is missing.
   */
  readonly missing: (
    subject: string,
    resources: readonly ProtectedResource[],
    done: ReadonlySet<string>,
  ) => Effect.Effect<Upstream | undefined>
  /**
   * As `claims`, for our refresh grant: where the upstream's tokens have expired, the provider is asked first, so that who was
   * shut out there is shut out here, and claims that changed there change here. Only the providers are asked that the flows of
   * these resources need; undefined when the login at one of them is over.
   */
  readonly revalidated: (
    subject: string,
    resources: readonly ProtectedResource[],
  ) => Effect.Effect<PersonClaims | undefined>
  readonly token: (subject: string, ref: TokenRef) => Effect.Effect<BearerToken, Failure>
  /**
   * Nothing uses the person's logins any more, or that at `provider` where it is said: they end here, and where `tell`, their
   * refresh tokens at the providers.
   */
  readonly release: (subject: string, why: string, tell: boolean, provider?: string) => Effect.Effect<void>
}

/** A provider that people log in at, and us as its client. */
export interface LoginAt {
  readonly provider: Provider
  readonly upstream: Upstream
}

/** `at`: in the plan's order. `ttl`: seconds that a login is kept without being renewed. */
export const makeLogins = Effect.fn("AuthServer.logins")(function* (options: {
  readonly config: AuthServer
  readonly at: readonly [LoginAt, ...LoginAt[]]
  readonly store: Store
  readonly events: Events
  readonly ttl: number
}) {
  const { config, at, store, events, ttl } = options
  const [identity] = at
  const logins = new Map<string, ProviderLogins>()
  for (const { provider, upstream } of at) {
    const made = yield* makeProviderLogins({
      upstream,
      records: loginRecords(store, provider.name, ttl),
      events,
      claimsOf: (sources) => personClaims(config, provider, sources),
      needsUserinfo: (idToken) => needsUserinfo(config, provider, idToken),
    })
    logins.set(provider.name, made)
  }
  /** Whose claims go into every token. */
  const carrying = new Set(config.claims.map(({ provider }) => provider))
  const isNeeded = (name: string, resources: readonly ProtectedResource[]) =>
    name === identity.provider.name || carrying.has(name) || resources.some((each) => each.logins?.includes(name))

  const isAlive = (login: Login | undefined): login is Login => login !== undefined && !login.over

  const joined = Effect.fnUntraced(function* (found: (name: string) => Effect.Effect<Login | undefined>) {
    const claims = new Map<string, PersonClaims>()
    for (const { provider } of at) {
      if (provider.name !== identity.provider.name && !carrying.has(provider.name)) continue
      const login = yield* found(provider.name)
      if (isAlive(login)) claims.set(provider.name, login.claims)
      else if (provider.name === identity.provider.name) return undefined
    }
    return joinedClaims(config, (name) => claims.get(name))
  })

  const loginsAt = (name: string): ProviderLogins | undefined => logins.get(name)
  const find = (name: string, subject: string) =>
    orStoreAway(loginsAt(name)?.find(subject) ?? Effect.succeed(undefined))

  return {
    keep: Effect.fn("Logins.keep")(function* (upstream, tokens, person) {
      const provider = at.find(({ upstream: each }) => each === upstream)?.provider ?? identity.provider
      const who = yield* upstream.identify(tokens, (idToken) => needsUserinfo(config, provider, idToken))
      const subject = person ?? subjectOf(upstream.realm, who.subject)
      yield* orStoreAway(loginsAt(provider.name)?.keep(subject, who, tokens) ?? Effect.void)
      return { subject, claims: personClaims(config, provider, who) }
    }),
    claims: (subject) => joined((name) => find(name, subject)),
    missing: Effect.fn("Logins.missing")(function* (subject, resources, done) {
      const now = Date.now() / 1000
      for (const { provider, upstream } of at) {
        const { name } = provider
        if (!isNeeded(name, resources) || done.has(name)) continue
        const login = yield* find(name, subject)
        const shown = resources.some((each) => each.logins?.includes(name))
        if (!isAlive(login) || (shown && !isObtainable(login, now))) return upstream
      }
      return undefined
    }),
    revalidated: Effect.fn("Logins.revalidated")(function* (subject, resources) {
      const asked = new Map<string, Login>()
      for (const { provider } of at) {
        const { name } = provider
        if (!isNeeded(name, resources)) continue
        const login = yield* orStoreAway(loginsAt(name)?.revalidated(subject) ?? Effect.succeed(undefined))
        if (!isAlive(login)) return undefined
        asked.set(name, login)
      }
      return yield* joined((name) => Effect.succeed(asked.get(name)))
    }),
    token: Effect.fn("Logins.token")(function* (subject, ref) {
      const found = loginsAt(ref.issuer)
      if (found === undefined) return yield* new PipelineBroken({ detail: `nobody logs in at ${ref.issuer} here` })
      return yield* found.token(subject, ref)
    }),
    release: Effect.fn("Logins.release")(function* (subject: string, why: string, tell: boolean, provider?: string) {
      for (const [name, each] of logins)
        if (provider === undefined || provider === name) yield* orStoreAway(each.release(subject, why, tell))
    }),
  } satisfies Logins
})

/** A store that is out is nobody's refusal: who serves the request answers it as an outage (state-away.ts). */
const orStoreAway = <A>(effect: Effect.Effect<A, StateUnavailable>): Effect.Effect<A> =>
  Effect.catch(effect, ({ detail }) => Effect.die(new StoreUnavailable(detail)))
