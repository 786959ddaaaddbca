/**
 * `config_map("name", key: "key")`: a file that is no secret and is still not part of the program, such as certificates of
 * authorities. A reference, as in a Kubernetes ConfigMap.
 *
 * @module
 */
import { describe, evaluate } from "../check/evaluate.ts"
import { BROKEN } from "../check/scope.ts"
import type { ValueType } from "./field.ts"
import { mismatch } from "./values.ts"

/** `name` of the object, `key` within it. */
export interface ConfigMapRef {
  readonly name: string
  readonly key: string
}

/** What Kubernetes allows: RFC 1123 subdomain, and the keys of a ConfigMap's data. */
const NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const KEY = /^(?!\.\.)[A-Za-z0-9._-]{1,253}$/

export const configMap: ValueType<ConfigMapRef> = {
  label: "a reference to a config map",
  structure: { kind: "scalar" },
  check: (expression, scope) => {
    const { span } = expression
    if (expression.kind !== "Call" || expression.callee.text !== "config_map") {
      if (expression.kind !== "StringTemplate") return mismatch(expression, configMap.label, scope)
      scope.report("AF1403", span, { reason: "a file is not written out in the program" })
      return undefined
    }
    if (expression.args.some(({ value }) => value.kind === "Missing")) return undefined
    const [name, key, ...rest] = expression.args
    if (!name || name.name !== undefined || key?.name?.text !== "key" || rest.length > 0) {
      scope.report("AF1403", span, { reason: "it takes a name and a key" })
      return undefined
    }
    const parts = [
      { what: "name", form: NAME, argument: name },
      { what: "key", form: KEY, argument: key },
    ].map(({ what, form, argument: { value: written } }) => {
      const value = evaluate(written, scope)
      if (value === BROKEN) return undefined
      if (value?.kind !== "string") {
        scope.report("AF0304", written.span, { expected: "a string", found: describe(written, scope) })
        return undefined
      }
      if (form.test(value.value)) return value.value
      scope.report("AF1403", written.span, { reason: `"${value.value}" is no ${what} of a Kubernetes ConfigMap` })
      return undefined
    })
    const [of, within] = parts
    return of !== undefined && within !== undefined ? { name: of, key: within } : undefined
  },
}
