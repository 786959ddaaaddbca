/**
 * The canonical request and the signature of AWS Signature Version 4, from the bytes that came in. Written from the
 * specification and on node:crypto alone, so that it shares no code, and no mistake, with the signer it checks.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto"

/** A request as it arrived. */
export interface RawRequest {
  readonly method: string
  /** Path and query as they stood in the request line. */
  readonly target: string
  /** Names and values in the order and the case they were sent. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Uint8Array
}

/** `20150830/us-east-1/service/aws4_request` in its parts. */
export interface CredentialScope {
  readonly date: string
  readonly region: string
  readonly service: string
}

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex")

/** `signedHeaders` are lower-case names in the order the signer listed them, which has to be sorted. */
export const canonicalRequest = (
  { method, target, headers }: Omit<RawRequest, "body">,
  signedHeaders: readonly string[],
  payloadHash: string,
): string => {
  const at = target.indexOf("?")
  const path = at === -1 ? target : target.slice(0, at)
  const query = at === -1 ? "" : target.slice(at + 1)
  const lines = signedHeaders.map((name) => `${name}:${headerValues(headers, name).map(trimAll).join(",")}\n`)
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    lines.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n")
}

export const scopeText = ({ date, region, service }: CredentialScope): string =>
  `${date}/${region}/${service}/aws4_request`

export const stringToSign = (amzDate: string, scope: CredentialScope, canonical: string): string =>
  ["AWS4-HMAC-SHA256", amzDate, scopeText(scope), sha256(canonical)].join("\n")

/** The signature as lower-case hexadecimal. */
export const signature = (
  secretAccessKey: string,
  { date, region, service }: CredentialScope,
  toSign: string,
): string => {
  const key = [date, region, service, "aws4_request"].reduce<Uint8Array | string>(hmac, `AWS4${secretAccessKey}`)
  return Buffer.from(hmac(key, toSign)).toString("hex")
}

const hmac = (key: Uint8Array | string, data: string): Uint8Array => createHmac("sha256", key).update(data).digest()

export const headerValues = (headers: RawRequest["headers"], name: string): readonly string[] =>
  headers.filter(([candidate]) => candidate.toLowerCase() === name).map(([, value]) => value)

/** Outer whitespace away, runs of it inside become one space. */
const trimAll = (value: string): string => value.trim().replace(/\s+/g, " ")

/**
 * Dot segments and empty segments resolved, then each segment encoded once more than it was sent: every service but S3 does so.
 */
const canonicalPath = (path: string): string => {
  const kept: string[] = []
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop()
    else if (segment !== "." && segment !== "") kept.push(segment)
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : ""
  return `/${kept.map(uriEncode).join("/")}${end}`
}

/** Decoded and encoded again, so that only one spelling of a query has a given signature; sorted by name, then value. */
const canonicalQuery = (query: string): string =>
  query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=")
      const [name, value] = at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)]
      return [uriEncode(uriDecode(name)), uriEncode(uriDecode(value))] as const
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&")

/** By code point: the names and values are ASCII by now. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes, in upper case. */
const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** What cannot be decoded stands for itself; a request whose escapes are broken then has no signature that fits. */
const uriDecode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
