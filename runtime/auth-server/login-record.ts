/**
 * One person's login at one provider, as it is stored, and how it is changed when others may change it at the same time.
 *
 * @module
 */
import { Effect } from "effect"
import { StateUnavailable } from "../failure.ts"
import type { PersonClaims } from "./claims.ts"
import type { Store, Versioned } from "./store.ts"
import type { UpstreamToken } from "./upstream/index.ts"

export interface Login {
  readonly provider: string
  /** The provider's own name for the person. */
  readonly subject: string
  /** What goes into our tokens of it. */
  readonly claims: PersonClaims
  readonly idToken: Kept | undefined
  readonly accessToken: Kept
  readonly refreshToken: string | undefined
  /** Our client there that the refresh token was issued to (RFC 6749 section 6). */
  readonly clientId: string
  /** The provider has been seen to leave a refresh token valid that was used. */
  readonly reusable: boolean
  /**
   * Who is about to send the refresh token, written before it is sent. Whoever finds it and is not that one knows that the
   * refresh was cut off: whether the token was used up, nobody knows.
   */
  readonly sending: string | undefined
  /** Only a new login brings new tokens. */
  readonly over: boolean
}

/** Epoch seconds. */
export interface Kept extends UpstreamToken {
  readonly since: number
}

/** Seconds of life a token should have left when it is handed out. */
export const AHEAD = 60
/** Seconds below which a token is as good as expired: it would not survive the way to who it is shown to. */
export const LAST = 5
/** Seconds a caller is told to wait when a provider is out. */
export const RETRY_AFTER = 5

/** `now`: epoch seconds. */
export const left = (token: Kept | undefined, now: number): number =>
  token === undefined ? 0 : token.expiresAt === undefined ? Number.POSITIVE_INFINITY : token.expiresAt - now

/**
 * Has it more than the margin left? For a token that lives shorter than the margins are meant for, a fifth of its life, or
 * it would be renewed at every use.
 */
export const has = (margin: number, token: Kept | undefined, now: number): token is Kept => {
  if (token === undefined) return false
  const life = (token.expiresAt ?? Number.POSITIVE_INFINITY) - token.since
  return left(token, now) > Math.min(margin, life / 5)
}

/** Can a token of it be had without the person? */
export const isObtainable = ({ refreshToken, idToken, accessToken }: Login, now: number): boolean =>
  refreshToken !== undefined || has(LAST, accessToken, now) || has(LAST, idToken, now)

/** For the journal: what a reader knows the person by. */
export const nameOf = ({ claims, subject }: Login): string => {
  const known = claims["email"] ?? claims["name"]
  return typeof known === "string" ? known : subject
}

const KIND = "Login"

/** Tries at a change that others come in between of. */
const TRIES = 20

export interface LoginRecords {
  readonly find: (subject: string) => Effect.Effect<Login | undefined, StateUnavailable>
  /**
   * Changes the login as it is at that moment; `change` may be asked again where somebody else was faster. Undefined leaves it
   * as it is. Answers what is stored then.
   */
  readonly update: (
    subject: string,
    change: (before: Login | undefined) => Login | undefined,
  ) => Effect.Effect<Login | undefined, StateUnavailable>
  /** Takes the turn of a login, and says whether it did: one refreshes or replaces it at a time. `seconds`: for how long. */
  readonly takeTurn: (subject: string, owner: string, seconds: number) => Effect.Effect<boolean, StateUnavailable>
  readonly endTurn: (subject: string, owner: string) => Effect.Effect<void>
}

/** The logins at one provider. `ttl`: seconds that a login is kept without being renewed. */
export const loginRecords = (store: Store, provider: string, ttl: number): LoginRecords => {
  const idOf = (subject: string) => `${subject}.${provider}`
  const turnOf = (subject: string) => `${KIND} ${idOf(subject)}`
  /** Not to be had is not the same as not being there: nobody is sent to log in because of it. */
  const stored = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({
      try: run,
      catch: () =>
        new StateUnavailable({ detail: "logins cannot be looked up at the moment", retryAfter: RETRY_AFTER }),
    })
  const write = (subject: string, before: Versioned | undefined, next: Login) => {
    // All records of a person can be removed together.
    const options = { ttl, group: subject }
    const record = { ...next }
    return before === undefined
      ? store.create(KIND, idOf(subject), record, options)
      : store.replace(KIND, idOf(subject), before.version, record, options)
  }
  return {
    find: (subject) =>
      Effect.map(
        stored(() => store.get(KIND, idOf(subject))),
        (record) => record as Login | undefined,
      ),
    update: Effect.fnUntraced(function* (subject, change) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const before = yield* stored(() => store.read(KIND, idOf(subject)))
        const login = before?.record as Login | undefined
        const next = change(login)
        if (next === undefined) return login
        if (yield* stored(() => write(subject, before, next))) return next
      }
      return yield* new StateUnavailable({ detail: "the login is changed by many at once", retryAfter: RETRY_AFTER })
    }),
    takeTurn: (subject, owner, seconds) => stored(() => store.lease(turnOf(subject), owner, seconds)),
    endTurn: (subject, owner) => Effect.ignore(stored(() => store.release(turnOf(subject), owner))),
  }
}
