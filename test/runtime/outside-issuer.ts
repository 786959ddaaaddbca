/**
 * An issuer outside of everything here, which has keys and says what it likes.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { close } from "./identity-provider.ts"

export interface OutsideIssuer {
  readonly issuer: string
  /** A JWT of it, an hour long; `claims` replace what it would say. */
  readonly sign: (claims: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>
  /** How often its keys were asked for. */
  readonly asked: () => number
  readonly stop: () => Promise<void>
}

export const startOutsideIssuer = async (): Promise<OutsideIssuer> => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "outside", alg: "ES256", use: "sig" }] }
  let asked = 0
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json")
    if (request.url === "/.well-known/openid-configuration") {
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }))
      return
    }
    asked++
    response.end(JSON.stringify(jwks))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    sign: async (claims, header = {}) => {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: issuer, sub: "outside-ada", iat: now, exp: now + 3600, jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "outside", ...header })
        .sign(privateKey)
    },
    asked: () => asked,
    stop: () => close(server),
  }
}
