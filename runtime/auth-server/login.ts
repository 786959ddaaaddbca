/**
 * The logins of people at one provider: kept, and their tokens refreshed.
 *
 * A login is alive until the provider says that its refresh token is no longer good, or a token is needed and can no longer
 * be had. From then on the server's own refresh grant and browser session do not stand in for a login either: only so does
 * a client's re-authorization bring fresh upstream tokens, and not the same dead end again.
 *
 * A refresh token may be good for one use. Therefore one refreshes at a time, across all who share the store; that it is about
 * to be sent is written down before, and what came is written down after, and tried until it is. It is sent again only where it
 * is known that no answer came (the provider is out), or that the provider leaves used ones valid. Where a process died in
 * between, neither is known: then the login is over, and the person logs in again. To send it could tell the provider that it
 * was stolen (RFC 9700 section 4.14.2).
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { Clock, Effect, Fiber, Option, Redacted, Schedule, type Scope } from "effect"
import { type Failure, IssuerUnavailable, LoginExpired, type StateUnavailable } from "../failure.ts"
import type { BearerToken } from "../pipeline/credential.ts"
import type { TokenRef } from "../plan.ts"
import type { PersonClaims, Sources } from "./claims.ts"
import type { Events } from "./events.ts"
import {
  AHEAD,
  has,
  type Kept,
  LAST,
  type Login,
  type LoginRecords,
  left,
  nameOf,
  RETRY_AFTER,
} from "./login-record.ts"
import type { Document, Identity, ProviderFailed, Upstream, UpstreamToken, UpstreamTokens } from "./upstream/index.ts"

/** Seconds that a turn is had at a time: longer than discovery, token, keys and userinfo take together. */
const TURN = 60
/** Seconds that a caller waits for somebody else's refresh. */
const PATIENCE = 15
/** Milliseconds between looks at what somebody else does. */
const LOOK = 100

type RefreshFailure = LoginExpired | IssuerUnavailable | StateUnavailable

export interface ProviderLogins {
  /** Keeps what a login brought. A refresh token of before stays when none came, if it is the same person's and client's. */
  readonly keep: (subject: string, identity: Identity, tokens: UpstreamTokens) => Effect.Effect<Login, StateUnavailable>
  readonly find: (subject: string) => Effect.Effect<Login | undefined, StateUnavailable>
  /** The login after the provider was asked, if its tokens have expired. An outage of the provider is put up with. */
  readonly revalidated: (subject: string) => Effect.Effect<Login | undefined, StateUnavailable>
  readonly token: (subject: string, ref: TokenRef) => Effect.Effect<BearerToken, Failure>
  /**
   * Nothing uses the login any more: it ends here, and where `tell`, its refresh token at the provider. That the provider
   * cannot be told is in the journal.
   */
  readonly release: (subject: string, why: string, tell: boolean) => Effect.Effect<void, StateUnavailable>
}

export const makeProviderLogins = Effect.fn("Logins.provider")(function* (options: {
  readonly upstream: Upstream
  readonly records: LoginRecords
  readonly events: Events
  readonly claimsOf: (sources: Sources) => PersonClaims
  readonly needsUserinfo: (idToken: Document) => boolean
}) {
  const { upstream, records, events, claimsOf, needsUserinfo } = options
  const { name: provider } = upstream
  const clock = yield* Clock.Clock
  const scope: Scope.Scope = yield* Effect.scope
  const now = () => Math.floor(clock.currentTimeMillisUnsafe() / 1000)
  const kept = (token: UpstreamToken): Kept => ({ value: token.value, expiresAt: token.expiresAt, since: now() })
  const write = (outcome: "ok" | "failed" | "refused", what: string, subject: string) =>
    events.write(`login ${provider}`, outcome, what, { subject })

  const expired = (login: Login | undefined) =>
    new LoginExpired({
      detail: login === undefined ? `there is no login at ${provider}` : `the login at ${provider} has ended`,
    })

  /** Waits for the turn, runs, and passes it on. Who waits too long fails with `busy`, or runs all the same where it is not said. */
  const inTurn = <A, E, Busy = never>(
    subject: string,
    run: (owner: string) => Effect.Effect<A, E>,
    busy?: Busy,
  ): Effect.Effect<A, E | Busy | StateUnavailable> =>
    Effect.gen(function* () {
      const owner = randomUUID()
      for (let waited = 0; !(yield* records.takeTurn(subject, owner, TURN)); waited += LOOK) {
        if (waited >= PATIENCE * 1000) {
          if (busy === undefined) break
          return yield* Effect.fail(busy)
        }
        yield* Effect.sleep(LOOK)
      }
      return yield* Effect.ensuring(run(owner), records.endTurn(subject, owner))
    })

  /** What came must not be lost to a store that is away for a moment: a used up refresh token would be left in it. */
  const insist = (subject: string, owner: string) => ({
    schedule: Schedule.exponential("100 millis").pipe(Schedule.upTo({ duration: "2 minutes" })),
    while: () => Effect.as(Effect.ignore(records.takeTurn(subject, owner, TURN)), true),
  })

  const keep: ProviderLogins["keep"] = Effect.fn("Logins.keep")(function* (subject, identity, tokens) {
    const changed = (before: Login | undefined): Login => {
      const same = before?.subject === identity.subject && before.clientId === tokens.clientId
      // One that was sent with nobody knowing what became of it is nothing to fall back on.
      const sound = same && (before.sending === undefined || before.reusable)
      return {
        provider,
        subject: identity.subject,
        claims: claimsOf(identity),
        idToken: tokens.idToken === undefined ? undefined : kept(tokens.idToken),
        accessToken: kept(tokens.accessToken),
        refreshToken: tokens.refreshToken ?? (sound ? before.refreshToken : undefined),
        clientId: tokens.clientId,
        reusable: same && before.reusable,
        sending: undefined,
        over: false,
      }
    }
    // A refresh that is under way ends first, so that it does not find the login gone that it is for.
    yield* inTurn(subject, () => records.update(subject, changed))
    return (yield* records.find(subject)) ?? changed(undefined)
  })

  /** The login is over: nothing but a new one helps. Only the one that was seen: another may have taken its place. */
  const end = Effect.fnUntraced(function* (subject: string, seen: Login, why: string) {
    const after = yield* records.update(subject, (login) =>
      login === undefined || login.over || login.accessToken.value !== seen.accessToken.value
        ? undefined
        : { ...login, refreshToken: undefined, sending: undefined, over: true },
    )
    if (after?.over) write("refused", `${nameOf(after)} has to log in again: ${why}`, subject)
  })

  /** One refresh of the login that the caller saw, or what has taken its place since. */
  const refreshOnce = (subject: string, seen: Login) =>
    inTurn(
      subject,
      (owner) =>
        Effect.gen(function* () {
          const login = yield* records.find(subject)
          if (login === undefined || login.over) return yield* expired(login)
          // Somebody else's refresh or login came first, unless what it brought has been refused since.
          if (login.accessToken.value !== seen.accessToken.value && left(login.accessToken, now()) > 0) return login
          const sent = login.refreshToken
          if (sent === undefined) {
            yield* end(subject, login, `${provider} gave no refresh token`)
            return yield* expired(login)
          }
          if (login.sending !== undefined && !login.reusable) {
            yield* end(
              subject,
              login,
              `a refresh at ${provider} was cut off, and what became of its token is not known`,
            )
            return yield* expired(login)
          }
          yield* records.update(subject, (now) => (now?.refreshToken === sent ? { ...now, sending: owner } : undefined))
          const answer = yield* Effect.result(upstream.refresh(sent, login.clientId))
          return answer._tag === "Failure"
            ? yield* notRefreshed(subject, login, owner, answer.failure)
            : yield* refreshed(subject, login, owner, answer.success)
        }),
      new IssuerUnavailable({ detail: `${provider} is being asked`, retryAfter: RETRY_AFTER }),
    )

  /** Puts what came in the place of what was sent: the next refresh goes by it, whoever does it. */
  const settle = (subject: string, owner: string, sent: string | undefined, change: (login: Login) => Login) =>
    records
      .update(subject, (login) => {
        // A new login that came in between has taken the old refresh token along where it brought none itself.
        if (login === undefined || login.refreshToken !== sent) return undefined
        return { ...change(login), sending: undefined }
      })
      .pipe(Effect.retry(insist(subject, owner)))

  const notRefreshed = Effect.fnUntraced(function* (
    subject: string,
    login: Login,
    owner: string,
    { reason, code, detail, refreshToken }: ProviderFailed,
  ) {
    const next = refreshToken === undefined ? login.refreshToken : Redacted.value(refreshToken)
    yield* settle(subject, owner, login.refreshToken, (now) => ({ ...now, refreshToken: next }))
    // RFC 6749 section 5.2: the one error that says the refresh token itself is no longer good.
    if (reason === "refused" && code === "invalid_grant") {
      yield* end(subject, login, `${provider} no longer accepts the refresh token`)
      return yield* expired(login)
    }
    write("failed", `tokens of ${nameOf(login)} not refreshed: ${detail}`, subject)
    return yield* new IssuerUnavailable({
      detail: `${provider} cannot refresh the login at the moment`,
      retryAfter: RETRY_AFTER,
    })
  })

  const refreshed = Effect.fnUntraced(function* (subject: string, login: Login, owner: string, tokens: UpstreamTokens) {
    const sent = login.refreshToken
    const next = tokens.refreshToken ?? sent
    const brought = {
      idToken: tokens.idToken === undefined ? login.idToken : kept(tokens.idToken),
      accessToken: kept(tokens.accessToken),
      refreshToken: next,
      reusable: next === sent,
    }
    // Stored before anything else is done with it. The tokens follow when it is known whose they are.
    yield* settle(subject, owner, sent, (now) => ({ ...now, refreshToken: next, reusable: next === sent }))
    const who = yield* Effect.result(upstream.identify(tokens, needsUserinfo, login.subject))
    // OpenID Connect Core section 12.2: the same person, or it is not a refresh.
    if (who._tag === "Success" && who.success.subject !== login.subject) {
      yield* end(subject, login, `${provider} answered with somebody else's token`)
      return yield* expired(login)
    }
    // An ID token that came says who it is about, whatever the userinfo endpoint does at the moment.
    const claims = who._tag === "Success" && saysMore(who.success) ? claimsOf(who.success) : login.claims
    const renewed = yield* records
      .update(subject, (now) =>
        now === undefined || now.refreshToken !== next || now.over ? undefined : { ...now, ...brought, claims },
      )
      .pipe(Effect.retry(insist(subject, owner)))
    if (renewed === undefined || renewed.over) return yield* expired(renewed)
    write("ok", `tokens of ${nameOf(login)} refreshed`, subject)
    return renewed
  })

  /**
   * One refresh per person at a time in this process. It runs in the server's own scope, so that a caller who hangs up cannot
   * stop it between use and storing.
   */
  const flights = new Map<string, Fiber.Fiber<Login, RefreshFailure>>()
  const refresh = (subject: string, seen: Login): Effect.Effect<Login, RefreshFailure> =>
    Effect.suspend(() => {
      const running = flights.get(subject)
      if (running !== undefined) return Fiber.join(running)
      return Effect.uninterruptible(refreshOnce(subject, seen)).pipe(
        Effect.ensuring(Effect.sync(() => flights.delete(subject))),
        Effect.forkIn(scope),
        Effect.tap((fiber) => Effect.sync(() => flights.set(subject, fiber))),
        Effect.flatMap(Fiber.join),
      )
    }).pipe(
      Effect.timeoutOption(PATIENCE * 1000),
      Effect.flatMap(
        Option.match({
          onSome: Effect.succeed,
          onNone: () => new IssuerUnavailable({ detail: `${provider} takes long to answer`, retryAfter: RETRY_AFTER }),
        }),
      ),
    )

  /** The token is no good whatever its expiry says: the next use refreshes, and where that cannot be, the login is over. */
  const refused = (subject: string, kind: TokenRef["kind"], value: string) =>
    Effect.gen(function* () {
      const spent = (login: Login) => (kind === "id_token" ? login.idToken : login.accessToken)
      const login = yield* records.find(subject)
      if (login === undefined || login.over || spent(login)?.value !== value) return
      if (login.refreshToken === undefined) return yield* end(subject, login, "its token was refused")
      yield* records.update(subject, (now) => {
        const token = now && spent(now)
        if (now === undefined || token?.value !== value) return undefined
        const gone = { ...token, expiresAt: 0 }
        return { ...now, ...(kind === "id_token" ? { idToken: gone } : { accessToken: gone }) }
      })
    }).pipe(Effect.ignore)

  const token: ProviderLogins["token"] = Effect.fn("Logins.token")(function* (subject, ref) {
    const pick = (login: Login) => (ref.kind === "id_token" ? login.idToken : login.accessToken)
    const asBearer = ({ value, expiresAt }: Kept): BearerToken => ({
      ref,
      value: Redacted.make(value),
      expiresAt,
      refused: refused(subject, ref.kind, value),
    })

    const login = yield* records.find(subject)
    if (login === undefined || login.over) return yield* expired(login)
    const current = pick(login)
    if (has(AHEAD, current, now())) return asBearer(current)
    if (login.refreshToken === undefined && has(LAST, current, now())) return asBearer(current)

    const renewed = yield* Effect.result(refresh(subject, login))
    if (renewed._tag === "Failure") {
      // The provider is out, and the token at hand is still good for this request.
      if (renewed.failure._tag !== "LoginExpired" && has(LAST, current, now())) return asBearer(current)
      return yield* renewed.failure
    }
    const after = pick(renewed.success)
    if (has(LAST, after, now())) return asBearer(after)
    // OpenID Connect Core section 12.2 lets a refresh bring no ID token: then only a login brings one.
    yield* end(subject, renewed.success, `${provider} refreshes no ${ref.kind}`)
    return yield* expired(login)
  })

  const revalidated: ProviderLogins["revalidated"] = Effect.fn("Logins.revalidated")(function* (subject) {
    const login = yield* records.find(subject)
    if (login === undefined || login.over) return undefined
    const { accessToken, idToken } = login
    const spent = left(accessToken, now()) <= 0 || (idToken !== undefined && left(idToken, now()) <= 0)
    if (login.refreshToken === undefined || !spent) return login
    const renewed = yield* Effect.result(refresh(subject, login))
    if (renewed._tag === "Success") return renewed.success
    return renewed.failure._tag === "LoginExpired" ? undefined : login
  })

  const release: ProviderLogins["release"] = Effect.fn("Logins.release")(function* (subject, why, tell) {
    let ended: Login | undefined
    yield* records.update(subject, (login) => {
      ended = login?.over ? undefined : login
      return ended && { ...ended, refreshToken: undefined, sending: undefined, over: true }
    })
    if (ended === undefined) return
    write("ok", `the login of ${nameOf(ended)} has ended: ${why}`, subject)
    if (!tell || ended.refreshToken === undefined) return
    const told = yield* Effect.result(upstream.revoke(ended.refreshToken, ended.clientId))
    if (told._tag === "Failure")
      write("failed", `${provider} was not told of the end of a login: ${told.failure.detail}`, subject)
  })

  return { keep, find: records.find, revalidated, token, release } satisfies ProviderLogins
})

/** Did the provider say anything of the person, beyond that it is still the same? */
const saysMore = ({ idToken, userinfo }: Identity): boolean =>
  Object.keys(idToken).length > 0 || Object.keys(userinfo).length > 0
