/**
 * What is kept of each person's login: the upstream's tokens and the claims that go into ours.
 *
 * A login is alive until the provider says that its refresh token is no longer good, or a token is needed and can no longer
 * be had. From then on the server's own refresh grant and browser session do not stand in for a login either: only so does
 * a client's re-authorization bring fresh upstream tokens, and not the same dead end again.
 *
 * @module
 */
import { Clock, Effect, Fiber, Redacted, type Scope, Semaphore } from "effect"
import { type Failure, IssuerUnavailable, LoginExpired, PipelineBroken } from "../failure.ts"
import type { BearerToken } from "../pipeline/credential.ts"
import type { AuthServer, OidcProvider, TokenRef } from "../plan.ts"
import { needsUserinfo, type PersonClaims, personClaims, subjectOf } from "./claims.ts"
import type { Events } from "./events.ts"
import type { Store } from "./store.ts"
import type { ProviderFailed, Upstream, UpstreamToken, UpstreamTokens } from "./upstream.ts"

const KIND = "Login"

/** Seconds of life a token should have left when it is handed out. */
const AHEAD = 60
/** Seconds below which a token is as good as expired: it would not survive the way to who it is shown to. */
const LAST = 5
/** Seconds a caller is told to wait when a provider is out. */
const RETRY_AFTER = 5

/** One person's login at one provider, as it is stored. */
interface Login {
  readonly provider: string
  /** The provider's own `sub`. */
  readonly subject: string
  readonly claims: PersonClaims
  readonly idToken: Kept | undefined
  readonly accessToken: Kept
  readonly refreshToken: string | undefined
  /** Only a new login brings new tokens. */
  readonly over: boolean
}

/** Epoch seconds. */
interface Kept extends UpstreamToken {
  readonly since: number
}

export interface Logins {
  /** Keeps a new login and returns the person's `sub` in our tokens. A refresh token of before stays when none came. */
  readonly keep: (tokens: UpstreamTokens) => Effect.Effect<{ subject: string; claims: PersonClaims }, ProviderFailed>
  /** The claims for our tokens; undefined when the person has to log in. */
  readonly claims: (subject: string) => Effect.Effect<PersonClaims | undefined>
  /**
   * As `claims`, for our refresh grant: when the upstream's tokens have expired, the provider is asked first, so that who was
   * shut out there is shut out here, and claims that changed there change here. An outage of the provider is put up with.
   */
  readonly revalidated: (subject: string) => Effect.Effect<PersonClaims | undefined>
  readonly token: (subject: string, ref: TokenRef) => Effect.Effect<BearerToken, Failure>
  /**
   * Nothing uses the login any more: it ends here, and where `tell`, its refresh token at the provider. That the provider
   * cannot be told is in the journal.
   */
  readonly release: (subject: string, why: string, tell: boolean) => Effect.Effect<void>
}

/** `ttl`: seconds that a login is kept without being renewed. */
export const makeLogins = Effect.fn("AuthServer.logins")(function* (options: {
  readonly config: AuthServer
  readonly provider: OidcProvider
  readonly upstream: Upstream
  readonly store: Store
  readonly events: Events
  readonly ttl: number
}) {
  const { config, provider, upstream, store, events, ttl } = options
  const clock = yield* Clock.Clock
  const scope: Scope.Scope = yield* Effect.scope
  const now = () => Math.floor(clock.currentTimeMillisUnsafe() / 1000)

  const find = (subject: string) =>
    Effect.map(
      Effect.promise(() => store.get(KIND, subject)),
      (record) => record as Login | undefined,
    )
  const save = (subject: string, login: Login) => Effect.promise(() => store.put(KIND, subject, { ...login }, { ttl }))
  const kept = (token: UpstreamToken): Kept => ({ value: token.value, expiresAt: token.expiresAt, since: now() })

  const gather = Effect.fnUntraced(function* (tokens: UpstreamTokens, subject: string) {
    const idToken = tokens.idToken?.claims ?? {}
    const userinfo = needsUserinfo(config, provider, idToken)
      ? yield* upstream.userinfo(tokens.accessToken.value, subject)
      : {}
    return personClaims(config, provider, { idToken, userinfo })
  })

  /**
   * One writer per person at a time: a refresh that ends after a new login has been kept must not put the old login's tokens
   * back in its place.
   */
  const writers = new Map<string, { readonly turn: Semaphore.Semaphore; waiting: number }>()
  const alone = <A, E, R>(subject: string, write: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const writer = writers.get(subject) ?? { turn: Semaphore.makeUnsafe(1), waiting: 0 }
      writers.set(subject, writer)
      writer.waiting++
      return Effect.ensuring(
        writer.turn.withPermit(write),
        Effect.sync(() => {
          if (--writer.waiting === 0) writers.delete(subject)
        }),
      )
    })

  const keep: Logins["keep"] = Effect.fn("Logins.keep")(function* (tokens) {
    const upstreamSubject = String(tokens.idToken?.claims["sub"])
    const subject = subjectOf(provider.issuer, upstreamSubject)
    const claims = yield* gather(tokens, upstreamSubject)
    yield* alone(
      subject,
      Effect.flatMap(find(subject), (before) =>
        save(subject, {
          provider: provider.name,
          subject: upstreamSubject,
          claims,
          idToken: tokens.idToken === undefined ? undefined : kept(tokens.idToken),
          accessToken: kept(tokens.accessToken),
          refreshToken: tokens.refreshToken ?? before?.refreshToken,
          over: false,
        }),
      ),
    )
    return { subject, claims }
  })

  /** The login is over: nothing but a new one helps. */
  const end = Effect.fnUntraced(function* (subject: string, login: Login, why: string) {
    yield* save(subject, { ...login, refreshToken: undefined, over: true })
    events.write(`login ${provider.name}`, "refused", `${nameOf(login)} has to log in again: ${why}`, { subject })
  })

  /** One refresh of the login that the caller saw, or what has taken its place since. */
  const refreshOnce = Effect.fn("Logins.refresh")(function* (subject: string, seen: Login) {
    const login = yield* find(subject)
    if (login === undefined || login.over) return yield* expired(login)
    // Somebody else's refresh or login came first, unless what it brought has been refused since.
    if (login.accessToken.value !== seen.accessToken.value && left(login.accessToken) > 0) return login
    if (login.refreshToken === undefined) {
      yield* end(subject, login, `${provider.name} gave no refresh token`)
      return yield* expired(login)
    }
    const answer = yield* Effect.result(upstream.refresh(login.refreshToken))
    if (answer._tag === "Failure") {
      const { reason, code, detail } = answer.failure
      // RFC 6749 section 5.2: the one error that says the refresh token itself is no longer good.
      if (reason === "refused" && code === "invalid_grant") {
        yield* end(subject, login, `${provider.name} no longer accepts the refresh token`)
        return yield* expired(login)
      }
      events.write(`login ${provider.name}`, "failed", `tokens of ${nameOf(login)} not refreshed: ${detail}`, {
        subject,
      })
      return yield* new IssuerUnavailable({
        detail: `${provider.name} cannot refresh the login at the moment`,
        retryAfter: RETRY_AFTER,
      })
    }
    const tokens = answer.success
    // OpenID Connect Core section 12.2: the same person, or it is not a refresh.
    if (tokens.idToken !== undefined && tokens.idToken.claims["sub"] !== login.subject) {
      yield* end(subject, login, `${provider.name} answered with somebody else's token`)
      return yield* expired(login)
    }
    const claims =
      tokens.idToken === undefined
        ? login.claims
        : yield* Effect.orElseSucceed(gather(tokens, login.subject), () => login.claims)
    const renewed: Login = {
      ...login,
      claims,
      idToken: tokens.idToken === undefined ? login.idToken : kept(tokens.idToken),
      accessToken: kept(tokens.accessToken),
      // A provider that rotates has used up the one we sent: the new one is stored before anything else is done with it.
      refreshToken: tokens.refreshToken ?? login.refreshToken,
    }
    yield* save(subject, renewed)
    events.write(`login ${provider.name}`, "ok", `tokens of ${nameOf(login)} refreshed`, { subject })
    return renewed
  })

  /**
   * One refresh per person at a time: a rotating refresh token that is used twice ends the login. It runs in the server's own
   * scope, so that a caller who hangs up cannot stop it between use and storing.
   */
  const flights = new Map<string, Fiber.Fiber<Login, LoginExpired | IssuerUnavailable>>()
  const refresh = (subject: string, seen: Login) =>
    Effect.suspend(() => {
      const running = flights.get(subject)
      if (running !== undefined) return Fiber.join(running)
      return Effect.uninterruptible(alone(subject, refreshOnce(subject, seen))).pipe(
        Effect.ensuring(Effect.sync(() => flights.delete(subject))),
        Effect.forkIn(scope),
        Effect.tap((fiber) => Effect.sync(() => flights.set(subject, fiber))),
        Effect.flatMap(Fiber.join),
      )
    })

  const expired = (login: Login | undefined) =>
    Effect.fail(
      new LoginExpired({
        detail:
          login === undefined ? "the login is not known here any more" : `the login at ${provider.name} has ended`,
      }),
    )

  const left = (token: Kept | undefined) =>
    token === undefined ? 0 : token.expiresAt === undefined ? Number.POSITIVE_INFINITY : token.expiresAt - now()

  /**
   * Has it more than the margin left? For a token that lives shorter than the margins are meant for, a fifth of its life, or
   * it would be renewed at every use.
   */
  const has = (margin: number, token: Kept | undefined): token is Kept => {
    if (token === undefined) return false
    const life = (token.expiresAt ?? Number.POSITIVE_INFINITY) - token.since
    return left(token) > Math.min(margin, life / 5)
  }

  /** The token is no good whatever its expiry says: the next use refreshes, and where that cannot be, the login is over. */
  const refused = (subject: string, kind: TokenRef["kind"], value: string) =>
    alone(
      subject,
      Effect.flatMap(find(subject), (login) => {
        if (login === undefined || login.over) return Effect.void
        const { idToken, accessToken } = login
        const spent = kind === "id_token" ? idToken : accessToken
        if (spent?.value !== value) return Effect.void
        if (login.refreshToken === undefined) return end(subject, login, "its token was refused")
        const gone = { ...spent, expiresAt: 0 }
        return save(subject, { ...login, ...(kind === "id_token" ? { idToken: gone } : { accessToken: gone }) })
      }),
    )

  const token: Logins["token"] = Effect.fn("Logins.token")(function* (subject, ref) {
    if (ref.issuer !== provider.name) {
      return yield* new PipelineBroken({ detail: `nobody logs in at ${ref.issuer} here` })
    }
    const pick = (login: Login) => (ref.kind === "id_token" ? login.idToken : login.accessToken)
    const asBearer = ({ value, expiresAt }: Kept): BearerToken => ({
      ref,
      value: Redacted.make(value),
      expiresAt,
      refused: refused(subject, ref.kind, value),
    })

    const login = yield* find(subject)
    if (login === undefined || login.over) return yield* expired(login)
    const current = pick(login)
    if (has(AHEAD, current)) return asBearer(current)
    if (login.refreshToken === undefined && has(LAST, current)) return asBearer(current)

    const renewed = yield* Effect.result(refresh(subject, login))
    if (renewed._tag === "Failure") {
      // The provider is out, and the token at hand is still good for this request.
      if (renewed.failure._tag === "IssuerUnavailable" && has(LAST, current)) {
        return asBearer(current)
      }
      return yield* renewed.failure
    }
    const after = pick(renewed.success)
    if (has(LAST, after)) return asBearer(after)
    // OpenID Connect Core section 12.2 lets a refresh bring no ID token: then only a login brings one.
    yield* alone(
      subject,
      Effect.flatMap(find(subject), (stored) =>
        stored !== undefined && stored.accessToken.value === renewed.success.accessToken.value
          ? end(subject, stored, `${provider.name} refreshes no ${ref.kind}`)
          : Effect.void,
      ),
    )
    return yield* expired(login)
  })

  const claims: Logins["claims"] = (subject) =>
    Effect.map(find(subject), (login) => (login === undefined || login.over ? undefined : login.claims))

  const revalidated: Logins["revalidated"] = Effect.fn("Logins.revalidated")(function* (subject) {
    const login = yield* find(subject)
    if (login === undefined || login.over) return undefined
    const spent = left(login.accessToken) <= 0 || (login.idToken !== undefined && left(login.idToken) <= 0)
    if (login.refreshToken !== undefined && spent) {
      const renewed = yield* Effect.result(refresh(subject, login))
      if (renewed._tag === "Success") return renewed.success.claims
      return renewed.failure._tag === "LoginExpired" ? undefined : login.claims
    }
    return login.claims
  })

  const release: Logins["release"] = Effect.fn("Logins.release")(function* (subject, why, tell) {
    const ended = yield* alone(
      subject,
      Effect.gen(function* () {
        const login = yield* find(subject)
        if (login === undefined || login.over) return undefined
        yield* save(subject, { ...login, refreshToken: undefined, over: true })
        events.write(`login ${provider.name}`, "ok", `the login of ${nameOf(login)} has ended: ${why}`, { subject })
        return login
      }),
    )
    if (!tell || ended?.refreshToken === undefined) return
    const told = yield* Effect.result(upstream.revoke(ended.refreshToken))
    if (told._tag === "Failure") {
      const { detail } = told.failure
      events.write(
        `login ${provider.name}`,
        "failed",
        `${provider.name} was not told of the end of a login: ${detail}`,
        {
          subject,
        },
      )
    }
  })

  return { keep, claims, revalidated, token, release } satisfies Logins
})

/** For the journal: what a reader knows the person by. */
const nameOf = ({ claims, subject }: Login) => {
  const known = claims["email"] ?? claims["name"]
  return typeof known === "string" ? known : subject
}
