/**
 * Defaults as a file would write them.
 *
 * @module
 */
import type { Field, Structure } from "./field.ts"
import { formatDuration, formatSize } from "./unit.ts"

/** Where a default of a field stands in no file; only its parts are asked for, never its place. */
const NOWHERE = { start: 0, end: 0 }

/** `undefined` where there is none, and where it is the defaults of its own fields. */
export const defaultText = ({ presence, fallback, type }: Field<unknown>): string | undefined =>
  presence === "default" && fallback ? literal(fallback(NOWHERE), type.structure) : undefined

const literal = (value: unknown, structure: Structure): string | undefined => {
  if (structure.kind === "choice") return String(value)
  if (structure.kind === "list" && Array.isArray(value)) {
    const items = value.map((each: { readonly value: unknown }) => literal(each.value, structure.item.structure))
    return `[${items.join(", ")}]`
  }
  if (structure.kind === "map" && value instanceof Map && value.size === 0) return "{}"
  if (structure.kind !== "scalar") return undefined
  if (typeof value === "number" && structure.of === "duration") return formatDuration(value)
  if (typeof value === "number" && structure.of === "size") return formatSize(value)
  return typeof value === "string" ? JSON.stringify(value) : String(value)
}
