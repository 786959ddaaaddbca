/**
 * `secret("name", key: "key")`: the only way a secret gets into a file. A reference, never a value.
 *
 * @module
 */

import type { Argument, Span } from "../../grammar/ast.ts"
import { describe, evaluate } from "../check/evaluate.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import type { ValueType } from "./field.ts"
import { mismatch } from "./values.ts"

/** As in a Kubernetes Secret: `name` of the object, `key` within it. */
export interface SecretRef {
  readonly name: string
  readonly key: string
}

/** What Kubernetes allows, so that the same file works on each target: RFC 1123 subdomain, and the keys of a Secret's data. */
const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const KEY = /^(?!\.\.)[A-Za-z0-9._-]{1,253}$/

export const secret: ValueType<SecretRef> = {
  label: "a secret reference",
  structure: { kind: "scalar" },
  check: (expression, scope) => {
    const { span } = expression
    if (expression.kind === "StringTemplate" || expression.kind === "NumberLiteral") {
      scope.report("AF0307", span, {})
      return undefined
    }
    if (expression.kind !== "Call" || expression.callee.text !== "secret") {
      // A parameter's value comes from the command line or the file: a literal by another way.
      if (expression.kind === "Reference" && evaluate(expression, scope) !== undefined) {
        scope.report("AF0307", span, {})
        return undefined
      }
      return mismatch(expression, secret.label, scope)
    }
    const [name, key, ...rest] = expression.args
    const wellFormed = name && name.name === undefined && key && key.name?.text === "key" && rest.length === 0
    if (expression.args.some(({ value }) => value.kind === "Missing")) return undefined
    if (!wellFormed) {
      scope.report("AF0309", span, { reason: "it takes a name and a key" })
      return undefined
    }
    const checked = { name: part(name, NAME, "name", scope), key: part(key, KEY, "key", scope) }
    return checked.name !== undefined && checked.key !== undefined
      ? { name: checked.name, key: checked.key }
      : undefined
  },
}

const part = (argument: Argument, form: RegExp, what: "name" | "key", scope: Scope): string | undefined => {
  const span: Span = argument.value.span
  const value = evaluate(argument.value, scope)
  if (value === BROKEN) return undefined
  if (value?.kind !== "string") {
    scope.report("AF0304", span, { expected: "a string", found: describe(argument.value, scope) })
    return undefined
  }
  if (form.test(value.value)) return value.value
  const rule =
    what === "name"
      ? "names are lower-case letters, digits, `-` and `.`, and begin and end with a letter or digit"
      : "keys are letters, digits, `-`, `_` and `.`"
  scope.report("AF0309", span, { reason: `"${value.value}" is no ${what} of a Kubernetes Secret: ${rule}` })
  return undefined
}

/** Tells secrets apart in a list. */
export const secretKey = ({ name, key }: SecretRef): string => `${name}/${key}`
