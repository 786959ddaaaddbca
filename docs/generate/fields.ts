/**
 * The fields of the catalogue, flattened: a field of a block inside of another has a path, `session.name`.
 *
 * @module
 */
import { defaultText } from "../../compiler/catalogue/default.ts"
import type { Field, FieldDeclarations, Structure } from "../../compiler/catalogue/field.ts"
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

/** `required`, or what holds when it is unsaid. */
export const presence = (field: Field<unknown>): string => {
  if (field.presence === "required") return "required"
  const shown = defaultText(field)
  return shown === undefined ? "optional" : code(shown)
}
