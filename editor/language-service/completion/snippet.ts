/**
 * Snippets for blocks and values: what has to be said, with a place to fill in for each.
 *
 * @module
 */
import type { Field, FieldDeclarations, ValueType } from "../../../compiler/catalogue/field.ts"
import { ruleWords } from "../../../compiler/catalogue/role-rules.ts"
import { plain } from "./completion.ts"

/** Counts the places of one snippet. */
export class Places {
  #next = 1

  /** A place with a text that stands in it until something is typed. */
  hold(text: string): string {
    return `\${${this.#next++}:${plain(text).replaceAll("}", "\\}")}}`
  }

  /** A place with a choice of texts. */
  choose(texts: readonly string[]): string {
    const escaped = texts.map((text) => text.replaceAll(/[\\,|$}]/g, "\\$&"))
    return `\${${this.#next++}|${escaped.join(",")}|}`
  }
}

/** Names that a value could be, by its type: the tokens there are, the providers. Those that are like the example come first. */
export type NamesFor = (type: ValueType<unknown>, example: string) => readonly string[]

/** The fields that have to be said, one a line, as the formatter has them; the block without a brace is at `indent`. */
export const blockSnippet = (fields: FieldDeclarations, indent: string, places: Places, names: NamesFor): string => {
  const required = Object.entries(fields).filter(([, { presence }]) => presence === "required")
  const width = Math.max(0, ...required.map(([name]) => name.length))
  const lines = required.map(
    ([name, field]) =>
      `${indent}  ${name.padEnd(width)} = ${valueSnippet(field.type, field, places, names, `${indent}  `)}`,
  )
  return lines.length === 0 ? `{\n${indent}  $0\n${indent}}` : `{\n${lines.join("\n")}$0\n${indent}}`
}

/** A value of the type. `example` is one in the words of a file. */
export const valueSnippet = (
  type: ValueType<unknown>,
  { example }: Pick<Field<unknown>, "example">,
  places: Places,
  names: NamesFor,
  indent: string,
): string => {
  const { structure } = type
  switch (structure.kind) {
    case "choice":
      return structure.values.length === 1 ? plain(example) : places.choose(leading(structure.values, example))
    case "name": {
      const known = names(type, example)
      return known.length > 0 ? chosen(known, places) : places.hold(example)
    }
    case "list": {
      const inner = names(structure.item, example)
      return inner.length > 0 ? `[${chosen(inner, places)}]` : quoted(example, places)
    }
    case "block": {
      const required = Object.entries(structure.fields).filter(([, { presence }]) => presence === "required")
      // Names in an example are those of another file.
      if (!required.some(([, { type }]) => type.structure.kind === "name")) return quoted(example, places)
      const entries = required.map(
        ([name, field]) => `${name}: ${valueSnippet(field.type, field, places, names, indent)}`,
      )
      return `{ ${entries.join(", ")} }`
    }
    case "rules":
      return rulesSnippet(places, names(type, example), indent)
    case "map":
    case "scalar":
      return structure.kind === "scalar" && structure.of === "boolean"
        ? places.choose(leading(["true", "false"], example))
        : quoted(example, places)
  }
}

/** A place for the one that is likely meant; a choice where there are several. */
const chosen = (texts: readonly string[], places: Places): string => {
  const [only] = texts
  return texts.length === 1 && only !== undefined ? plain(only) : places.choose(texts)
}

const leading = (values: readonly string[], first: string): readonly string[] =>
  values.includes(first) ? [first, ...values.filter((value) => value !== first)] : values

/** An example whose strings and numbers are places; what is around them stays as it is. */
export const quoted = (example: string, places: Places): string =>
  example
    .split(/("(?:[^"\\]|\\.)*"|\b\d+[A-Za-z]*\b)/)
    .map((part, index) =>
      index % 2 === 0 ? plain(part) : part.startsWith('"') ? `"${places.hold(part.slice(1, -1))}"` : places.hold(part),
    )
    .join("")

/** `claims` are those that could be looked at; what a condition of each type looks like is left to whoever completes it. */
export const rulesSnippet = (places: Places, claims: readonly string[], indent: string): string => {
  const claim = claims.length > 0 ? chosen(claims, places) : places.hold("claims.email")
  const operators = Object.keys(ruleWords).filter((word) => ruleWords[word as keyof typeof ruleWords].operand === "one")
  const rule = `${places.choose(operators)} "${places.hold("value")}" => "${places.hold(ROLE)}"`
  return [`match ${claim} {`, `${indent}  ${rule}`, `${indent}  else => deny`, `${indent}}`].join("\n")
}

/** A role's ARN that says what is to be filled in. */
export const ROLE = "arn:aws:iam::123456789012:role/name"
