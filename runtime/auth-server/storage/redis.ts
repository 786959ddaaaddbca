/**
 * Records in Redis or Valkey, which several replicas share.
 *
 * A record is a hash: `s` what is sealed, `v` its version, `c` when it was consumed, `g` its group. A group is a set of its
 * records' keys; a key in it counts only while the record says so too. What has to be atomic is a script. All keys of a server
 * have one hash tag, so that scripts work in a cluster, where a server's state is on one node for that reason.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { Connection } from "./redis-client.ts"
import type { Cell, CellOptions, Vault } from "./vault.ts"

/** In each, what can be refused for want of memory comes first, because Redis refuses nothing after the first write. */
const script = (text: string) => ({ text, digest: createHash("sha1").update(text).digest("hex") })

/** KEYS: record, group. ARGV: sealed, version, consumed, milliseconds, group; how, and the version before. */
const PUT = script(`
  local record, group = KEYS[1], KEYS[2]
  if ARGV[6] == 'create' and redis.call('EXISTS', record) == 1 then return 0 end
  if ARGV[6] == 'replace' and redis.call('HGET', record, 'v') ~= ARGV[7] then return 0 end
  redis.call('HSET', record, 's', ARGV[1], 'v', ARGV[2])
  if ARGV[3] ~= '' then redis.call('HSET', record, 'c', ARGV[3]) else redis.call('HDEL', record, 'c') end
  if ARGV[4] ~= '' then redis.call('PEXPIRE', record, ARGV[4]) else redis.call('PERSIST', record) end
  if ARGV[5] == '' then redis.call('HDEL', record, 'g') return 1 end
  redis.call('HSET', record, 'g', ARGV[5])
  local left = redis.call('PTTL', group)
  redis.call('SADD', group, record)
  if ARGV[4] == '' then redis.call('PERSIST', group)
  elseif left == -2 or (left >= 0 and left < tonumber(ARGV[4])) then redis.call('PEXPIRE', group, ARGV[4]) end
  return 1`)

const TAKE = script(`
  local cell = redis.call('HMGET', KEYS[1], 's', 'v', 'c')
  redis.call('DEL', KEYS[1])
  return cell`)

const CONSUME = script(`
  local version = redis.call('HGET', KEYS[1], 'v')
  if not version or redis.call('HEXISTS', KEYS[1], 'c') == 1 then return 0 end
  redis.call('HSET', KEYS[1], 'c', ARGV[1], 'v', version .. '.')
  return 1`)

const REMOVE_GROUP = script(`
  for _, record in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if redis.call('HGET', record, 'g') == ARGV[1] then redis.call('DEL', record) end
  end
  redis.call('DEL', KEYS[1])
  return 1`)

const LEASE = script(`
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`)

const RELEASE = script(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 1`)

/** What the keys of a server begin with. */
export const keyPrefix = (issuer: string): string =>
  // A brace of the issuer's own would end the hash tag before its time.
  `authflow:{${issuer.replace(/[{}]/g, encodeURIComponent)}}:`

export const redisVault = ({ command }: Connection, issuer: string): Vault => {
  const prefix = keyPrefix(issuer)
  const recordKey = (kind: string, id: string) => `${prefix}record:${kind}:${id}`
  const groupKey = (kind: string, group: string) => `${prefix}group:${kind}:${group}`
  const leaseKey = (name: string) => `${prefix}lease:${name}`

  const run = ({ text, digest }: typeof PUT, keys: readonly string[], ...args: ReadonlyArray<string | number>) =>
    command(async (client) => {
      try {
        return await client.evalsha(digest, keys.length, ...keys, ...args)
      } catch (cause) {
        // A server that has been started anew knows no script. It has not run either.
        if (!(cause instanceof Error && cause.message.startsWith("NOSCRIPT"))) throw cause
        return await client.eval(text, keys.length, ...keys, ...args)
      }
    })

  const put = async (
    how: "put" | "create" | "replace",
    kind: string,
    id: string,
    { sealed, version, consumed }: Cell,
    { ttl, group }: CellOptions,
    before = "",
  ) => {
    const lasts = ttl === undefined ? "" : Math.max(1, Math.ceil(ttl * 1000))
    const keys = [recordKey(kind, id), groupKey(kind, group ?? "")]
    const text = Buffer.from(sealed).toString("base64")
    return (await run(PUT, keys, text, version, consumed ?? "", lasts, group ?? "", how, before)) === 1
  }

  const cellOf = (reply: unknown): Cell | undefined => {
    const [sealed, version, consumed] = Array.isArray(reply) ? reply : []
    if (typeof sealed !== "string" || typeof version !== "string") return undefined
    return {
      sealed: Buffer.from(sealed, "base64"),
      version,
      consumed: typeof consumed === "string" ? Number(consumed) : undefined,
    }
  }

  return {
    read: async (kind, id) => cellOf(await command((client) => client.hmget(recordKey(kind, id), "s", "v", "c"))),
    put: async (kind, id, cell, options) => {
      await put("put", kind, id, cell, options)
    },
    create: (kind, id, cell, options) => put("create", kind, id, cell, options),
    replace: (kind, id, version, cell, options) => put("replace", kind, id, cell, options, version),
    remove: async (kind, id) => {
      await command((client) => client.del(recordKey(kind, id)))
    },
    take: async (kind, id) => cellOf(await run(TAKE, [recordKey(kind, id)])),
    consume: async (kind, id, at) => (await run(CONSUME, [recordKey(kind, id)], at)) === 1,
    removeGroup: async (kind, group) => {
      await run(REMOVE_GROUP, [groupKey(kind, group)], group)
    },
    lease: async (name, owner, seconds) =>
      (await run(LEASE, [leaseKey(name)], owner, Math.max(1, Math.ceil(seconds * 1000)))) === 1,
    release: async (name, owner) => {
      await run(RELEASE, [leaseKey(name)], owner)
    },
  }
}
