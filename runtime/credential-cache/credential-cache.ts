/**
 * Keeps exchanged credentials for as long as they may be used again.
 *
 * The exchange is a function of its declared inputs and of nothing else, and the key is the digest of all of them: an input
 * cannot be forgotten in the key, because what is not in it does not reach the exchange. Secret inputs take part by value,
 * and the key holds none of them.
 *
 * Built on Effect's Cache, which gives single flight (a waiter that is interrupted does not cancel the others), the bound on
 * the number of entries with the least recently used one out first, and a lifetime for each entry. Added here: refreshing
 * ahead of the end while the old value still serves. Cache.refresh is not used for it, since it drops the old value when the
 * refresh fails, and an outage of STS must not cost a credential that is still good.
 *
 * @module
 */
import { hash } from "node:crypto"
import { Cache, Clock, Effect, Equal, Exit, Hash, Random, Redacted, Result, type Scope } from "effect"

/** What an exchange depends on, by name. */
export type Inputs = Readonly<Record<string, string | number | undefined | Redacted.Redacted<string>>>

/** An exchanged value and its end. */
export interface Lease<A> {
  readonly value: A
  /** Epoch milliseconds. From then on it is not handed out. */
  readonly usableUntil: number
  /** Would the same inputs bring a longer life later? Not when the end is that of the source token among them. */
  readonly renewable: boolean
}

export interface Options<I extends Inputs, A, E> {
  readonly exchange: (inputs: I) => Effect.Effect<Lease<A>, E>
  /** The most entries kept. */
  readonly capacity: number
  /** Milliseconds for which a failure is answered again without asking: 0 for one that may be over the next moment. */
  readonly remember: (failure: E) => number
  /** The failure when what the exchange brought is past its end already. */
  readonly spent: () => E
}

export interface CredentialCache<I extends Inputs, A, E> {
  /** A value that is kept, good, and not about to be refreshed: there without waiting. */
  readonly kept: (inputs: I) => A | undefined
  readonly get: (inputs: I) => Effect.Effect<{ readonly value: A; readonly cached: boolean }, E>
  /** What these inputs brought is not handed out again: whoever it was shown to does not take it. */
  readonly forget: (inputs: I) => Effect.Effect<void>
}

/** Of a value's life, the part after which it is refreshed: drawn anew for each value, so that refreshes do not bunch up. */
const REFRESH_FROM = 0.7
const REFRESH_TO = 0.9
/** Milliseconds between two attempts at refreshing one value. */
const REFRESH_PAUSE = 5_000

interface Entry<A> extends Lease<A> {
  /** Epoch milliseconds; moved on while a refresh is under way and after one failed. */
  refreshAt: number
}

export const make = Effect.fnUntraced(function* <I extends Inputs, A, E>(
  options: Options<I, A, E>,
): Effect.fn.Return<CredentialCache<I, A, E>, never, Scope.Scope> {
  const scope = yield* Effect.scope

  const lookup = Effect.fnUntraced(function* ({ inputs }: Key<I>) {
    const from = yield* Clock.currentTimeMillis
    const lease = yield* options.exchange(inputs)
    const part = yield* Random.nextBetween(REFRESH_FROM, REFRESH_TO)
    const refreshAt = lease.renewable ? from + (lease.usableUntil - from) * part : Number.POSITIVE_INFINITY
    return { ...lease, refreshAt } satisfies Entry<A> as Entry<A>
  })

  const clock = yield* Clock.Clock
  /** The entries of the cache once more, to be had without a fiber. */
  const ready = new Map<string, Entry<A>>()
  const makeReady = ({ digest }: Key<I>, entry: Entry<A>) => {
    ready.delete(digest)
    const [oldest] = ready.size < options.capacity ? [] : ready.keys()
    if (oldest !== undefined) ready.delete(oldest)
    ready.set(digest, entry)
  }
  const cache = yield* Cache.makeWith(lookup, {
    capacity: options.capacity,
    timeToLive: (exit) => {
      if (Exit.isSuccess(exit)) return Math.max(0, exit.value.usableUntil - clock.currentTimeMillisUnsafe())
      const failure = Exit.findError(exit)
      return Result.isSuccess(failure) ? options.remember(failure.success) : 0
    },
  })

  const refresh = (key: Key<I>) =>
    lookup(key).pipe(
      Effect.flatMap((entry) => {
        makeReady(key, entry)
        return Cache.set(cache, key, entry)
      }),
      // The old value serves on, and the next request after the pause tries again.
      Effect.ignore,
    )

  return {
    kept: (inputs) => {
      const entry = ready.get(digestOf(inputs))
      if (entry === undefined) return undefined
      const now = clock.currentTimeMillisUnsafe()
      return now < entry.usableUntil && now < entry.refreshAt ? entry.value : undefined
    },
    get: Effect.fnUntraced(function* (inputs) {
      const key = new Key(inputs)
      const cached = yield* Cache.has(cache, key)
      const entry = yield* Cache.get(cache, key)
      const now = clock.currentTimeMillisUnsafe()
      if (now >= entry.usableUntil) return yield* Effect.fail(options.spent())
      if (now >= entry.refreshAt) {
        entry.refreshAt = now + REFRESH_PAUSE
        yield* Effect.forkIn(refresh(key), scope)
      } else if (ready.get(key.digest) !== entry) makeReady(key, entry)
      return { value: entry.value, cached }
    }),
    forget: (inputs) =>
      Effect.suspend(() => {
        const key = new Key(inputs)
        ready.delete(key.digest)
        return Cache.invalidate(cache, key)
      }),
  }
})

/** Equal to another key when every input is equal. */
class Key<I extends Inputs> {
  readonly inputs: I
  readonly digest: string

  constructor(inputs: I) {
    this.inputs = inputs
    this.digest = digestOf(inputs)
  }

  [Equal.symbol](that: unknown): boolean {
    return that instanceof Key && this.digest === that.digest
  }

  [Hash.symbol](): number {
    return Hash.string(this.digest)
  }
}

/** Names and lengths are part of what is hashed, so that no two sets of inputs read the same. */
const digestOf = (inputs: Inputs): string => {
  const parts: unknown[] = []
  for (const name of Object.keys(inputs).sort()) {
    const value = inputs[name]
    const plain = Redacted.isRedacted(value) ? Redacted.value(value) : value
    parts.push(name, typeof plain, plain === undefined ? null : plain)
  }
  return hash("sha256", JSON.stringify(parts), "base64")
}
