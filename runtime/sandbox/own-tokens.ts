/**
 * What anybody outside can know of the tokens of the plan's own authorization servers: what their published keys verify.
 *
 * @module
 */
import { type createRemoteJWKSet, jwtVerify } from "jose"
import { discoverKeys } from "./discover-keys.ts"
import { fromClaims } from "./identity-provider/find-token.ts"
import type { FindToken } from "./issued-token.ts"

/** `issuer` is served by the proxy, whose metadata is read when the first token comes. */
export const ownTokens = (issuer: string): FindToken => {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  return async (token) => {
    if (token.split(".").length !== 3) return undefined
    try {
      keys ??= await discoverKeys(issuer)
      const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer })
      return fromClaims(payload, protectedHeader.typ === "at+jwt" ? "access_token" : "id_token", issuer)
    } catch {
      return undefined
    }
  }
}
