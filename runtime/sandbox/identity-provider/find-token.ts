/**
 * What the stand-in identity provider knows of a token of its own.
 *
 * @module
 */
import { createPublicKey, type KeyObject } from "node:crypto"
import { type JWTPayload, jwtVerify } from "jose"
import type Provider from "oidc-provider"
import type { FindToken, IssuedToken } from "../issued-token.ts"

export const findToken = (provider: Provider, issuer: string, key: KeyObject, algorithm: string): FindToken => {
  const publicKey = createPublicKey(key)

  const ofJwt = async (token: string): Promise<IssuedToken | undefined> => {
    try {
      const options = { issuer, algorithms: [algorithm] }
      const { payload, protectedHeader } = await jwtVerify(token, publicKey, options)
      return fromClaims(payload, protectedHeader.typ === "at+jwt" ? "access_token" : "id_token", issuer)
    } catch {
      return undefined
    }
  }

  return async (token) => {
    if (token.split(".").length === 3) return ofJwt(token)
    const found = await provider.AccessToken.find(token)
    if (found === undefined || !found.isValid || found.exp === undefined) return undefined
    return {
      kind: "access_token",
      issuer,
      subject: found.accountId,
      audiences: [found.aud ?? []].flat(),
      scopes: [...found.scopes],
      client: found.clientId,
      expiresAt: found.exp,
      claims: { sub: found.accountId },
    }
  }
}

/** The facts of a verified JWT. */
export const fromClaims = (payload: JWTPayload, kind: IssuedToken["kind"], issuer: string): IssuedToken | undefined => {
  const { sub, aud, exp, scope, client_id, azp } = payload
  if (sub === undefined || exp === undefined) return undefined
  const client = client_id ?? azp ?? (kind === "id_token" ? [aud].flat()[0] : undefined)
  return {
    kind,
    issuer,
    subject: sub,
    audiences: [aud ?? []].flat(),
    scopes: typeof scope === "string" ? scope.split(" ") : [],
    client: typeof client === "string" ? client : undefined,
    expiresAt: exp,
    claims: payload,
  }
}
