/**
 * oidc-provider's storage interface over our store.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider"
import type { Store } from "./store.ts"

/** Seconds that a registration is kept without being used, as ToolHive's: clients register anew at each of their own restarts. */
const IDLE_CLIENT = 30 * 24 * 60 * 60
/** Seconds after which its use is noted again. */
const NOTED = 24 * 60 * 60

const CODES_AND_TOKENS = ["AuthorizationCode", "RefreshToken"]

/** Names a grant in access tokens (claim `grant_id`) without giving away its storage id. */
export const grantName = (grantId: string) => createHash("sha256").update(grantId).digest("base64url").slice(0, 22)

/** Was this grant revoked while access tokens of it may still be alive? */
export const isRevoked = async (store: Store, name: string) => (await store.get("RevokedGrant", name)) !== undefined

/** `accessTtl`: seconds that an access token may outlive its grant. `now`: epoch milliseconds. */
export const adapter =
  (store: Store, accessTtl: number, now: () => number = Date.now): AdapterFactory =>
  (kind) => {
    const epoch = () => Math.floor(now() / 1000)
    const revoke = async (grantId: string) => {
      await store.put("RevokedGrant", grantName(grantId), {}, { ttl: accessTtl })
      await store.remove("Grant", grantId)
      for (const grouped of CODES_AND_TOKENS) await store.removeGroup(grouped, grantId)
    }
    /** When it was used last, beside what the engine keeps of it. */
    const putClient = (id: string, client: object) =>
      store.put(kind, id, { ...client, used: epoch() }, { ttl: IDLE_CLIENT })
    const made: Adapter = {
      upsert: async (id, payload, ttl) => {
        if (kind === "Client") return putClient(id, payload)
        // As with `consume`: the engine looks first and puts then, and of two who show one proof at once one comes second.
        if (kind === "ReplayDetection") {
          if (await store.create(kind, id, { ...payload }, { ttl })) return
          throw new errors.InvalidGrant("this proof was shown before")
        }
        await store.put(kind, id, { ...payload }, { ttl, group: payload.grantId })
        if (kind === "Session" && payload.uid !== undefined) await store.put("SessionUid", payload.uid, { id }, { ttl })
      },
      find: async (id) => {
        const record = await store.get(kind, id)
        if (record === undefined || kind !== "Client") return record as AdapterPayload | undefined
        const { used, ...client } = record
        if (typeof used !== "number" || epoch() - used > NOTED) await putClient(id, client)
        return client as AdapterPayload
      },
      findByUid: async (uid) => {
        const id = (await store.get("SessionUid", uid))?.["id"]
        return typeof id === "string" ? ((await store.get(kind, id)) as AdapterPayload | undefined) : undefined
      },
      // Only the device flow asks, which is off.
      findByUserCode: async () => undefined,
      // oidc-provider looks at `consumed` first and calls this after; between the two another request may do the same. The
      // one that loses here is a replay all the same (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2): it ends the grant.
      consume: async (id) => {
        if (await store.consume(kind, id, epoch())) return
        const grantId = (await store.get(kind, id))?.["grantId"]
        if (typeof grantId === "string") await revoke(grantId)
        throw new errors.InvalidGrant(`${kind} already used`)
      },
      destroy: (id) => store.remove(kind, id),
      revokeByGrantId: revoke,
    }
    return made
  }
