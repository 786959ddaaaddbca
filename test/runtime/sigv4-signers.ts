/**
 * Other implementations of Signature Version 4, to hold ours against.
 *
 * @module
 */
import { spawnSync } from "node:child_process"
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto"
import { SignatureV4 } from "@smithy/signature-v4"
import aws4 from "aws4"
import { AwsV4Signer } from "aws4fetch"
import type { SigningCredentials } from "../../runtime/signing/sigv4.ts"

export interface Case {
  readonly method: string
  readonly path: string
  /** Names and values, not escaped. */
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
  readonly service: string
  readonly region: string
  readonly date: Date
  readonly credentials: SigningCredentials
}

/** RFC 3986: all but the unreserved characters. */
export const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)

export const queryOf = ({ query }: Case): string =>
  query.length === 0 ? "" : `?${query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&")}`

export const HOST = "service.example.com"

class Sha256 {
  readonly #secret: string | Uint8Array | undefined
  #state: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined || typeof secret === "string" ? secret : bytes(secret)
    this.#state = this.#fresh()
  }
  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret)
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#state.update(typeof data === "string" ? data : bytes(data))
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#state.digest())
  }
  reset(): void {
    this.#state = this.#fresh()
  }
}

const bytes = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const signatureIn = (authorization: string | undefined): string =>
  /Signature=([0-9a-f]{64})$/.exec(authorization ?? "")?.[1] ?? "none"

/** The SDK's. */
export const smithy = async (given: Case): Promise<string> => {
  const query: Record<string, string[]> = Object.create(null)
  for (const [name, value] of given.query) query[name] = [...(query[name] ?? []), value]
  const signer = new SignatureV4({
    service: given.service,
    region: given.region,
    credentials: given.credentials,
    sha256: Sha256,
    uriEscapePath: given.service !== "s3",
    applyChecksum: given.service === "s3",
  })
  const { headers } = await signer.sign(
    {
      method: given.method,
      protocol: "https:",
      hostname: HOST,
      path: given.path,
      query,
      headers: { host: HOST, ...Object.fromEntries(given.headers) },
      body: given.body,
    },
    { signingDate: given.date },
  )
  return signatureIn(headers["authorization"])
}

export const byAws4 = (given: Case): string => {
  const { headers } = aws4.sign(
    {
      host: HOST,
      method: given.method,
      path: given.path + queryOf(given),
      service: given.service,
      region: given.region,
      body: given.body,
      headers: {
        ...Object.fromEntries(given.headers),
        "X-Amz-Date": given.date.toISOString().replace(/[-:]|\.\d{3}/g, ""),
      },
      doNotModifyHeaders: false,
      extraHeadersToIgnore: { "content-length": true },
    } as Parameters<typeof aws4.sign>[0],
    given.credentials,
  )
  return signatureIn(String(headers?.["Authorization"]))
}

export const byAws4fetch = async (given: Case): Promise<string> => {
  const signer = new AwsV4Signer({
    url: `https://${HOST}${given.path}${queryOf(given)}`,
    method: given.method,
    headers: {
      ...Object.fromEntries(given.headers),
      ...(given.service === "s3" && { "x-amz-content-sha256": createHash("sha256").update(given.body).digest("hex") }),
    },
    ...(given.body !== "" && { body: given.body }),
    service: given.service,
    region: given.region,
    datetime: given.date.toISOString().replace(/[-:]|\.\d{3}/g, ""),
    allHeaders: true,
    ...given.credentials,
  })
  return signatureIn((await signer.authHeader()) as string)
}

const BOTOCORE = `
import json, sys
from botocore.auth import SigV4Auth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
for line in sys.stdin:
    c = json.loads(line)
    k = c["credentials"]
    auth = (S3SigV4Auth if c["service"] == "s3" else SigV4Auth)(
        Credentials(k["accessKeyId"], k["secretAccessKey"], k["sessionToken"] or None), c["service"], c["region"])
    request = AWSRequest(method=c["method"], url=c["url"], headers=dict(c["headers"]), data=c["body"].encode())
    request.context["timestamp"] = c["date"]
    request.headers["X-Amz-Date"] = c["date"]
    if k["sessionToken"]:
        request.headers["X-Amz-Security-Token"] = k["sessionToken"]
    if c["service"] == "s3":
        request.headers["X-Amz-Content-SHA256"] = auth.payload(request)
    print(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))
`

/** Debian's Python may have botocore where the first one on the path has not. */
const python = ["python3", "/usr/bin/python3"].find(
  (each) => spawnSync(each, ["-c", "import botocore"], { stdio: "ignore" }).status === 0,
)

export const hasBotocore = python !== undefined

/** AWS's own for Python, all cases in one process. */
export const botocore = (cases: readonly Case[]): readonly string[] => {
  const lines = cases.map((each) =>
    JSON.stringify({
      ...each,
      url: `https://${HOST}${each.path}${queryOf(each)}`,
      date: each.date.toISOString().replace(/[-:]|\.\d{3}/g, ""),
    }),
  )
  const { stdout, stderr, status } = spawnSync(python ?? "python3", ["-c", BOTOCORE], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout.trimEnd().split("\n")
}
