/**
 * oidc-provider's storage interface over our store.
 *
 * @module
 */
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider"
import type { Grants } from "./grants.ts"
import type { Rotation } from "./rotation.ts"
import { orStateAway } from "./state-away.ts"
import type { Store } from "./store.ts"

/** Seconds that a registration is kept without being used, as ToolHive's: clients register anew at each of their own restarts. */
const IDLE_CLIENT = 30 * 24 * 60 * 60
/** Seconds after which its use is noted again. */
const NOTED = 24 * 60 * 60

export interface AdapterOptions {
  readonly grants: Grants
  readonly rotation: Rotation
  /** A person's last grant was revoked. */
  readonly lastEnded: (person: string) => Promise<void>
  /** That the server can sign with. A client keeps the one of the day it registered, and keys change. */
  readonly algorithms: readonly string[]
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export const adapter =
  (store: Store, { grants, rotation, lastEnded, algorithms, now = Date.now }: AdapterOptions): AdapterFactory =>
  (kind) => {
    const epoch = () => Math.floor(now() / 1000)
    const revoke = async (grantId: string) => {
      const ended = await grants.revoke(grantId)
      if (ended !== undefined) await lastEnded(ended.lastOf)
    }
    /** When it was used last, beside what the engine keeps of it. */
    const putClient = (id: string, client: object) =>
      store.put(kind, id, { ...client, used: epoch() }, { ttl: IDLE_CLIENT })
    const mayRetry = async (id: string, consumed: unknown) =>
      kind === "RefreshToken" && consumed !== undefined && (await rotation.mayRetry(id, consumed))

    const upsert = async (id: string, payload: AdapterPayload, ttl: number | undefined) => {
      if (kind === "Client") return putClient(id, payload)
      // As with `consume`: the engine looks first and puts then, and of two who show one proof at once one comes second.
      if (kind === "ReplayDetection") {
        if (await store.create(kind, id, { ...payload }, { ttl })) return
        throw new errors.InvalidGrant("this proof was shown before")
      }
      const { accountId } = payload
      const options = { ttl, group: kind === "Session" ? accountId : payload.grantId }
      // The next one of a refresh token that is used again is there already, and may be used up by now.
      if (kind === "RefreshToken") return void (await store.create(kind, id, { ...payload }, options))
      // Before it is there: one that is on nobody's list could not be found to be ended.
      if (kind === "Grant" && accountId !== undefined) await grants.give(accountId, id)
      await store.put(kind, id, { ...payload }, options)
      if (kind === "Session" && payload.uid !== undefined) await store.put("SessionUid", payload.uid, { id }, { ttl })
    }
    const find = async (id: string) => {
      const payload = (await store.get(kind, id)) as AdapterPayload | undefined
      if (payload !== undefined && kind === "Client") {
        const { used, ...client } = payload
        if (typeof used !== "number" || epoch() - used > NOTED) await putClient(id, client)
        if (!algorithms.includes(String(client["id_token_signed_response_alg"])))
          delete client["id_token_signed_response_alg"]
        return client
      }
      if (payload === undefined || !(await mayRetry(id, payload.consumed))) return payload
      const { consumed: _, ...unused } = payload
      return unused
    }
    const findByUid = async (uid: string) => {
      const id = (await store.get("SessionUid", uid))?.["id"]
      return typeof id === "string" ? ((await store.get(kind, id)) as AdapterPayload | undefined) : undefined
    }
    // oidc-provider looks at `consumed` first and calls this after; between the two another request may do the same. The one
    // that loses here is a replay all the same (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2): it ends the grant.
    const consume = async (id: string) => {
      if (await store.consume(kind, id, epoch())) return
      const record = await store.get(kind, id)
      if (await mayRetry(id, record?.["consumed"])) return
      const grantId = record?.["grantId"]
      if (typeof grantId === "string") await revoke(grantId)
      throw new errors.InvalidGrant(`${kind} already used`)
    }

    const made: Adapter = {
      upsert: (id, payload, ttl) => orStateAway(upsert(id, payload, ttl)),
      find: (id) => orStateAway(find(id)),
      findByUid: (uid) => orStateAway(findByUid(uid)),
      // Only the device flow asks, which is off.
      findByUserCode: async () => undefined,
      consume: (id) => orStateAway(consume(id)),
      destroy: (id) => orStateAway(store.remove(kind, id)),
      revokeByGrantId: (grantId) => orStateAway(revoke(grantId)),
    }
    return made
  }
