/**
 * The connection to Redis or Valkey.
 *
 * A command is sent once and answered within the plan's time, or fails: sent again by itself, one that marks a code as used
 * would find its own mark. While there is no connection commands fail at once, and it is made again in the background.
 *
 * @module
 */
import type { ConnectionOptions } from "node:tls"
import { Effect, Redacted } from "effect"
import { Cluster, type CommonRedisOptions, Redis } from "ioredis"
import type { RedisStorage, SecretRef } from "../../plan.ts"
import { Secrets } from "../../secrets.ts"
import { StoreUnavailable } from "../store.ts"

export type Client = Redis | Cluster

export interface Connection {
  /**
   * Runs commands. Rejects with StoreUnavailable and nothing else; Redis' own words for what is wrong (`NOAUTH`, `OOM`,
   * `CLUSTERDOWN`) hold nothing of a record.
   */
  readonly command: <A>(run: (client: Client) => Promise<A>) => Promise<A>
}

/** Milliseconds between attempts to connect: soon after a short break, seldom while it is out for long. */
const retryDelay = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 8), 2000) * (0.75 + Math.random() / 2)

/** Connects in the background, for as long as the scope is open. Fails with SecretMissing. */
export const redisConnection = Effect.fn("Storage.redisConnection")(function* (storage: RedisStorage) {
  const options = yield* redisOptions(storage)
  return yield* Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => makeClient(storage, options)),
      (client) => Effect.sync(() => client.disconnect()),
    ),
    connect,
  )
})

const connect = (client: Client): Connection => {
  let trouble = "it cannot be reached"
  // An error without a listener would end the process.
  client.on("error", (error: Error) => {
    trouble = error.message
  })
  client.connect().catch(() => undefined)

  /** Waits for a connection that is being made, but for none that is being made again. */
  const connected = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!["wait", "connecting", "connect"].includes(client.status)) return reject(new Error(trouble))
      const settle = (outcome: () => void) => () => {
        client.off("ready", ready).off("close", closed).off("end", closed)
        outcome()
      }
      const ready = settle(resolve)
      const closed = settle(() => reject(new Error(trouble)))
      client.on("ready", ready).on("close", closed).on("end", closed)
    })

  return {
    command: async (run) => {
      try {
        if (client.status !== "ready") await connected()
        return await run(client)
      } catch (cause) {
        throw new StoreUnavailable(`Redis: ${messageOf(cause)}`)
      }
    },
  }
}

type Options = Effect.Success<ReturnType<typeof redisOptions>>

const makeClient = ({ server }: RedisStorage, options: Options): Client => {
  switch (server.kind) {
    case "single":
      return new Redis({ ...options, ...hostPort(server.address) })
    case "sentinel":
      return new Redis({ ...options, sentinels: server.addresses.map(hostPort), name: server.master })
    case "cluster":
      return new Cluster([hostPort(server.address)], {
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: retryDelay,
        // Certificates name hosts, and only the cluster knows which address is which.
        dnsLookup: (address, callback) => callback(null, address),
        slotsRefreshTimeout: options.connectTimeout,
        redisOptions: options,
      })
  }
}

const redisOptions = Effect.fnUntraced(function* (storage: RedisStorage) {
  const { server, timeouts } = storage
  const text = (ref: SecretRef) => Effect.flatMap(Secrets, (secrets) => Effect.map(secrets.get(ref), Redacted.value))
  const tlsOf = Effect.fnUntraced(function* (tls: RedisStorage["tls"]) {
    if (tls === undefined) return undefined
    const ca = tls.ca === undefined ? {} : { ca: yield* text(tls.ca) }
    return { ...ca, rejectUnauthorized: tls.verify } satisfies ConnectionOptions
  })
  const tls = yield* tlsOf(storage.tls)
  const sentinelTls = server.kind === "sentinel" ? yield* tlsOf(server.tls) : undefined
  // One clock for both: what cannot be sent is not answered either.
  const answer = (timeouts.write + timeouts.read) * 1000
  return {
    lazyConnect: true,
    connectionName: "authflow",
    ...(storage.username && { username: yield* text(storage.username) }),
    password: yield* text(storage.password),
    ...(tls && { tls, enableTLSForSentinelMode: true }),
    ...(sentinelTls && { sentinelTLS: sentinelTls }),
    ...(server.kind === "sentinel" && { db: server.database }),
    connectTimeout: timeouts.dial * 1000,
    sentinelCommandTimeout: answer,
    commandTimeout: answer,
    // A connection on which nothing is answered any more is given up, and does not make every later command wait.
    socketTimeout: answer,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryDelay,
    sentinelRetryStrategy: retryDelay,
    // After a failover the server we are connected to may be a replica, which says this to every write.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  } satisfies CommonRedisOptions & Record<string, unknown>
})

const hostPort = (address: string) => {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? []
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) }
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : "unknown error")

/** What Redis answers to who may not come in, whatever is tried again. */
const REFUSALS = ["WRONGPASS", "NOAUTH", "NOPERM", "ERR invalid password", "ERR AUTH"]

/**
 * Says what the operator should know at the start: that nobody gets in with these credentials (fails with what Redis says), or
 * else what is amiss. An outage is not: it may be over at the first login.
 */
export const inspect = ({ command }: Connection): Effect.Effect<string | undefined, string> =>
  Effect.tryPromise({ try: () => command((client) => client.info("memory")), catch: messageOf }).pipe(
    Effect.map((memory) => {
      const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? "noeviction"
      const bounded = !/^maxmemory:0\s*$/m.test(memory)
      return bounded && policy !== "noeviction"
        ? `Redis removes what it has no memory for (maxmemory-policy ${policy}), logins and marks of used codes with it; set it to noeviction`
        : undefined
    }),
    Effect.catch((said) =>
      REFUSALS.some((refusal) => said.includes(refusal)) ? Effect.fail(said) : Effect.succeed(said),
    ),
  )
