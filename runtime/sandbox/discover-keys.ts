/**
 * The keys of an issuer, found as anybody finds them (OpenID Connect Discovery section 4).
 *
 * @module
 */
import { createRemoteJWKSet } from "jose"

export const discoverKeys = async (issuer: string) => {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
    redirect: "error",
  })
  const metadata: unknown = await response.json()
  const uri =
    typeof metadata === "object" && metadata !== null && "jwks_uri" in metadata ? String(metadata.jwks_uri) : ""
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: 5_000 })
}
