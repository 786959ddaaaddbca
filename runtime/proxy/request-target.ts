/**
 * Request targets (RFC 9112 section 3.2): read, matched and joined as the bytes they are. Nothing here decodes a path and
 * encodes it again, since the upstream signs and reads the bytes.
 *
 * @module
 */
import { Result } from "effect"
import { RequestRefused } from "../failure.ts"

export interface RequestTarget {
  /** Only in absolute form: the authority, which then has to agree with Host. */
  readonly authority: string | undefined
  /** Starts with `/`. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
}

/** Accepts origin form and absolute form; refuses what could mean another path to the next reader of it. */
export const parseTarget = (raw: string): Result.Result<RequestTarget, RequestRefused> => {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(raw)
  const rest = absolute === null ? raw : absolute[2] || "/"
  const authority = absolute?.[1]?.toLowerCase()
  const mark = rest.indexOf("?")
  const path = mark === -1 ? rest : rest.slice(0, mark)
  const query = mark === -1 ? "" : rest.slice(mark)
  if (!path.startsWith("/")) return refuse("the request target is not a path")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse (RFC 3986 section 2)
  if (/[\u0000-\u0020\u007f-\uffff"<>\\^`{|}#]/.test(rest))
    return refuse("the request target holds characters a URI has to escape")
  if (/%(?![0-9A-Fa-f]{2})/.test(rest)) return refuse("the request target holds a broken percent escape")
  if (hasDotSegment(path)) return refuse("the path holds dot segments, which could lead out of what the flow serves")
  return Result.succeed({ authority, path, query })
}

/** `.` and `..`, also escaped, also between escaped or reversed slashes: some server behind us may read them as segments. */
const hasDotSegment = (path: string): boolean =>
  path
    .replace(/%2e/gi, ".")
    .split(/\/|\\|%2f|%5c/i)
    .some((segment) => segment === "." || segment === "..")

const refuse = (detail: string) => Result.fail(new RequestRefused({ detail }))

/** The part of `path` below `base`, by whole segments: `/aws` serves `/aws` and `/aws/x`, never `/awsx`. */
export const below = (base: string, path: string): string | undefined => {
  const own = base.endsWith("/") ? base.slice(0, -1) : base
  if (own === "" && path === "/") return ""
  if (path === own) return ""
  return path.startsWith(`${own}/`) ? path.slice(own.length) : undefined
}

/** The upstream's own path and query, with `suffix` and the request's query appended byte for byte. */
export const join = (
  upstream: { readonly path: string; readonly query: string },
  suffix: string,
  query: string,
): string => {
  const path =
    suffix.startsWith("/") && upstream.path.endsWith("/") ? upstream.path.slice(0, -1) + suffix : upstream.path + suffix
  if (upstream.query === "" || query === "" || query === "?") return path + (upstream.query || query)
  return `${path}${upstream.query}&${query.slice(1)}`
}

/** Does the query name a parameter of a presigned request (`X-Amz-Signature` and its kin)? */
export const hasPresignedParameter = (query: string): boolean =>
  query
    .slice(1)
    .split("&")
    .some((pair) => /^x-amz-/i.test(unescapeName(pair.split("=", 1)[0] ?? "")))

const unescapeName = (name: string): string => {
  try {
    return decodeURIComponent(name.replaceAll("+", " "))
  } catch {
    return name
  }
}
