/** An issuer of any token a test wants, with real keys behind real discovery. */
import { createServer, type Server } from "node:http"
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"

export interface TokenIssuer {
  readonly url: string
  readonly sign: (claims: JWTPayload) => Promise<string>
  /** Signs with a key that the key set does not hold, under the key id of one that it does. */
  readonly forge: (claims: JWTPayload) => Promise<string>
  readonly close: () => Promise<void>
}

export const tokenIssuer = async (): Promise<TokenIssuer> => {
  const real = await generateKeyPair("ES256")
  const other = await generateKeyPair("ES256")
  const jwk = { ...(await exportJWK(real.publicKey)), kid: "k", alg: "ES256", use: "sig" }
  const server: Server = createServer((request, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(request.url === "/jwks" ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` }))
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  const url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
  const now = () => Math.floor(Date.now() / 1000)
  const signWith = (key: typeof real.privateKey) => (claims: JWTPayload) =>
    new SignJWT({ iss: url, sub: "somebody", iat: now(), exp: now() + 300, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .sign(key)
  return {
    url,
    sign: signWith(real.privateKey),
    forge: signWith(other.privateKey),
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}
