/**
 * oidc-provider's storage interface over our store.
 *
 * @module
 */
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider"
import type { Grants } from "./grants.ts"
import type { Store } from "./store.ts"

/** Seconds that a registration is kept without being used, as ToolHive's: clients register anew at each of their own restarts. */
const IDLE_CLIENT = 30 * 24 * 60 * 60
/** Seconds after which its use is noted again. */
const NOTED = 24 * 60 * 60

export interface AdapterOptions {
  readonly grants: Grants
  /** A person's last grant was revoked. */
  readonly lastEnded: (person: string) => Promise<void>
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export const adapter =
  (store: Store, { grants, lastEnded, now = Date.now }: AdapterOptions): AdapterFactory =>
  (kind) => {
    const epoch = () => Math.floor(now() / 1000)
    const revoke = async (grantId: string) => {
      const ended = await grants.revoke(grantId)
      if (ended !== undefined) await lastEnded(ended.lastOf)
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
        const { accountId } = payload
        const group = kind === "Session" ? accountId : payload.grantId
        // Before it is there: one that is on nobody's list could not be found to be ended.
        if (kind === "Grant" && accountId !== undefined && ttl !== undefined) await grants.give(accountId, id, ttl)
        await store.put(kind, id, { ...payload }, { ttl, group })
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
