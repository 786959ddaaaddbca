/**
 * URLs: absolute, https, and of the shape their use asks for.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { ValueType } from "./field.ts"
import { scalar } from "./values.ts"

/** Which parts beyond host and path a URL may have. */
interface Parts {
  readonly query: boolean
  readonly trailingSlash: boolean
}

/** Beyond what the WHATWG parser would silently repair: white space, backslashes, controls. */
const RAW = /^[^\s\\\p{Cc}]+$/u

/** The URL as written, or `undefined` after reporting. Written forms are kept byte for byte: issuers are compared that way. */
const check = (what: string, parts: Parts, written: string, span: Span, scope: Scope): string | undefined => {
  const url = RAW.test(written) && /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? URL.parse(written) : null
  if (url === null || url.hostname === "") {
    const fix = /^[\w-]+(\.[\w-]+)+(:\d+)?(\/\S*)?$/.test(written) ? `https://${written}` : undefined
    scope.report("AF0701", span, { what, value: written }, quoted(span, fix))
    return undefined
  }
  if (url.protocol !== "https:") {
    const fix = url.protocol === "http:" ? written.replace(/^http:/i, "https:") : undefined
    scope.report("AF0702", span, { what, scheme: url.protocol.slice(0, -1) }, quoted(span, fix))
    return undefined
  }
  const excess =
    url.username !== "" || url.password !== ""
      ? "a user name or password"
      : written.includes("#")
        ? "a fragment (`#…`)"
        : !parts.query && written.includes("?")
          ? "a query (`?…`)"
          : !parts.trailingSlash && written.endsWith("/")
            ? "a slash at its end"
            : undefined
  if (excess !== undefined) {
    const fix = excess.startsWith("a slash") ? written.replace(/\/+$/, "") : undefined
    scope.report("AF0703", span, { what, excess }, quoted(span, fix))
    return undefined
  }
  return written
}

/** A fix that writes `text` as the whole string. Not offered over a template: that would write a parameter's value into it. */
const quoted = (span: Span, text: string | undefined) =>
  text === undefined ? {} : { fix: { title: `Write "${text}"`, edits: [{ span, text: JSON.stringify(text) }] } }

const url = (what: string, parts: Parts): ValueType<string> =>
  scalar("string", `${what} (a string)`, (written, expression, scope) => {
    const template =
      expression.kind !== "StringTemplate" || expression.parts.some(({ kind }) => kind === "TemplateHole")
    const report: Scope["report"] = (code, span, args, { fix, ...details } = {}) =>
      scope.report(code, span, args, template || fix === undefined ? details : { ...details, fix })
    return check(what, parts, written, expression.span, { ...scope, report })
  })

/** An absolute https URL that requests are sent to. */
export const httpsUrl = url("an https URL", { query: true, trailingSlash: true })

/** A base that a path is put behind: https, no query, no fragment, no slash at the end. */
export const baseUrl = url("a base URL", { query: false, trailingSlash: false })

/** RFC 8414 section 2, OpenID Connect Discovery section 3: https, no query, no fragment; ToolHive: no slash at the end. */
export const issuerUrl = url("an issuer URL", { query: false, trailingSlash: false })

/** RFC 6749 section 3.1.2: no fragment. A query is refused by ToolHive, and is no part of what a client is known by. */
export const redirectUri = url("a redirect URI", { query: false, trailingSlash: true })

/** Whether a name in a map is the URL of an outside issuer, after reporting. Some of them end in a slash. */
export const isTrustedIssuerUrl = ({ value, span }: Located<string>, scope: Scope): boolean =>
  check("an issuer URL", { query: false, trailingSlash: true }, value, span, scope) !== undefined

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

/** Schemes that are no app's own: what they do with a code is decided by somebody else. */
const FOREIGN_SCHEMES =
  "about blob chrome data file filesystem ftp ftps javascript mailto sms tel vbscript view-source ws wss".split(" ")

/**
 * RFC 8252 section 7, OAuth 2.1 section 10.3.3: https, http on loopback, or a scheme that an app has for itself. Anything but
 * https on a host of the web leads to a person's own computer.
 */
export const clientRedirectUri: ValueType<string> = scalar(
  "string",
  "a redirect URI of a client (a string)",
  (written, { span }, scope) => {
    const reason = redirectProblem(written)
    if (reason === undefined) return written
    scope.report("AF1552", span, { redirect: written, reason })
    return undefined
  },
)

const redirectProblem = (written: string): string | undefined => {
  const url = RAW.test(written) ? URL.parse(written) : null
  if (url === null) return "it is no absolute URL"
  const scheme = url.protocol.slice(0, -1)
  if (url.username !== "" || url.password !== "") return "it holds a user name or password"
  if (written.includes("#")) return "it has a fragment (`#…`)"
  if (FOREIGN_SCHEMES.includes(scheme)) return `\`${scheme}:\` is no scheme of an app's own`
  const local = LOOPBACK.includes(url.hostname)
  if (scheme === "http" && !local) return "`http` is for an app on this computer only: codes would travel in the clear"
  if (scheme === "https" && local) return "an app on this computer has no certificate: it is called by `http`"
  return undefined
}

/** Whether a redirect URI leads to a host of the web, and to no person's own computer. */
export const isWebHost = (redirect: string): boolean => redirect.startsWith("https:")

/** RFC 9728 section 1.2, RFC 8707 section 2: https, no fragment; a query would make one resource two. */
export const resourceUrl = url("a flow's URL", { query: false, trailingSlash: true })

/** Two URLs that a proxy cannot tell apart give the same: origin, and path without a slash at its end. */
export const routeOf = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname.replace(/\/+$/, "")}`
}
