/**
 * oidc-provider's storage interface over our store.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider"
import type { Store } from "./store.ts"

const CODES_AND_TOKENS = ["AuthorizationCode", "RefreshToken"]

/** Names a grant in access tokens (claim `grant_id`) without giving away its storage id. */
export const grantName = (grantId: string) => createHash("sha256").update(grantId).digest("base64url").slice(0, 22)

/** Was this grant revoked while access tokens of it may still be alive? */
export const isRevoked = async (store: Store, name: string) => (await store.get("RevokedGrant", name)) !== undefined

/** `accessTtl`: seconds that an access token may outlive its grant. */
export const adapter =
  (store: Store, accessTtl: number): AdapterFactory =>
  (kind) => {
    const revoke = async (grantId: string) => {
      await store.put("RevokedGrant", grantName(grantId), {}, { ttl: accessTtl })
      await store.remove("Grant", grantId)
      for (const grouped of CODES_AND_TOKENS) await store.removeGroup(grouped, grantId)
    }
    const made: Adapter = {
      upsert: async (id, payload, ttl) => {
        await store.put(kind, id, { ...payload }, { ttl, group: payload.grantId })
        if (kind === "Session" && payload.uid !== undefined) await store.put("SessionUid", payload.uid, { id }, { ttl })
      },
      find: async (id) => (await store.get(kind, id)) as AdapterPayload | undefined,
      findByUid: async (uid) => {
        const id = (await store.get("SessionUid", uid))?.["id"]
        return typeof id === "string" ? ((await store.get(kind, id)) as AdapterPayload | undefined) : undefined
      },
      // Only the device flow asks, which is off.
      findByUserCode: async () => undefined,
      // oidc-provider looks at `consumed` first and calls this after; between the two another request may do the same. The
      // one that loses here is a replay all the same (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2): it ends the grant.
      consume: async (id) => {
        if (await store.consume(kind, id, Math.floor(Date.now() / 1000))) return
        const grantId = (await store.get(kind, id))?.["grantId"]
        if (typeof grantId === "string") await revoke(grantId)
        throw new errors.InvalidGrant(`${kind} already used`)
      },
      destroy: (id) => store.remove(kind, id),
      revokeByGrantId: revoke,
    }
    return made
  }
