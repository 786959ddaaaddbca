/**
 * The state of the authorization servers of one running proxy: which store each has, and the secrets that go with it. It
 * outlives a reload of the plan.
 *
 * A server whose plan names a Redis keeps it there. Any other keeps it in a file of the directory that whoever runs the
 * plan gives, or else in memory.
 *
 * @module
 */
import { Effect, Scope } from "effect"
import { Journal } from "../../journal.ts"
import type { AuthServer as Config, RedisStorage } from "../../plan.ts"
import type { Secrets } from "../../secrets.ts"
import { makeEvents } from "../events.ts"
import { freshRoot, hmacRoots, type Roots } from "../root-secrets.ts"
import { AuthServerMisconfigured, type StartFailure, StateUnusable } from "../start-failure.ts"
import type { Store } from "../store.ts"
import { memoryStore } from "./memory.ts"
import { redisVault } from "./redis.ts"
import { inspect, redisConnection } from "./redis-client.ts"
import { sealedStore } from "./sealed.ts"
import { type StateFiles, stateFiles } from "./state-directory.ts"
import type { Vault } from "./vault.ts"

export interface State {
  readonly store: Store
  /** What the server's symmetric keys are derived from. */
  readonly roots: Roots
}

/** Opens the state of a server, for the generation of the plan whose scope this runs in. */
export type StateOf = (config: Config) => Effect.Effect<State, StartFailure, Secrets | Scope.Scope>

/** `directory`: where the files are; without it state is in memory. Nothing is made there before a server needs it. */
export const states = Effect.fn("Storage.states")(function* (directory: string | undefined) {
  const scope = yield* Effect.scope
  const inMemory = new Map<string, State>()
  const onDisk = new Map<string, StateFiles>()

  const memory = (config: Config, roots: Roots | undefined): State => {
    const before = inMemory.get(config.name)
    const made = { store: before?.store ?? memoryStore(), roots: roots ?? before?.roots ?? [freshRoot()] } as const
    inMemory.set(config.name, made)
    return made
  }

  const disk = Effect.fnUntraced(function* (config: Config, at: string, given: Roots | undefined) {
    const opened = onDisk.get(config.issuer)
    const files = opened ?? (yield* Effect.provideService(stateFiles(at, config.issuer), Scope.Scope, scope))
    onDisk.set(config.issuer, files)
    // The file's own key last: what was kept before the operator gave a secret stays readable.
    const own = yield* files.key(given === undefined)
    const [first, ...others] = [...(given ?? []), ...(own === undefined ? [] : [own])]
    if (first === undefined) return yield* Effect.die("a key is made where there is none")
    return yield* sealed(config, files.vault, [first, ...others])
  })

  const redis = Effect.fnUntraced(function* (config: Config, storage: RedisStorage, roots: Roots | undefined) {
    if (roots === undefined) {
      const reason = "its state is in Redis, which needs hmac_keys: it is encrypted with them, and replicas share them"
      return yield* new AuthServerMisconfigured({ server: config.name, reason })
    }
    const connection = yield* redisConnection(storage)
    const amiss = yield* Effect.mapError(
      inspect(connection),
      (detail) => new StateUnusable({ place: `Redis at ${addressOf(storage)}`, detail }),
    )
    if (amiss !== undefined) makeEvents(config.name, (yield* Journal).write).write("state", "failed", amiss)
    return yield* sealed(config, redisVault(connection, config.issuer), roots)
  })

  const stateOf: StateOf = Effect.fn("Storage.stateOf")(function* (config) {
    const roots = yield* hmacRoots(config)
    if (config.storage !== undefined) return yield* redis(config, config.storage, roots)
    return directory === undefined ? memory(config, roots) : yield* disk(config, directory, roots)
  })
  return stateOf
})

const sealed = Effect.fnUntraced(function* (config: Config, vault: Vault, roots: Roots) {
  const events = makeEvents(config.name, (yield* Journal).write)
  const told = new Set<string>()
  const unreadable = (kind: string) => {
    if (told.has(kind)) return
    told.add(kind)
    const why = "it was sealed with a secret that hmac_keys no longer has, or has been changed"
    events.write("state", "failed", `a stored ${kind} cannot be read and counts as not there: ${why}`)
  }
  return { store: sealedStore(vault, { issuer: config.issuer, roots, unreadable }), roots } satisfies State
})

const addressOf = ({ server }: RedisStorage) =>
  server.kind === "sentinel" ? server.addresses.join(", ") : server.address
