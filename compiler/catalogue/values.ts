/**
 * The value types every construct builds on: scalars, choices, lists, maps and blocks.
 *
 * @module
 */
import type { Expression } from "../../grammar/ast.ts"
import { checkFields, withoutDuplicates, writtenInMap } from "../check/block.ts"
import { describe, evaluate, replacement, resolved, written } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import { BROKEN, type Scope } from "../check/scope.ts"
import type { Value } from "../check/value.ts"
import { at, type Located } from "../source/source.ts"
import { knownScopes } from "./claims.ts"
import type { FieldDeclarations, Fields, KnownValues, ValueType } from "./field.ts"
import { functions } from "./item.ts"
import { formatDuration, formatSize } from "./unit.ts"

type ValueOf<K extends Value["kind"]> = Extract<Value, { readonly kind: K }>["value"]

const FUNCTIONS = Object.keys(functions)

/** Reports that the expression is not what is expected here, as precisely as its form allows. */
export const mismatch = (expression: Expression, expected: string, scope: Scope): undefined => {
  const { span } = expression
  if (expression.kind === "Missing") return
  if (expression.kind === "Call") {
    const { callee } = expression
    if (callee.text === "") return
    if (!FUNCTIONS.includes(callee.text)) {
      const meant = nearest(callee.text, FUNCTIONS)
      scope.report("AF0207", callee.span, { name: callee.text, meant }, replacement(callee.span, meant))
      return
    }
    if (callee.text === "secret") {
      scope.report("AF0308", span, { expected })
      return
    }
  }
  if (expression.kind === "Reference" && expression.path.length === 1) {
    const word = written(expression)
    if (scope.names.get(word) === undefined) {
      const meant = nearest(word, [...scope.values.keys()])
      if (meant !== undefined) {
        scope.report("AF0201", span, { what: "parameter or constant", name: word, meant }, replacement(span, meant))
        return
      }
      const fix = { title: "Write it in quotes", edits: [{ span, text: JSON.stringify(word) }] }
      scope.report(
        "AF0304",
        span,
        { expected, found: describe(expression, scope) },
        expected.includes("string") ? { fix } : {},
      )
      return
    }
  }
  scope.report("AF0304", span, { expected, found: describe(expression, scope) })
}

/** A type whose values are computed: `read` gets the value of `kind` and answers `undefined` after reporting. */
export const scalar = <K extends Value["kind"], T>(
  kind: K,
  label: string,
  read: (value: ValueOf<K>, expression: Expression, scope: Scope) => T | undefined,
): ValueType<T> => ({
  label,
  structure: { kind: "scalar", of: kind },
  check: (expression, scope) => {
    const value = evaluate(expression, scope)
    if (value === BROKEN) return undefined
    if (value === undefined || value.kind !== kind) return mismatch(expression, label, scope)
    // `kind` is the tag of `value`: narrowed by the comparison above, which a type parameter does not follow.
    return read(value.value as ValueOf<K>, expression, scope)
  },
})

/** A string of which `form` says the shape; `what` names it: "an AWS region". `known`: such strings, to be offered. */
export const pattern = (what: string, form: RegExp, hint: string, known?: KnownValues): ValueType<string> => ({
  ...scalar("string", `${what} (a string)`, (value, { span }, scope) => {
    if (form.test(value)) return value
    scope.report("AF0312", span, { what, value, hint })
    return undefined
  }),
  structure: { kind: "scalar", of: "string", ...(known && { known }) },
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
export const text = pattern("text", /^[^\u0000-\u001f\u007f]+$/, "it is not empty and has no control characters")

/** RFC 6749 section 3.3: `scope-token`. */
export const scope = pattern(
  "a scope",
  /^[\x21\x23-\x5B\x5D-\x7E]+$/,
  "a scope is one word of printable ASCII without spaces, quotes and backslashes; several are several list items",
  knownScopes,
)

/** A whole number of seconds within the bounds, both in seconds. */
export const duration = ({ min, max }: { readonly min: number; readonly max: number }): ValueType<number> => {
  const label = `a duration from ${formatDuration(min)} to ${formatDuration(max)}`
  return scalar("duration", label, (seconds, { span }, scope) => {
    if (seconds >= min && seconds <= max && Number.isInteger(seconds)) return seconds
    const bounds = Number.isInteger(seconds) ? label : "a whole number of seconds"
    scope.report("AF0305", span, { found: formatDuration(seconds), bounds })
    return undefined
  })
}

/** Bytes within the bounds. */
export const size = ({ min, max }: { readonly min: number; readonly max: number }): ValueType<number> => {
  const label = `a size from ${formatSize(min)} to ${formatSize(max)}`
  return scalar("size", label, (bytes, { span }, scope) => {
    if (bytes >= min && bytes <= max) return bytes
    scope.report("AF0305", span, { found: formatSize(bytes), bounds: label })
    return undefined
  })
}

/** One word of a closed set. */
export const choice = <const T extends string>(values: readonly T[]): ValueType<T> => {
  const label = values.length === 1 ? `\`${values[0]}\`` : `one of ${values.map((value) => `\`${value}\``).join(", ")}`
  return {
    label,
    structure: { kind: "choice", values },
    check: (expression, scope) => {
      const { span } = expression
      if (expression.kind === "StringTemplate") {
        const quoted = evaluate(expression, scope)
        if (quoted === BROKEN) return undefined
        const meant = values.find((value) => value === quoted?.value)
        const fix = meant && { title: `Write \`${meant}\` without quotes`, edits: [{ span, text: meant }] }
        scope.report("AF0304", span, { expected: label, found: "a string" }, fix ? { fix } : {})
        return undefined
      }
      if (expression.kind !== "Reference" || expression.path.length !== 1) return mismatch(expression, label, scope)
      const word = written(expression)
      const value = values.find((each) => each === word)
      if (value === undefined && word !== "") {
        const meant = nearest(word, values)
        scope.report("AF0306", span, { found: word, choices: values, meant }, replacement(span, meant))
      }
      return value
    },
  }
}

/** `min`, `max`: how many items. `key` tells items apart that are no scalars; the same item twice is an error. */
export const list = <T>(
  item: ValueType<T>,
  { min = 0, max, key }: { readonly min?: number; readonly max?: number; readonly key?: (value: T) => string } = {},
): ValueType<readonly Located<T>[]> => {
  const label = `a list, each item ${item.label}`
  return {
    label,
    structure: { kind: "list", item },
    check: (expression, scope) => {
      const { span } = expression
      if (expression.kind !== "ListLiteral") {
        if (expression.kind === "StringTemplate" || expression.kind === "Reference") {
          const edits = [
            { span: { start: span.start, end: span.start }, text: "[" },
            { span: { start: span.end, end: span.end }, text: "]" },
          ]
          const fix = { title: "Make it a list", edits }
          scope.report("AF0304", span, { expected: label, found: describe(expression, scope) }, { fix })
          return undefined
        }
        return mismatch(expression, label, scope)
      }
      const count = expression.items.length
      if (count < min || (max !== undefined && count > max)) {
        scope.report("AF0310", span, { count, min, max })
        return undefined
      }
      const checked = expression.items.map((each) => {
        const value = item.check(resolved(each, scope), scope)
        return value === undefined ? undefined : at(each.span, value)
      })
      const seen = new Map<string, Located<T>>()
      for (const each of checked) {
        if (each === undefined) continue
        const identity = key ? key(each.value) : String(each.value)
        const earlier = seen.get(identity)
        if (earlier)
          scope.report(
            "AF0311",
            each.span,
            { item: identity },
            { related: [{ span: earlier.span, message: "already here" }] },
          )
        seen.set(identity, each)
      }
      const whole = checked.filter((each) => each !== undefined)
      return whole.length === count && seen.size === count ? whole : undefined
    },
  }
}

/** A map with fields of its own: `{ access: 1h, refresh: 7d }`. */
export const block = <F extends FieldDeclarations>(fields: F): ValueType<Fields<F>> & { readonly fields: F } => {
  const names = Object.keys(fields).map((name) => `\`${name}\``)
  const label = `a map with ${names.join(", ")}`
  return {
    label,
    structure: { kind: "block", fields },
    fields,
    check: (expression, scope) =>
      expression.kind === "MapLiteral"
        ? checkFields(fields, writtenInMap(expression), "this map", expression.span, scope)
        : mismatch(expression, label, scope),
  }
}

/** A map from names of the writer's choosing. `key` refuses a name, after reporting. */
export const map = <T>(
  value: ValueType<T>,
  label: string,
  key: (name: Located<string>, scope: Scope) => boolean = () => true,
): ValueType<ReadonlyMap<string, Located<T>>> => ({
  label,
  structure: { kind: "map", value },
  check: (expression, scope) => {
    if (expression.kind !== "MapLiteral") return mismatch(expression, label, scope)
    const entries = withoutDuplicates(writtenInMap(expression), scope)
    const checked = new Map<string, Located<T>>()
    for (const { name, nameSpan, value: expression } of entries) {
      const good = name !== "" && key(at(nameSpan, name), scope)
      if (name === "") scope.report("AF0312", nameSpan, { what: "a name", value: name, hint: "it is empty" })
      const found = value.check(resolved(expression, scope), scope)
      if (good && found !== undefined) checked.set(name, at(nameSpan, found))
    }
    return checked.size === expression.entries.length ? checked : undefined
  },
})
