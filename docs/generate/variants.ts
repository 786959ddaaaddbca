/**
 * Variants of a sample: the same program with one field written otherwise, added or left out.
 *
 * @module
 */
import type { Field, FieldDeclarations, Structure } from "../../compiler/catalogue/field.ts"
import type * as Ast from "../../grammar/index.ts"
import { childrenOf } from "../../grammar/index.ts"
import type { Place, Sample } from "./sample.ts"

export interface Variant {
  readonly kind: string
  readonly path: readonly string[]
  readonly text: string
}

/** Other lengths, sizes and numbers than the defaults, small and large. */
const DURATIONS = ["45s", "16m", "2h", "3d"]
const SIZES = ["1KiB", "9MiB"]
const NUMBERS = ["1", "2"]

interface Edit {
  readonly span: Ast.Span
  readonly text: string
}

const applied = (text: string, { span, text: inserted }: Edit): string =>
  text.slice(0, span.start) + inserted + text.slice(span.end)

/** `seen`: how the field at a path is written anywhere. */
export const variantsOf = (
  sample: Sample,
  place: Place,
  seen: (key: string) => readonly string[],
): readonly Variant[] => {
  const { kind, path, value, span, unsaid } = place
  const variant = (at: readonly string[], edit: Edit): Variant => ({ kind, path: at, text: applied(sample.text, edit) })
  const rewritten = value
    ? [
        ...[...seen(keyOf(kind, path)), ...literals(value)].map((text) => ({ span: value.span, text })),
        ...strings(value).map((end) => ({ span: { start: end - 1, end: end - 1 }, text: "x" })),
        ...lastItem(value),
        ...oneMoreEntry(value, sample.text),
        { span, text: "" },
      ]
    : []
  return [
    ...rewritten.map((edit) => variant(path, edit)),
    ...(unsaid
      ? additions(unsaid.fields, sample, place).flatMap(([name, field]) =>
          writings(name, field, kind, path, seen).map(([at, text]) => {
            const [before, after] = unsaid.around
            const edit = {
              span: { start: unsaid.at, end: unsaid.at },
              text: `${before}${name} ${unsaid.sign} ${text}${after}`,
            }
            return variant(at, edit)
          }),
        )
      : []),
  ]
}

/** The sample with two fields added at a place, for those that go only with another. The first one is what it is a variant of. */
export const pairsOf = (
  sample: Sample,
  place: Place,
  wanted: (path: readonly string[]) => boolean,
): readonly Variant[] => {
  const { unsaid, kind, path } = place
  if (unsaid === undefined) return []
  const [before, after] = unsaid.around
  const free = additions(unsaid.fields, sample, place)
  const line = ([name, { example }]: readonly [string, Field<unknown>]): string => `${name} ${unsaid.sign} ${example}`
  return free
    .filter(([name]) => wanted([...path, name]))
    .flatMap((one) =>
      free
        .filter((other) => other !== one)
        .map((other) => {
          const text = `${before}${line(one)}\n${line(other)}${after}`
          const edit = { span: { start: unsaid.at, end: unsaid.at }, text }
          return { kind, path: [...path, one[0]], text: applied(sample.text, edit) }
        }),
    )
}

export const keyOf = (kind: string, path: readonly string[]): string => [kind, ...path].join(".")

/** Fields that are not written at the place. */
const additions = (fields: FieldDeclarations, { places }: Sample, { path, span, kind }: Place) =>
  Object.entries(fields).filter(
    ([name]) =>
      !places.some(
        (other) =>
          other.kind === kind &&
          other.span.start >= span.start &&
          other.span.end <= span.end &&
          keyOf("", other.path) === keyOf("", [...path, name]),
      ),
  )

/** How a field that is not written could be: as seen elsewhere, as in its example, and with each field inside of it alone. */
const writings = (
  name: string,
  field: Field<unknown>,
  kind: string,
  outer: readonly string[],
  seen: (key: string) => readonly string[],
): readonly (readonly [path: readonly string[], text: string])[] => {
  const path = [...outer, name]
  const { structure } = field.type
  const whole = [...seen(keyOf(kind, path)), field.example, ...others(structure)]
  const parts =
    structure.kind === "block"
      ? Object.entries(structure.fields).flatMap(([part, inner]) =>
          writings(part, inner, kind, path, seen).map(
            ([at, text]) => [at, `{ ${[...needed(structure.fields, part), `${part}: ${text}`].join(", ")} }`] as const,
          ),
        )
      : []
  return [...[...new Set(whole)].map((text) => [path, text] as const), ...parts]
}

const others = (structure: Structure): readonly string[] => {
  if (structure.kind === "choice") return structure.values
  if (structure.kind !== "scalar") return []
  if (structure.of === "duration") return DURATIONS
  if (structure.of === "size") return SIZES
  return structure.of === "number" ? NUMBERS : []
}

/** The required fields beside `part`, by their examples. */
const needed = (fields: FieldDeclarations, part: string): readonly string[] =>
  Object.entries(fields)
    .filter(([name, { presence }]) => name !== part && presence === "required")
    .map(([name, { example }]) => `${name}: ${example}`)

const literals = (value: Ast.Expression): readonly string[] => {
  if (value.kind === "DurationLiteral") return DURATIONS
  if (value.kind === "SizeLiteral") return SIZES
  return value.kind === "NumberLiteral" ? [String(value.value + 1)] : []
}

/** Where the strings in a value end, a few of them. */
const strings = (value: Ast.Expression): readonly number[] => {
  const ends: number[] = []
  const visit = (node: Parameters<typeof childrenOf>[0]): void => {
    if (node.kind === "StringTemplate") ends.push(node.span.end)
    else for (const child of childrenOf(node)) visit(child)
  }
  visit(value)
  return ends.slice(0, 3)
}

const lastItem = (value: Ast.Expression): readonly Edit[] => {
  if (value.kind !== "ListLiteral" || value.items.length < 2) return []
  const [last, before] = [value.items.at(-1), value.items.at(-2)]
  return last && before ? [{ span: { start: before.span.end, end: last.span.end }, text: "" }] : []
}

/** In a map: its first entry once more, by another name. */
const oneMoreEntry = (value: Ast.Expression, text: string): readonly Edit[] => {
  const first = value.kind === "MapLiteral" ? value.entries[0] : undefined
  if (first === undefined) return []
  const at = value.span.start + 1
  const { start, end } = first.value.span
  return [{ span: { start: at, end: at }, text: `\n${first.key.text}_too: ${text.slice(start, end)}\n` }]
}
