/**
 * Asking a provider who a person is, where it has an endpoint of its own for that: how it is asked, and which fields of its
 * answer say what.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { type Fields, optional, required, withDefault } from "./field.ts"
import { claimTypes } from "./token.ts"
import { httpsUrl } from "./url.ts"
import { block, choice, list, map, pattern, text } from "./values.ts"

const fieldName = pattern(
  "a field of the answer",
  /^(?=.{1,256}$)[A-Za-z_][A-Za-z0-9_-]*$/,
  "it is one field at the top of the answer: letters, digits, `_` and `-`",
)

const fieldNames = list(fieldName, { min: 1, max: 10 })

/** RFC 9110 section 5.6.2: `token`. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}$/

/** Headers that say who asks, where the request goes or how long it is. */
const OWN_HEADERS =
  /^(authorization|proxy-.*|host|connection|keep-alive|te|trailer|upgrade|transfer-encoding|content-length|cookie|expect)$/i

const headers = map(
  text,
  'a map of headers, such as `{ Accept: "application/json" }`',
  ({ value: header, span }, scope) => {
    if (!HEADER.test(header)) {
      const hint = "names of headers are letters, digits and `-`, 255 at most"
      scope.report("AF0312", span, { what: "the name of a header", value: header, hint })
      return false
    }
    if (!OWN_HEADERS.test(header)) return true
    scope.report("AF1455", span, { header })
    return false
  },
)

const endpoint = {
  doc: "Where it is asked, with the access token of the login.",
  example: '"https://api.github.com/user"',
}

/** How the endpoint is asked, and what of its answer says who somebody is. */
const asking = {
  method: withDefault(choice(["get", "post"]), "get", { doc: "Method of the request.", example: "get" }),
  headers: optional(headers, {
    doc: "Further headers of the request.",
    example: '{ Accept: "application/vnd.github+json" }',
  }),
  subject: optional(fieldNames, {
    doc: 'Fields that say who a person is there; the first that is there counts. `["sub"]` when unsaid.',
    example: '["id"]',
  }),
  name: optional(fieldNames, {
    doc: 'Fields that say the name; the first that is there counts. `["name"]` when unsaid.',
    example: '["name", "login"]',
  }),
  email: optional(fieldNames, {
    doc: 'Fields that say the e-mail address; the first that is there counts. `["email"]` when unsaid.',
    example: '["email"]',
  }),
}

const claims = withDefault(claimTypes, new Map(), {
  doc: "Fields its answer holds beyond those, with their types.",
  example: "{ groups: strings }",
})

/** Of a provider that has no userinfo endpoint by any standard. */
export const userinfo = block({ endpoint: required(httpsUrl, endpoint), ...asking, claims })

/** Of an OpenID provider, whose own endpoint is asked unless another one is said. */
export const userinfoOverride = block({
  endpoint: optional(httpsUrl, {
    ...endpoint,
    doc: `${endpoint.doc} The provider's own userinfo endpoint when unsaid.`,
  }),
  ...asking,
  claims: withDefault(claimTypes, new Map(), {
    doc: "Claims its userinfo answer holds beyond those the scopes bring, with their types.",
    example: "{ groups: strings }",
  }),
})

export type Userinfo = Fields<typeof userinfo.fields>
export type UserinfoOverride = Fields<typeof userinfoOverride.fields>

/** What is said of how the endpoint is asked, by name. */
export const asked = ({ endpoint, method, headers, subject, name, email }: UserinfoOverride) => {
  const other = method.value === "post" ? method : undefined
  return Object.entries({ endpoint, method: other, headers, subject, name, email }).flatMap(([field, value]) =>
    value ? [[field, value.span] as const] : [],
  )
}

/** What is said of an endpoint that is not said says nothing. Whether it is said, where it has to be, after reporting. */
export const isAsked = (said: UserinfoOverride, scope: Scope): boolean => {
  const [[field, span] = []] = asked(said)
  if (said.endpoint || field === undefined || span === undefined) return true
  scope.report("AF1462", span, { field })
  return false
}

const names = (
  said: Located<readonly Located<string>[]> | undefined,
  unsaid: string,
): readonly [string, ...string[]] => {
  const [first = unsaid, ...others] = said?.value.map(({ value }) => value) ?? []
  return [first, ...others]
}

/** The fields that are tried for each, in turn. */
export const fieldsOf = ({ subject, name, email }: Pick<Userinfo, "subject" | "name" | "email">) => ({
  subject: names(subject, "sub"),
  name: names(name, "name"),
  email: names(email, "email"),
})
