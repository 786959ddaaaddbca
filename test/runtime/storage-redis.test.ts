/** State in a real Redis: alone, behind sentinels, as a cluster, over TLS; and what happens when it is gone, slow or full. */
import { randomBytes, randomUUID } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { Redis } from "ioredis"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import { keyPrefix, redisVault } from "../../runtime/auth-server/storage/redis.ts"
import { type Connection, inspect, redisConnection } from "../../runtime/auth-server/storage/redis-client.ts"
import { sealedStore } from "../../runtime/auth-server/storage/sealed.ts"
import { type Store, StoreUnavailable } from "../../runtime/auth-server/store.ts"
import type { RedisStorage } from "../../runtime/plan.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { authority } from "../certificates.ts"
import { asAdministrator, freePort, PASSWORD, pass, type RedisServer, startRedis, withRedis } from "../redis.ts"
import { storeContract } from "./store-contract.ts"

const KEY = randomBytes(32)

const undo: Array<() => Promise<unknown>> = []
const after = <A>(value: A, end: () => Promise<unknown>): A => {
  undo.push(end)
  return value
}
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

const started = async (...settings: Parameters<typeof startRedis>) => {
  const server = await startRedis(...settings)
  return after(server, server.stop)
}

const single = (server: RedisServer, more: Partial<RedisStorage> = {}): RedisStorage => ({
  kind: "redis",
  server: { kind: "single", address: server.address },
  password: { name: "redis", key: "password" },
  timeouts: { dial: 5, read: 3, write: 3 },
  ...more,
})

const connect = async (storage: RedisStorage, secrets: Record<string, string> = {}): Promise<Connection> => {
  const scope = Effect.runSync(Scope.make())
  const values: Record<string, string> = { "redis/password": PASSWORD, ...secrets }
  const given = Layer.succeed(Secrets, {
    get: ({ name, key }) => Effect.succeed(Redacted.make(values[`${name}/${key}`] ?? "")),
  })
  const made = redisConnection(storage).pipe(Effect.provideService(Scope.Scope, scope), Effect.provide(given))
  return after(await Effect.runPromise(made), () => Effect.runPromise(Scope.close(scope, Exit.void)))
}

const storeOf = (client: Connection, issuer = `https://${randomUUID()}.example`): Store =>
  sealedStore(redisVault(client, issuer), { issuer, roots: [KEY], unreadable: () => undefined })

const inspected = (client: Connection) => Effect.runPromise(Effect.result(inspect(client)))

/** Asks again until it is answered. */
const untilAnswered = async <A>(ask: () => Promise<A>): Promise<A> => {
  for (;;) {
    try {
      return await ask()
    } catch (cause) {
      expect(cause).toBeInstanceOf(StoreUnavailable)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const untilTrue = async (ask: () => Promise<boolean>): Promise<void> => {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 20))
}

withRedis("one Redis", () => {
  let shared: RedisServer
  beforeAll(async () => {
    shared = await startRedis()
  })
  afterAll(() => shared.stop())

  storeContract("Redis, encrypted, from two connections", async () => {
    const issuer = `https://${randomUUID()}.example`
    const [store, other] = await Promise.all([1, 2].map(async () => storeOf(await connect(single(shared)), issuer)))
    if (store === undefined || other === undefined) throw new Error("two were made")
    return { store, other, pass: (seconds) => pass(shared.port, seconds) }
  })

  it("leaves no trace of a record when all of it is over", async () => {
    const issuer = `https://${randomUUID()}.example`
    const store = storeOf(await connect(single(shared)), issuer)
    const left = () => asAdministrator(shared.port, (redis) => redis.keys(`${keyPrefix(issuer)}*`))
    await store.put("RefreshToken", "a", {}, { ttl: 10, group: "g" })
    await store.put("RefreshToken", "b", {}, { ttl: 20, group: "g" })
    await store.lease("x", "me", 10)
    expect(await left()).toHaveLength(4)
    await pass(shared.port, 15)
    expect(await store.get("RefreshToken", "b")).toEqual({})
    expect(await left()).toHaveLength(2)
    await pass(shared.port, 5)
    expect(await left()).toEqual([])
  })

  it("knows its scripts again after it has forgotten them", async () => {
    const store = storeOf(await connect(single(shared)))
    await store.put("Code", "a", {})
    await asAdministrator(shared.port, (redis) => redis.script("FLUSH"))
    expect(await store.consume("Code", "a", 1)).toBe(true)
    expect(await store.consume("Code", "a", 1)).toBe(false)
  })

  it("says at the start when nobody is let in, and not when all is well", async () => {
    expect(await inspected(await connect(single(shared)))).toMatchObject({ _tag: "Success", success: undefined })
    const wrong = await inspected(await connect(single(shared), { "redis/password": "not it" }))
    expect(wrong).toMatchObject({ _tag: "Failure", failure: expect.stringContaining("WRONGPASS") })
  })

  it("lets in the ACL user that is named", async () => {
    await asAdministrator(shared.port, (redis) =>
      redis.call("ACL", "SETUSER", "gate", "on", ">secret", "~authflow:*", "+@all"),
    )
    const named = single(shared, { username: { name: "redis", key: "username" } })
    const store = storeOf(await connect(named, { "redis/username": "gate", "redis/password": "secret" }))
    await store.put("Code", "a", { v: 1 }, { ttl: 10, group: "g" })
    await store.removeGroup("Code", "g")
    expect(await store.get("Code", "a")).toBe(undefined)
  })
})

withRedis("what Redis has on its disk", () => {
  it("shows nothing of a record or of its id", async () => {
    const server = await started(() => ({ rdbcompression: "no" }))
    const store = storeOf(await connect(single(server)))
    const secrets = Array.from({ length: 20 }, () => randomBytes(24).toString("base64url"))
    for (const secret of secrets) {
      await store.put("RefreshToken", secret, { token: `content ${secret}` }, { group: `group ${secret}`, ttl: 100 })
      await store.lease(`lease ${secret}`, "owner", 10)
    }
    await asAdministrator(server.port, (redis) => redis.save())
    const dump = readFileSync(join(server.directory, "dump.rdb"))
    expect(dump.includes("RefreshToken")).toBe(true)
    const shown = secrets.filter((secret) =>
      [secret, Buffer.from(secret, "base64url"), Buffer.from(secret).toString("base64")].some((form) =>
        dump.includes(form),
      ),
    )
    expect(shown).toEqual([])
  })
})

withRedis("Redis that is gone, slow or full", () => {
  it("fails what is asked meanwhile, at once, and comes back by itself", async () => {
    const server = await started()
    const store = storeOf(await connect(single(server)))
    await store.put("Code", "a", {})
    await server.kill()
    for (const _ of Array(3).keys()) await expect(store.get("Code", "a")).rejects.toBeInstanceOf(StoreUnavailable)
    await server.start()
    expect(await untilAnswered(() => store.get("Code", "a"))).toBe(undefined)
    await store.put("Code", "a", { v: 1 })
    expect(await store.get("Code", "a")).toEqual({ v: 1 })
  })

  it("may be out at the start", async () => {
    const address = `127.0.0.1:${await freePort()}`
    const nobody = { address, port: 0 } as RedisServer
    const client = await connect(single(nobody))
    const said = await inspected(client)
    expect(said).toMatchObject({ _tag: "Success", success: expect.stringContaining("Redis: ") })
    await expect(storeOf(client).get("Code", "a")).rejects.toBeInstanceOf(StoreUnavailable)
  })

  it("is given the time to answer that the plan says, and is asked anew after that", async () => {
    const server = await started()
    const store = storeOf(await connect(single(server, { timeouts: { dial: 1, read: 1, write: 1 } })))
    await store.put("Code", "a", { v: 1 })
    server.pause()
    await expect(store.get("Code", "a")).rejects.toBeInstanceOf(StoreUnavailable)
    server.resume()
    expect(await untilAnswered(() => store.get("Code", "a"))).toEqual({ v: 1 })
  })

  it("refuses what it has no memory for, whole, when it may remove nothing", async () => {
    const server = await started(() => ({ maxmemory: "3mb", "maxmemory-policy": "noeviction" }))
    const client = await connect(single(server))
    expect(await inspected(client)).toMatchObject({ _tag: "Success", success: undefined })
    const store = storeOf(client)
    const large = { text: randomBytes(50_000).toString("hex") }
    const failed = await (async () => {
      for (const n of Array(200).keys()) {
        try {
          await store.put("Login", String(n), large, { ttl: 100, group: "g" })
        } catch (cause) {
          return { n, cause }
        }
      }
      return undefined
    })()
    expect(failed?.cause).toBeInstanceOf(StoreUnavailable)
    expect(String(failed?.cause)).toContain("OOM")
    expect(await store.get("Login", String(failed?.n))).toBe(undefined)
    expect(await store.get("Login", "0")).toEqual(large)
    await store.remove("Login", "0")
    await store.remove("Login", "1")
    await store.put("Login", String(failed?.n), large)
    expect(await store.get("Login", String(failed?.n))).toEqual(large)
  })

  it("is told of to the operator when it may remove what is needed", async () => {
    const server = await started(() => ({ maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" }))
    expect(await inspected(await connect(single(server)))).toMatchObject({
      _tag: "Success",
      success: expect.stringContaining("maxmemory-policy allkeys-lru"),
    })
  })
})

withRedis("more than one Redis", () => {
  it("as a cluster: a server's keys are on one node, and scripts work", async () => {
    const node = await started(({ port }) => ({
      "cluster-enabled": "yes",
      "cluster-config-file": `nodes-${port}.conf`,
      "cluster-announce-ip": "127.0.0.1",
    }))
    await asAdministrator(node.port, async (redis) => {
      await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
      while (!((await redis.call("CLUSTER", "INFO")) as string).includes("cluster_state:ok")) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })
    const server = { kind: "cluster", address: node.address } as const
    const client = await connect(single(node, { server }))
    const store = storeOf(client, "https://auth.example/{a}")
    await store.put("Code", "a", { v: 1 }, { ttl: 100, group: "g" })
    await store.put("Code", "b", { v: 2 }, { ttl: 100, group: "g" })
    expect(await store.consume("Code", "a", 3)).toBe(true)
    expect(await store.get("Code", "a")).toEqual({ v: 1, consumed: 3 })
    const slots = await asAdministrator(node.port, async (redis) => {
      const keys = await redis.keys(`${keyPrefix("https://auth.example/{a}")}*`)
      return Promise.all(keys.map((key) => redis.call("CLUSTER", "KEYSLOT", key)))
    })
    expect(slots).toHaveLength(3)
    expect(new Set(slots).size).toBe(1)
    await store.removeGroup("Code", "g")
    expect(await store.get("Code", "b")).toBe(undefined)
  })

  it("behind sentinels, which say who is the master, after a failover too", async () => {
    const first = await started()
    const second = await started(() => ({
      replicaof: `127.0.0.1 ${first.port}`,
      masterauth: PASSWORD,
      "repl-diskless-sync-delay": "0",
    }))
    await untilTrue(() =>
      asAdministrator(first.port, async (redis) => (await redis.info("replication")).includes("state=online")),
    )
    const sentinel = await started(
      () => ({
        "sentinel monitor": `mymaster 127.0.0.1 ${first.port} 1`,
        "sentinel auth-pass": `mymaster ${PASSWORD}`,
      }),
      "sentinel",
    )
    const server = { kind: "sentinel", master: "mymaster", addresses: [sentinel.address], database: 2 } as const
    const store = storeOf(await connect(single(first, { server })))
    await store.put("Code", "a", { v: 1 })
    await asAdministrator(first.port, (redis) => redis.select(2).then(async () => expect(await redis.dbsize()).toBe(1)))

    const replica = () =>
      asAdministrator(second.port, async (redis) => (await redis.info("keyspace")).includes("db2:keys=1"))
    await untilTrue(replica)
    const watcher = new Redis({ port: sentinel.port, host: "127.0.0.1" })
    after(watcher, async () => watcher.disconnect())
    await untilTrue(async () =>
      JSON.stringify(await watcher.call("SENTINEL", "REPLICAS", "mymaster")).includes(String(second.port)),
    )
    // Until the sentinel has heard the replica say that it is one, it has none that is good enough.
    await untilTrue(() =>
      watcher.call("SENTINEL", "FAILOVER", "mymaster").then(
        () => true,
        (error: unknown) => {
          if (String(error).includes("NOGOODSLAVE")) return false
          throw error
        },
      ),
    )
    await untilTrue(() =>
      asAdministrator(second.port, async (redis) => (await redis.info("replication")).includes("role:master")),
    )
    await first.kill()
    await untilAnswered(() => store.put("Code", "b", { v: 2 }))
    expect(await untilAnswered(() => store.get("Code", "a"))).toEqual({ v: 1 })
  })

  it("over TLS, with the authority that the plan names and no other", async () => {
    const [trusted, other] = [await authority(), await authority()]
    const { certificate, key } = await trusted.issue({
      subject: "CN=redis",
      names: [{ type: "ip", value: "127.0.0.1" }],
    })
    const tlsPort = await freePort()
    const server = await started(({ directory }) => {
      writeFileSync(join(directory, "tls.crt"), certificate)
      writeFileSync(join(directory, "tls.key"), key)
      return {
        "tls-port": String(tlsPort),
        "tls-cert-file": join(directory, "tls.crt"),
        "tls-key-file": join(directory, "tls.key"),
        "tls-ca-cert-file": join(directory, "tls.crt"),
        "tls-auth-clients": "no",
      }
    })
    const at = { kind: "single", address: `127.0.0.1:${tlsPort}` } as const
    const ca = { name: "redis", key: "ca.crt" }
    const open = async (tls: RedisStorage["tls"] & object, pem: string) =>
      storeOf(await connect(single(server, { server: at, tls }), { "redis/ca.crt": pem }))
    const store = await open({ verify: true, ca }, trusted.certificate)
    await store.put("Code", "a", { v: 1 })
    expect(await store.get("Code", "a")).toEqual({ v: 1 })
    const unknown = await open({ verify: true, ca }, other.certificate)
    await expect(unknown.get("Code", "a")).rejects.toBeInstanceOf(StoreUnavailable)
    const unverified = await open({ verify: false }, "")
    await unverified.put("Code", "a", { v: 2 })
    expect(await unverified.get("Code", "a")).toEqual({ v: 2 })
  })
})
