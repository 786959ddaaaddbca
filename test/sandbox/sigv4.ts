/** Signs requests by hand for tests of the verifier: with @smithy/signature-v4, an implementation the verifier shares nothing with. */
import { createHash, createHmac } from "node:crypto"
import { SignatureV4 } from "@smithy/signature-v4"
import type { RawRequest } from "../../runtime/sandbox/mcp-server/canonical-request.ts"
import type { RoleSession } from "../../runtime/sandbox/sts/role-session.ts"

class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

const toBytes = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array | string =>
  typeof data === "string"
    ? data
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)

export interface Signing {
  readonly session: RoleSession
  readonly host: string
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly region?: string
  readonly service?: string
  readonly at?: Date
}

/** A signed request as it would arrive. */
export const signedRequest = async (signing: Signing): Promise<RawRequest> => {
  const { session, host, method = "POST", path = "/mcp", query, headers = {}, body = "{}" } = signing
  const signer = new SignatureV4({
    service: signing.service ?? "aws-mcp",
    region: signing.region ?? "us-east-1",
    sha256: Sha256,
    credentials: {
      accessKeyId: session.accessKeyId,
      secretAccessKey: session.secretAccessKey,
      sessionToken: session.sessionToken,
    },
  })
  const [hostname = "", port] = host.split(":")
  const signed = await signer.sign(
    {
      method,
      protocol: "http:",
      hostname,
      ...(port === undefined ? {} : { port: Number(port) }),
      path,
      ...(query === undefined ? {} : { query }),
      headers: { host, "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body,
    },
    { signingDate: signing.at ?? new Date() },
  )
  const search = query === undefined ? "" : `?${new URLSearchParams(query)}`
  return { method, target: `${path}${search}`, headers: Object.entries(signed.headers), body: Buffer.from(body) }
}
