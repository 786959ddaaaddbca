/** What a proxy does that puts jose and @smithy/signature-v4 into the pass-through: for comparison, not as a bound. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { SignatureV4 } from "@smithy/signature-v4"
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose"
import { type Dispatcher, Pool } from "undici"

const upstream = new URL(process.env["UPSTREAM"] ?? "")
const pool = new Pool(upstream.origin, { headersTimeout: 0, bodyTimeout: 0 })
const { publicKey, privateKey } = await generateKeyPair("ES256")
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] })
const token = await new SignJWT({ sub: "ada", groups: ["readers"] })
  .setProtectedHeader({ alg: "ES256", kid: "1" })
  .setExpirationTime("1h")
  .setIssuer("https://idp.example")
  .setAudience("https://mcp.example")
  .sign(privateKey)

class Sha256 {
  #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as string | NodeJS.ArrayBufferView)
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | NodeJS.ArrayBufferView))
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
  reset(): void {}
}

const signer = new SignatureV4({
  service: "aws-mcp",
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret", sessionToken: "session" },
  sha256: Sha256,
})

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", async () => {
    await jwtVerify((request.headers.authorization ?? "").slice(7), keys, {
      issuer: "https://idp.example",
      audience: "https://mcp.example",
      algorithms: ["ES256"],
    })
    const body = Buffer.concat(chunks)
    const signed = await signer.sign({
      method: request.method ?? "GET",
      protocol: "http:",
      hostname: upstream.hostname,
      path: request.url ?? "/",
      headers: { host: upstream.host, "content-type": request.headers["content-type"] ?? "" },
      body,
    })
    const {
      statusCode,
      headers,
      body: answer,
    } = await pool.request({
      method: signed.method as Dispatcher.HttpMethod,
      path: signed.path,
      headers: signed.headers,
      body,
    })
    const { connection: _hop, "keep-alive": _alive, "transfer-encoding": _coding, ...rest } = headers
    response.writeHead(statusCode, rest)
    answer.pipe(response)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ port, headers: { authorization: `Bearer ${token}` } })
})
