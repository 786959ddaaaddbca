/**
 * Fields that a block does not have yet: those that have to be there first.
 *
 * @module
 */
import { describeField } from "../hover/describe.ts"
import { namesIn } from "../place.ts"
import { type Completion, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"
import { Places, valueSnippet } from "./snippet.ts"
import { namesFor } from "./values.ts"

export const fieldsAt = ({ place, word, rest, indent }: Cursor): readonly Completion[] => {
  const { block, path, scope } = place
  if (block === undefined) return []
  const self = path.find(
    (node) => (node.kind === "Field" || node.kind === "Entry") && path.indexOf(node) > path.indexOf(block.node),
  )
  const given = namesIn(block.node, self)
  // Only the name, where the value is there already.
  const nameOnly = /^\s*[=:]/.test(rest)
  return Object.entries(block.fields)
    .filter(([name]) => !given.includes(name))
    .map(([name, field]) => {
      const value = valueSnippet(field.type, field, new Places(), namesFor(scope), indent)
      return {
        label: name,
        kind: "field",
        detail: field.presence === "required" ? "required" : undefined,
        doc: describeField(name, field, block.sign),
        snippet: nameOnly ? name : block.sign === "=" ? `${name} = ${value}` : `${name}: ${value}`,
        span: word,
        rank: field.presence === "required" ? rank.best : rank.good,
      }
    })
}
