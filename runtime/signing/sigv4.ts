/**
 * AWS Signature Version 4 in the Authorization header, over exactly what leaves: method, path and query bytes, host, and every
 * header that is signed.
 *
 * It is on the way of every request, which is why it is not the SDK's signer: `npm run bench:sign` says what that costs. The
 * SDK's, aws4 and the published vectors say in the tests whether this one is right.
 *
 * @module
 */
import { createHmac, hash, type KeyObject } from "node:crypto"
import { canonicalRequest, type SignedHeaders } from "./canonical-request.ts"
import { signingKeys } from "./signing-key.ts"

/** How services differ in what they sign. */
export interface SigningRules {
  readonly path: "normalized" | "verbatim"
  /** S3 also wants the body's hash as the header `x-amz-content-sha256`, and signed. */
  readonly contentHashHeader: boolean
}

const s3Family = new Set(["s3", "s3-object-lambda", "s3-outposts", "s3express"])

export const rulesOf = (service: string): SigningRules =>
  s3Family.has(service)
    ? { path: "verbatim", contentHashHeader: true }
    : { path: "normalized", contentHashHeader: false }

/** Stands for the hash of a body that the signature leaves out. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

/** SHA-256 of nothing. */
export const EMPTY_HASH = hash("sha256", "")

export interface SigningCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export interface Unsigned {
  readonly method: string
  /** Path and query as they go on the wire. */
  readonly target: string
  /** Lower-case names, `host` among them. */
  readonly headers: SignedHeaders
}

export interface Signed {
  /** All headers to send, in sending order. */
  readonly headers: SignedHeaders
  /** 64 hexadecimal digits; what the chunks of a body that is signed piece by piece begin with. */
  readonly signature: string
  /** `20261125T140000Z` */
  readonly date: string
  /** `20261125/us-east-1/s3/aws4_request` */
  readonly scope: string
  readonly key: KeyObject
}

/** Makes the signer of one service, region and set of rules. It gives `undefined` when the query is not escaped UTF-8. */
export const sigv4 = ({
  service,
  region,
  ...rules
}: { readonly service: string; readonly region: string } & SigningRules) => {
  const keyFor = signingKeys(region, service)
  return (unsigned: Unsigned, payloadHash: string, credentials: SigningCredentials, now: Date): Signed | undefined => {
    const date = now.toISOString().replace(/[-:]|\.\d{3}/g, "")
    const day = date.slice(0, 8)
    const scope = `${day}/${region}/${service}/aws4_request`
    const { sent, signed } = split(unsigned.headers)
    const own: Array<readonly [string, string]> = [["x-amz-date", date]]
    if (credentials.sessionToken !== "") own.push(["x-amz-security-token", credentials.sessionToken])
    if (rules.contentHashHeader) own.push(["x-amz-content-sha256", payloadHash])
    const mark = unsigned.target.indexOf("?")
    const canonical = canonicalRequest({
      method: unsigned.method,
      path: mark === -1 ? unsigned.target : unsigned.target.slice(0, mark),
      query: mark === -1 ? "" : unsigned.target.slice(mark),
      headers: [...signed, ...own],
      payloadHash,
      pathRule: rules.path,
    })
    if (canonical === undefined) return undefined
    const key = keyFor(credentials.accessKeyId, credentials.secretAccessKey, day)
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash("sha256", canonical.text)}`
    const signature = createHmac("sha256", key).update(text).digest("hex")
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
      `SignedHeaders=${canonical.signedHeaders}, Signature=${signature}`
    return { headers: [...sent, ...own, ["authorization", authorization]], signature, date, scope, key }
  }
}

/** Headers that something on the way may change or leave out, as AWS's own signers leave them out. */
const UNSIGNED = new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
])

/** Ours take their place: `x-amz-date` that of `date`. */
const REPLACED = new Set(["authorization", "date", "x-amz-date"])

/**
 * What is sent and what of it is signed. A name that is there several times is sent as one line, so that signer and verifier
 * cannot join them differently. Text outside ASCII goes on the wire as Latin-1 and would be signed as UTF-8: it is not signed.
 */
const split = (headers: SignedHeaders): { readonly sent: SignedHeaders; readonly signed: SignedHeaders } => {
  const lines = new Map<string, string>()
  for (const [name, value] of headers) {
    if (REPLACED.has(name)) continue
    const before = lines.get(name)
    lines.set(name, before === undefined ? value.trim() : `${before},${value.trim()}`)
  }
  const sent = [...lines]
  return { sent, signed: sent.filter(([name, value]) => isSigned(name) && isAscii(value)) }
}

const isSigned = (name: string): boolean =>
  !UNSIGNED.has(name) && !name.startsWith("proxy-") && !name.startsWith("sec-")

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const isAscii = (text: string): boolean => !/[^\u0000-\u007f]/.test(text)
