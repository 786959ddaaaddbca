/**
 * `x-kubernetes-validations`: the CEL rules of a schema, evaluated on a resource that has its defaults.
 *
 * @module
 */
import { compileRule, type Program } from "./cel-library.ts"
import { isObject, type Schema, type ValidationRule } from "./definition.ts"
import { child, element, type Flaw } from "./finding.ts"

/** Words CEL reserves; a property of such a name is reached as `__name__`. */
const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
)

/** How a property's name reads in a rule (https://kubernetes.io/docs/reference/using-api/cel/#escaping). */
const celName = (name: string): string =>
  RESERVED.has(name)
    ? `__${name}__`
    : name
        .replaceAll("__", "__underscores__")
        .replaceAll(".", "__dot__")
        .replaceAll("-", "__dash__")
        .replaceAll("/", "__slash__")

/** The resource's value as CEL sees it: integers are bigint, dates and durations are of their own type, names are escaped. */
const celValue = (schema: Schema, value: unknown): unknown => {
  if (schema["x-kubernetes-int-or-string"]) return typeof value === "number" ? BigInt(value) : value
  if (typeof value === "number") return schema.type === "integer" ? BigInt(Math.trunc(value)) : value
  if (typeof value === "string") {
    switch (schema.format) {
      case "date":
      case "date-time":
        return new Date(value)
      case "duration":
        return compileRule("duration(text)")({ text: value })
      case "byte":
        return Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
      default:
        return value
    }
  }
  if (Array.isArray(value)) return value.map((item) => celValue(schema.items ?? {}, item))
  if (!isObject(value)) return value
  const { properties, additionalProperties } = schema
  return new Map(
    Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
      if (isObject(additionalProperties)) return [[key, celValue(additionalProperties, each)]]
      const property = properties?.[key]
      // What the schema does not declare, a rule cannot see.
      return property ? [[celName(key), celValue(property, each)]] : []
    }),
  )
}

/** A rule on `oldSelf` compares with the stored resource; there is none here. */
const isTransition = ({ rule, optionalOldSelf }: ValidationRule): boolean =>
  /(?<![\w.])oldSelf(?!\w)/.test(rule) && optionalOldSelf !== true

const text = (error: unknown): string => (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error))

const messageOf = (rule: ValidationRule, context: Readonly<Record<string, unknown>>): string => {
  if (rule.messageExpression !== undefined) {
    try {
      const message = compileRule(rule.messageExpression)(context)
      if (typeof message === "string" && message.trim() !== "" && !message.includes("\n")) return message
    } catch {
      // The API server falls back to the fixed message as well.
    }
  }
  return rule.message?.trim() || `failed rule: ${rule.rule.trim()}`
}

function* evaluate(rule: ValidationRule, self: unknown, path: string): Generator<Flaw> {
  const place = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`
  // With `optionalOldSelf` a rule is told that there is no stored resource.
  const context = rule.optionalOldSelf ? { self, oldSelf: compileRule("optional.none()")({}) } : { self }
  let program: Program
  try {
    program = compileRule(rule.rule)
  } catch (error) {
    yield { path: place, message: `its rule is not CEL that can be evaluated here: ${text(error)}`, rule: rule.rule }
    return
  }
  try {
    if (program(context) !== true) yield { path: place, message: messageOf(rule, context), rule: rule.rule }
  } catch (error) {
    yield { path: place, message: `its rule does not evaluate: ${text(error)}`, rule: rule.rule }
  }
}

/**
 * Every rule that does not hold. `isSound` says whether a value has its structure; a rule on one that has not is left out, as
 * the API server does: what it would say only follows.
 */
export function* rules(
  schema: Schema,
  value: unknown,
  path: string,
  isSound: (path: string) => boolean,
): Generator<Flaw> {
  if (value === null || value === undefined) return
  const own = schema["x-kubernetes-validations"] ?? []
  if (own.length > 0 && isSound(path)) {
    const self = celValue(schema, value)
    for (const rule of own) if (!isTransition(rule)) yield* evaluate(rule, self, path)
  }
  if (Array.isArray(value) && schema.items) {
    for (const [index, item] of value.entries()) yield* rules(schema.items, item, element(path, index), isSound)
  } else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      const property =
        schema.properties?.[key] ?? (isObject(schema.additionalProperties) ? schema.additionalProperties : undefined)
      if (property) yield* rules(property, each, child(path, key), isSound)
    }
  }
}

/** The transition rules of a schema, with where they stand: rules that `rules` leaves out. */
export function* transitionRules(
  schema: Schema,
  path: string,
): Generator<{ readonly path: string; readonly rule: string }> {
  for (const rule of schema["x-kubernetes-validations"] ?? []) if (isTransition(rule)) yield { path, rule: rule.rule }
  for (const [key, each] of Object.entries(schema.properties ?? {})) yield* transitionRules(each, child(path, key))
  if (schema.items) yield* transitionRules(schema.items, `${path}[]`)
  if (isObject(schema.additionalProperties)) yield* transitionRules(schema.additionalProperties, `${path}{}`)
}
