/**
 * `headers = { "X-Tenant": "acme", "X-Api-Key": secret(…) }`: headers that are sent along, by name. A value that is to be kept
 * from readers of the file is a secret; since each header is there once, none is both.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { ValueType } from "./field.ts"
import { headerName } from "./header-name.ts"
import { type SecretRef, secret } from "./secret.ts"
import { map, text } from "./values.ts"

/** What a header says: the same for every request. */
export type HeaderValue = string | SecretRef

export type SentHeaders = ReadonlyMap<string, Located<HeaderValue>>

const headerValue: ValueType<HeaderValue> = {
  label: "a string or a secret reference",
  structure: { kind: "scalar" },
  check: (expression, scope) =>
    expression.kind === "Call" ? secret.check(expression, scope) : text.check(expression, scope),
}

const named = (name: Located<string>, scope: Scope): boolean =>
  headerName.check(
    {
      kind: "StringTemplate",
      span: name.span,
      parts: [{ kind: "TemplateText", span: name.span, value: name.value }],
    },
    scope,
  ) !== undefined

const any = map(headerValue, 'a map of headers, such as `{ "X-Tenant": "acme" }`', named)

export const sentHeaders: ValueType<SentHeaders> = {
  ...any,
  check: (expression, scope) => {
    const headers = any.check(expression, scope)
    const first = new Map<string, string>()
    let sound = headers !== undefined
    for (const [name, { span }] of headers ?? []) {
      const earlier = first.get(name.toLowerCase())
      if (earlier === undefined) first.set(name.toLowerCase(), name)
      else {
        sound = false
        scope.report("AF1313", span, { header: name, other: earlier })
      }
    }
    return sound ? headers : undefined
  },
}
