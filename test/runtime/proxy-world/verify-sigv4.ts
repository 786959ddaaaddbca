/**
 * A strict SigV4 verifier on node:crypto alone, written from AWS's description ("Create a signed AWS API request"), so that
 * it shares nothing with the signer under test. It works on the request as it came off the wire.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"

export interface WireRequest {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export type Secrets = ReadonlyMap<string, { readonly secret: string; readonly token: string }>

/** `undefined` when the signature is right, else what is wrong. */
export const wrongSignature = (
  request: WireRequest,
  secrets: Secrets,
  expected: { readonly region: string; readonly service: string; readonly payload?: "unsigned" | undefined },
): string | undefined => {
  const headers = new Map<string, string>()
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? "").toLowerCase()
    if (headers.has(name)) return `the header ${name} came twice`
    headers.set(name, (request.rawHeaders[at + 1] ?? "").trim().replace(/ +/g, " "))
  }
  const shape =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id = "", day = "", region = "", service = "", list = "", signature = ""] =
    shape.exec(headers.get("authorization") ?? "") ?? []
  const known = secrets.get(id)
  if (known === undefined) return `unknown access key "${id}"`
  if (region !== expected.region || service !== expected.service) return "another region or service"
  if (headers.get("x-amz-security-token") !== known.token) return "another session token"
  const date = headers.get("x-amz-date") ?? ""
  const instant = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
  if (!date.startsWith(day) || !(Math.abs(Date.now() - instant) < 5 * 60_000)) return "a stale date"
  const signed = list.split(";")
  for (const name of [
    "host",
    ...[...headers.keys()].filter((key) => key.startsWith("x-amz-") || key === "content-type"),
  ]) {
    if (!signed.includes(name)) return `the header ${name} is not signed`
  }
  if (expected.payload === "unsigned" && headers.get("x-amz-content-sha256") !== "UNSIGNED-PAYLOAD") {
    return "the signature does not say that it leaves the body out"
  }
  const [path = "", query = ""] = request.target.split(/\?(.*)/s)
  const canonical = [
    request.method,
    path
      .split("/")
      .map((segment) => encode(segment))
      .join("/"),
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => {
        const [name = "", value = ""] = pair.split(/=(.*)/s)
        return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`
      })
      .sort()
      .join("&"),
    ...signed.map((name) => `${name}:${headers.get(name) ?? ""}`),
    "",
    list,
    expected.payload === undefined ? createHash("sha256").update(request.body).digest("hex") : "UNSIGNED-PAYLOAD",
  ].join("\n")
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n")
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(hmac, Buffer.from(`AWS4${known.secret}`))
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex")) ? undefined : "the signature does not match"
}

const hmac = (key: Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest()

/** RFC 3986 unreserved characters stay, the rest is escaped in upper case. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
