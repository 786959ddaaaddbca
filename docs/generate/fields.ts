/**
 * The fields of the catalogue, flattened: a field of a block inside of another has a path, `session.name`.
 *
 * @module
 */
import type { Field, FieldDeclarations, Structure } from "../../compiler/catalogue/field.ts"
import { formatDuration, formatSize } from "../../compiler/catalogue/unit.ts"
import { code } from "./markdown.ts"

export interface FieldAt {
  /** Names from the construct inwards. */
  readonly path: readonly string[]
  readonly field: Field<unknown>
}

/** Each field before those inside of it. */
export const fieldsOf = (fields: FieldDeclarations, outer: readonly string[] = []): readonly FieldAt[] =>
  Object.entries(fields).flatMap(([name, field]) => {
    const path = [...outer, name]
    return [{ path, field }, ...fieldsOf(inside(field.type.structure) ?? {}, path)]
  })

/** The fields of a block, also where it is an item of a list or a value of a map. */
export const inside = (structure: Structure): FieldDeclarations | undefined => {
  switch (structure.kind) {
    case "block":
      return structure.fields
    case "list":
      return inside(structure.item.structure)
    case "map":
      return inside(structure.value.structure)
    default:
      return undefined
  }
}

/** Where a default of a field stands in no file; only its parts are asked for, never its place. */
const NOWHERE = { start: 0, end: 0 }

/** `required`, or what holds when it is unsaid. */
export const presence = ({ presence, fallback, type }: Field<unknown>): string => {
  if (presence === "required") return "required"
  if (presence === "optional" || fallback === undefined) return "optional"
  const shown = literal(fallback(NOWHERE), type.structure)
  return shown === undefined ? "optional" : code(shown)
}

/** A value as a file would write it; `undefined` where it is the defaults of its own fields. */
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
