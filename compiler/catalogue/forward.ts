/**
 * `forward URL`: sends the prepared request to the upstream. Where every flow ends.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import type { CredentialOf, Token } from "./credential.ts"
import { optional, withDefault } from "./field.ts"
import { type SentHeaders, sentHeaders } from "./sent-headers.ts"
import { httpsUrl } from "./url.ts"
import { duration } from "./values.ts"

const fields = {
  timeout: withDefault(duration({ min: 1, max: 60 * 60 }), 60, {
    doc: "Time to the headers of the upstream's answer; an event stream may stay open longer.",
    example: "60s",
  }),
  headers: optional(sentHeaders, {
    doc: "Headers that are sent along, the same for every request, in the place of the caller's own: text, or secrets.",
    example: '{ "X-Tenant": "acme", "X-Api-Key": secret("orders", key: "api-key") }',
  }),
}

type Shown = CredentialOf<"SignedRequest" | "Token" | "Headers" | "Unauthenticated">

/** Headers that only ever hold credentials. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"])

/** Names in lower case of the headers that the credential travels in. */
const headersOf = (shown: Shown): readonly string[] => {
  switch (shown.tag) {
    case "Token":
      return [shown.header.toLowerCase()]
    case "Headers":
      return shown.names.map((name) => name.toLowerCase())
    case "SignedRequest":
      return ["authorization"]
    case "Unauthenticated":
      return []
  }
}

/** Whether what is sent along leaves the credential alone, after reporting. */
const leavesCredential = (headers: SentHeaders, shown: Shown, scope: Scope): boolean => {
  const taken = headersOf(shown)
  let sound = true
  for (const [header, { value, span }] of headers) {
    const name = header.toLowerCase()
    const signed = shown.tag === "SignedRequest" && (name === "authorization" || name.startsWith("x-amz-"))
    const isText = typeof value === "string" && CREDENTIALS.has(name)
    if (signed) scope.report("AF1315", span, { header })
    else if (taken.includes(name)) scope.report("AF1316", span, { header })
    else if (isText) scope.report("AF0307", span, {})
    else continue
    sound = false
  }
  return sound
}

/** Warns of a token that names a host it is for (RFC 8707 section 2), and goes to another one. */
const checkAudience = ({ audience }: Token, { value, span }: Located<string>, scope: Scope): void => {
  if (!audience?.startsWith("https://")) return
  const { host } = new URL(value)
  const named = URL.parse(audience)?.host
  if (named !== undefined && named !== host) scope.report("AF1211", span, { host, audience })
}

export const forward: StageConstruct<
  "forward",
  string,
  typeof fields,
  "SignedRequest" | "Token" | "Headers" | "Unauthenticated",
  "Answer"
> = {
  verb: "forward",
  kind: "forward",
  doc: "Sends the request to the upstream.",
  operand: { by: "value", type: httpsUrl, example: '"https://api.example.com/mcp"' },
  fields,
  consumes: ["SignedRequest", "Token", "Headers", "Unauthenticated"],
  produces: "Answer",
  type: ({ operand, input, fields: { headers } }, scope) => {
    if (input.tag === "Token") checkAudience(input, operand, scope)
    if (headers && !leavesCredential(headers.value, input, scope)) return undefined
    return { tag: "Answer", url: operand }
  },
}
