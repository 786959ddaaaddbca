/** A token issuer: metadata, a key set, and tokens with whatever claims a test wants. */
import { Effect } from "effect"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { httpServer } from "./http-server.ts"

export const startIssuer = Effect.gen(function* () {
  const { privateKey, publicKey } = yield* Effect.promise(() => generateKeyPair("ES256"))
  const key = { ...(yield* Effect.promise(() => exportJWK(publicKey))), kid: "1", alg: "ES256", use: "sig" }
  const { origin } = yield* httpServer((request, response) => {
    const document = request.url === "/jwks" ? { keys: [key] } : { issuer: origin, jwks_uri: `${origin}/jwks` }
    response.setHeader("content-type", "application/json").end(JSON.stringify(document))
  })
  const token = (claims: Readonly<Record<string, unknown>>, audience: string, lifetime = 3600) =>
    Effect.promise(() =>
      new SignJWT({ scope: "mcp:use", client_id: "test", jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "1", typ: "at+jwt" })
        .setIssuer(origin)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
        .sign(privateKey),
    )
  return { origin, token }
})
