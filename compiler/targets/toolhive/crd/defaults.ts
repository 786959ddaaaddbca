/**
 * Defaults of a structural schema, filled in as the API server does before it validates: where a key is absent, or null and
 * not nullable. A default of an object is filled in first and then completed by its own properties' defaults.
 *
 * @module
 */
import { isObject, type Schema } from "./definition.ts"

const propertySchema = (schema: Schema, key: string): Schema | undefined =>
  schema.properties?.[key] ?? (isObject(schema.additionalProperties) ? schema.additionalProperties : undefined)

/** A copy of the value with the defaults in it. */
export const withDefaults = (schema: Schema, value: unknown): unknown => {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item) => withDefaults(items, item))
  }
  if (!isObject(value)) return value
  const entries = new Map(Object.entries(value))
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const missing = entries.get(key) === undefined || (entries.get(key) === null && property.nullable !== true)
    if (missing && property.default !== undefined) entries.set(key, structuredClone(property.default))
  }
  return Object.fromEntries(
    [...entries].map(([key, each]) => {
      const property = propertySchema(schema, key)
      return [key, property === undefined ? each : withDefaults(property, each)]
    }),
  )
}
