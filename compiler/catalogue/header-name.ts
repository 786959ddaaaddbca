/**
 * Names of header fields that a credential may travel in.
 *
 * @module
 */
import type { ValueType } from "./field.ts"
import { scalar } from "./values.ts"

/** RFC 9110 section 5.6.2: `token`. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}$/

/** Whose headers they are: setting one would change what the request is, where it goes, or who it says it comes from. */
const TAKEN: readonly (readonly [why: string, names: RegExp])[] = [
  ["it says where the request goes", /^(host|:.*)$/],
  [
    "it belongs to one connection (RFC 9110 section 7.6.1)",
    /^(connection|keep-alive|te|trailer|upgrade|http2-settings|proxy-(authorization|authenticate|connection))$/,
  ],
  ["it says where the body ends (RFC 9112 section 6)", /^(transfer-encoding|content-length)$/],
  ["it describes the body", /^(content-(type|encoding)|accept|accept-encoding|expect)$/],
  ["it says who the request came from (RFC 7239)", /^(forwarded|x-forwarded-.*|x-real-ip|via)$/],
  ["it belongs to the MCP transport", /^(mcp-.*|last-event-id)$/],
]

export const headerName: ValueType<string> = scalar(
  "string",
  "the name of a header (a string)",
  (name, { span }, scope) => {
    if (!NAME.test(name)) {
      const hint = "names of headers are letters, digits and `-`, 255 at most"
      scope.report("AF0312", span, { what: "the name of a header", value: name, hint })
      return undefined
    }
    const [why] = TAKEN.find(([, names]) => names.test(name.toLowerCase())) ?? []
    if (why === undefined) return name
    scope.report("AF1201", span, { header: name, why })
    return undefined
  },
)
