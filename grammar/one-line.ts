/** Nodes written on one line, and which can be. */
import type { Block, Expression, Reference, Segment, StringTemplate } from "./ast.ts"
import { writeText } from "./literal.ts"

const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

/** A map's key, in quotes where it was written so or could not be written otherwise. */
export const writeKey = ({ text, quoted }: Segment): string => (quoted || !isName(text) ? `"${writeText(text)}"` : text)

export const writeReference = ({ path }: Reference): string =>
  path.map(({ text, quoted }, index) => (quoted ? `["${writeText(text)}"]` : index === 0 ? text : `.${text}`)).join("")

const writeTemplate = ({ parts }: StringTemplate): string => {
  const text = parts.map((part) =>
    part.kind === "TemplateText" ? writeText(part.value) : `\${${oneLine(part.expression)}}`,
  )
  return `"${text.join("")}"`
}

/** On one line, whatever its length. Missing nodes are left out. */
export const oneLine = (node: Expression | Block): string => {
  switch (node.kind) {
    case "StringTemplate":
      return writeTemplate(node)
    case "NumberLiteral":
    case "DurationLiteral":
    case "SizeLiteral":
      return node.text
    case "Reference":
      return writeReference(node)
    case "Call": {
      const args = node.args.map(({ name, value }) => {
        return name === undefined ? oneLine(value) : `${name.text}: ${oneLine(value)}`
      })
      return `${node.callee.text}(${args.join(", ")})`
    }
    case "ListLiteral":
      return `[${node.items.map((item) => oneLine(item)).join(", ")}]`
    case "MapLiteral":
      return braced(node.entries.map((entry) => `${writeKey(entry.key)}: ${oneLine(entry.value)}`))
    case "Block":
      return braced(node.fields.map(({ name, value }) => `${name.text} = ${oneLine(value)}`))
    case "Match":
      return `match ${node.scrutinee === undefined ? "" : `${oneLine(node.scrutinee)} `}{}`
    case "Missing":
      return ""
  }
}

const braced = (parts: readonly string[]): string => (parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`)

/** Whether a value can be spread over lines when one is too short. */
export const canBreak = (value: Expression): boolean =>
  (value.kind === "ListLiteral" && value.items.length > 0) ||
  (value.kind === "MapLiteral" && value.entries.length > 0) ||
  (value.kind === "Call" && value.args.length > 0)

/** Whether something in `node` has to start a line. */
export const needsLines = (node: Expression | Block): boolean => {
  switch (node.kind) {
    case "Match":
      return node.arms.length > 0 || (node.scrutinee !== undefined && needsLines(node.scrutinee))
    case "ListLiteral":
      return node.items.some(needsLines)
    case "MapLiteral":
      return node.entries.some(({ value }) => needsLines(value))
    case "Block":
      return node.fields.some(({ doc, value }) => doc !== undefined || needsLines(value))
    case "Call":
      return node.args.some(({ value }) => needsLines(value))
    default:
      return false
  }
}
