/**
 * A signing key is published before it signs: whoever verifies our tokens has our key set in a cache, and refuses a token of a key
 * that is not in it yet.
 *
 * So the first key of the plan signs only when it has been in the key set for a while, and until then the one that signed before
 * goes on. When a key was first seen is kept in the store, for restarts and for replicas that learn of it one after the other.
 * Where no key has been known before (a new server), or the old ones are gone from the plan, there is nothing to wait with.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import type { Events } from "./events.ts"
import type { SigningKey, SigningKeys } from "./keys.ts"
import type { Store } from "./store.ts"

/** Seconds: twice what our answer lets caches keep the key set (engine.ts), which is also what `jose` keeps one for. */
export const AHEAD = 600
/** Seconds after which a store that is out is asked again. */
const AGAIN = 5

const KIND = "SigningKey"

export interface Turn {
  readonly current: SigningKey
  /** Seconds until another one signs. */
  readonly changesIn: number | undefined
}

/** Notes keys that were not seen before, and says whose turn it is. `now`: epoch seconds. */
export const turnOf = async (store: Store, keys: readonly SigningKey[], now: number): Promise<Turn> => {
  const seen = await Promise.all(
    keys.map(async (key) => {
      await store.create(KIND, key.kid, { since: now })
      const since = (await store.get(KIND, key.kid))?.["since"]
      return { key, since: typeof since === "number" ? since : now }
    }),
  )
  const [first] = seen
  if (first === undefined) throw new Error("no signing key")
  const oldest = seen.reduce((best, each) => (each.since < best.since ? each : best), first)
  const signs = seen.find(({ since }) => since + AHEAD <= now) ?? oldest
  const before = seen.slice(0, seen.indexOf(signs))
  const waits = before.map(({ since }) => Math.max(1, since + AHEAD - now))
  return { current: signs.key, changesIn: waits.length === 0 ? undefined : Math.min(...waits) }
}

/** The keys with the one that signs first. Which that is changes by itself for as long as the scope is open. */
export const publishedFirst = Effect.fn("AuthServer.publishedFirst")(function* (
  keys: SigningKeys,
  store: Store,
  events: Events,
) {
  const clock = yield* Clock.Clock
  // In memory, and in a store that is out, nobody has seen any key.
  let current = keys.current
  const look = Effect.promise(() =>
    turnOf(store, keys.all, Math.floor(clock.currentTimeMillisUnsafe() / 1000)).then(
      (turn) => {
        if (turn.current !== current) events.write("keys", "ok", `tokens are signed with ${turn.current.kid}`)
        current = turn.current
        return turn.changesIn
      },
      () => AGAIN,
    ),
  )
  const first = yield* look
  const follow = (wait: number | undefined): Effect.Effect<void> =>
    wait === undefined ? Effect.void : Effect.flatMap(Effect.andThen(Effect.sleep(wait * 1000), look), follow)
  yield* Effect.forkScoped(follow(first))
  return {
    ...keys,
    get current() {
      return current
    },
    all: [current, ...keys.all.filter((key) => key !== current)],
  } satisfies SigningKeys
})
