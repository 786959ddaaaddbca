/**
 * Structural validation: what the API server checks of a custom resource against its OpenAPI schema, with strict field
 * validation (an unknown field is an error, where a lax server would drop it in silence).
 *
 * @module
 */
import { isObject, type Schema } from "./definition.ts"
import { child, element, type Flaw } from "./finding.ts"
import { hasFormat, INTEGER_BOUNDS } from "./format.ts"
import { goPattern } from "./go-pattern.ts"

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** Equality of JSON values; the order of keys does not count. */
const same = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => same(each, b[i]))
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a)
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  }
  return a === b
}

const typeOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  if (typeof value === "number" || typeof value === "bigint")
    return Number.isInteger(Number(value)) ? "integer" : "number"
  return typeof value
}

const hasType = (schema: Schema, value: unknown): boolean => {
  const actual = typeOf(value)
  if (schema["x-kubernetes-int-or-string"]) return actual === "integer" || actual === "string"
  if (schema.type === undefined) return true
  return actual === schema.type || (actual === "integer" && schema.type === "number")
}

function* strings(schema: Schema, value: string, path: string): Generator<Flaw> {
  // Lengths count code points, as Go counts runes.
  const length = [...value].length
  if (schema.minLength !== undefined && length < schema.minLength) {
    yield { path, message: `${show(value)} is shorter than ${schema.minLength} characters` }
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    yield { path, message: `${show(value)} is longer than ${schema.maxLength} characters` }
  }
  if (schema.pattern !== undefined && !goPattern(schema.pattern).test(value)) {
    yield { path, message: `${show(value)} does not match ${schema.pattern}` }
  }
  if (schema.format !== undefined && !hasFormat(schema.format, value)) {
    yield { path, message: `${show(value)} is not of the format ${schema.format}` }
  }
}

function* numbers(schema: Schema, value: number, path: string): Generator<Flaw> {
  const { minimum, maximum, multipleOf } = schema
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    yield { path, message: `${value} is ${schema.exclusiveMinimum ? "not above" : "below"} ${minimum}` }
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    yield { path, message: `${value} is ${schema.exclusiveMaximum ? "not below" : "above"} ${maximum}` }
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    yield { path, message: `${value} is not a multiple of ${multipleOf}` }
  }
  const bounds = INTEGER_BOUNDS[schema.format ?? ""]
  if (bounds && Number.isInteger(value) && (BigInt(value) < bounds[0] || BigInt(value) > bounds[1])) {
    yield { path, message: `${value} does not fit ${schema.format}` }
  }
}

/** Keys of a list of type `map`; a key the item leaves out has been filled in by its default, or is absent for all alike. */
const mapKey = (keys: readonly string[], item: unknown): unknown =>
  keys.map((key) => (isObject(item) ? (item[key] ?? null) : null))

function* lists(schema: Schema, value: readonly unknown[], path: string): Generator<Flaw> {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    yield { path, message: `it has ${value.length} items, at least ${schema.minItems} are needed` }
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    yield { path, message: `it has ${value.length} items, at most ${schema.maxItems} are allowed` }
  }
  const listType = schema["x-kubernetes-list-type"]
  const keys = listType === "map" ? schema["x-kubernetes-list-map-keys"] : undefined
  const identities = keys ? value.map((item) => mapKey(keys, item)) : value
  if (keys || listType === "set" || schema.uniqueItems) {
    for (const [index, identity] of identities.entries()) {
      if (identities.slice(0, index).some((earlier) => same(earlier, identity))) {
        const what = keys ? `${keys.join(", ")} ${show(identity)}` : show(identity)
        yield { path: element(path, index), message: `duplicate ${what}` }
      }
    }
  }
  if (schema.items)
    for (const [index, item] of value.entries()) yield* structure(schema.items, item, element(path, index))
}

const EMBEDDED: Schema = {
  required: ["apiVersion", "kind"],
  properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } },
}

function* objects(schema: Schema, value: Readonly<Record<string, unknown>>, path: string): Generator<Flaw> {
  const embedded = schema["x-kubernetes-embedded-resource"] ? EMBEDDED : {}
  const properties = { ...embedded.properties, ...schema.properties }
  for (const key of [...(schema.required ?? []), ...(embedded.required ?? [])]) {
    if (!Object.hasOwn(value, key)) yield { path: child(path, key), message: "required, and missing" }
  }
  const count = Object.keys(value).length
  if (schema.minProperties !== undefined && count < schema.minProperties) {
    yield { path, message: `it has ${count} entries, at least ${schema.minProperties} are needed` }
  }
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    yield { path, message: `it has ${count} entries, at most ${schema.maxProperties} are allowed` }
  }
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true
  for (const [key, each] of Object.entries(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (property) yield* structure(property, each, child(path, key))
    else if (isObject(schema.additionalProperties))
      yield* structure(schema.additionalProperties, each, child(path, key))
    else if (!open) yield { path: child(path, key), message: "unknown field" }
  }
}

const holds = (schema: Schema, value: unknown): boolean =>
  structure({ ...OPEN, ...schema }, value, "").next().done === true

/** Schemas inside a junctor only add conditions; which fields exist is said outside of them. */
const OPEN: Schema = { "x-kubernetes-preserve-unknown-fields": true }

function* junctors(schema: Schema, value: unknown, path: string): Generator<Flaw> {
  for (const part of schema.allOf ?? []) yield* structure({ ...OPEN, ...part }, value, path)
  if (schema.anyOf && !schema.anyOf.some((part) => holds(part, value))) {
    yield { path, message: `${show(value)} fits none of the forms it may have` }
  }
  if (schema.oneOf && schema.oneOf.filter((part) => holds(part, value)).length !== 1) {
    yield { path, message: `${show(value)} must fit exactly one of the forms it may have` }
  }
  if (schema.not && holds(schema.not, value)) yield { path, message: `${show(value)} has a form that is forbidden` }
}

/** Everything in the value that the schema forbids. The value has its defaults. */
export function* structure(schema: Schema, value: unknown, path: string): Generator<Flaw> {
  if (value === null && schema.nullable) return
  if (!hasType(schema, value)) {
    const wanted = schema["x-kubernetes-int-or-string"] ? "integer or string" : schema.type
    yield { path, message: `${show(value)} is of type ${typeOf(value)}, ${wanted} is needed` }
    return
  }
  if (schema.enum && !schema.enum.some((each) => same(each, value))) {
    yield { path, message: `${show(value)} is none of ${schema.enum.map(show).join(", ")}` }
  }
  if (typeof value === "string") yield* strings(schema, value, path)
  else if (typeof value === "number") yield* numbers(schema, value, path)
  else if (Array.isArray(value)) yield* lists(schema, value, path)
  else if (
    isObject(value) &&
    (schema.type === "object" || schema.properties || schema.required || schema.additionalProperties)
  ) {
    yield* objects(schema, value, path)
  }
  yield* junctors(schema, value, path)
}
