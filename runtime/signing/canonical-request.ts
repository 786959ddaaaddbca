/**
 * The canonical request of AWS Signature Version 4 ("Create a signed AWS API request", step 1), from the request as it goes on
 * the wire: nothing is parsed into a URL and written again.
 *
 * @module
 */

/** Lower-case names, in any order; a name may be there several times. */
export type SignedHeaders = ReadonlyArray<readonly [name: string, value: string]>

export interface CanonicalParts {
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  /** As sent, with its `?`, or empty. */
  readonly query: string
  readonly headers: SignedHeaders
  /** Last line: a hash, or one of the words that stand for one. */
  readonly payloadHash: string
  /**
   * `normalized`: dot segments and empty segments are removed and every segment is encoded once more. `verbatim`: S3, whose
   * keys may hold anything, signs the path as it is sent.
   */
  readonly pathRule: "normalized" | "verbatim"
}

export interface CanonicalRequest {
  readonly text: string
  /** Names joined by semicolons. */
  readonly signedHeaders: string
}

/** `undefined` when the query is not escaped UTF-8. */
export const canonicalRequest = (parts: CanonicalParts): CanonicalRequest | undefined => {
  const query = canonicalQuery(parts.query)
  if (query === undefined) return undefined
  const path = parts.pathRule === "normalized" ? canonicalPath(parts.path) : parts.path
  const { lines, signedHeaders } = canonicalHeaders(parts.headers)
  const text = `${parts.method}\n${path}\n${query}\n${lines}\n${signedHeaders}\n${parts.payloadHash}`
  return { text, signedHeaders }
}

/** Most paths are their own canonical form. */
const PLAIN_PATH = /^(\/[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)+\/?$/

export const canonicalPath = (path: string): string => {
  if (path === "/" || PLAIN_PATH.test(path)) return path
  const kept: string[] = []
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue
    if (segment === "..") kept.pop()
    else kept.push(segment)
  }
  const trailing = kept.length > 0 && path.endsWith("/") ? "/" : ""
  return `/${kept.map(percentEncoded).join("/")}${trailing}`
}

/** Names and values decoded and encoded anew, sorted by name, then by value. A plus sign is a plus sign (RFC 3986). */
export const canonicalQuery = (query: string): string | undefined => {
  if (query === "" || query === "?") return ""
  const pairs: Array<readonly [name: string, value: string]> = []
  for (const pair of query.slice(1).split("&")) {
    if (pair === "") continue
    const equals = pair.indexOf("=")
    try {
      const name = percentEncoded(decodeURIComponent(equals === -1 ? pair : pair.slice(0, equals)))
      const value = equals === -1 ? "" : percentEncoded(decodeURIComponent(pair.slice(equals + 1)))
      pairs.push([name, value])
    } catch {
      return undefined
    }
  }
  return pairs
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&")
}

/** By code units, which for escaped text is by bytes. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** RFC 3986 section 2.3: everything but unreserved characters, which encodeURIComponent has five too many of. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** A repeated name is one line, its values joined by commas; runs of blanks are one. */
const canonicalHeaders = (headers: SignedHeaders): { readonly lines: string; readonly signedHeaders: string } => {
  const sorted = headers.toSorted((a, b) => compare(a[0], b[0]))
  let lines = ""
  let signedHeaders = ""
  let before = ""
  for (const [name, value] of sorted) {
    const text = collapsed(value)
    if (name === before) lines = `${lines.slice(0, -1)},${text}\n`
    else {
      lines += `${name}:${text}\n`
      signedHeaders += signedHeaders === "" ? name : `;${name}`
      before = name
    }
  }
  return { lines, signedHeaders }
}

const collapsed = (value: string): string => {
  const trimmed = value.trim()
  return /\s\s|[\t\r\n]/.test(trimmed) ? trimmed.replace(/\s+/g, " ") : trimmed
}
