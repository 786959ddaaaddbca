/**
 * Inside a string: what is known of strings of this kind, claims in CEL.
 *
 * @module
 */
import { type Completion, plain, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { importPathsAt } from "./imports.ts"
import { claimsOf } from "./values.ts"

export const stringsAt = (cursor: Cursor): readonly Completion[] => {
  const { place, string, offset } = cursor
  if (string === undefined) return []
  const parent = place.path.at(-2)
  if (parent?.kind === "Import") return importPathsAt(cursor)
  if (parent?.kind === "Arm" && parent.operator.text === "when") {
    const [written] = /\bclaims(?:\.\w*|\[.*)?$|\b\w*$/.exec(string.before) ?? []
    return claimsOf(place.scope, { start: offset - (written ?? "").length, end: offset })
  }
  const structure = place.type?.structure
  // The text of a hole is none of the string's own.
  if (structure?.kind !== "scalar" || string.text.includes("${")) return []
  return Object.entries(structure.known ?? {}).map(([value, detail]) => ({
    label: value,
    kind: "value",
    detail,
    snippet: plain(value),
    span: string.span,
    rank: rank.best,
  }))
}
