/**
 * Making syntax trees of .authflow, and remembering what of the manifest each node says.
 *
 * @module
 */
import type {
  Arm,
  Block,
  Declaration,
  Entry,
  Expression,
  Field,
  File,
  Flow,
  Item,
  Name,
  Param,
  Reference,
  Span,
  Stage,
} from "../../../../grammar/ast.ts"
import { childrenOf, type Node } from "../../../../grammar/index.ts"
import { formatDuration } from "../../../catalogue/unit.ts"
import type { ManifestFile } from "./resource.ts"

/** Where in a manifest something comes from. */
export interface Origin {
  readonly file: ManifestFile
  readonly span: Span
}

/** What was made has no place of its own. */
const NOWHERE: Span = { start: 0, end: 0 }

const origins = new WeakMap<Node, Origin>()

/** The node, which says what stands there. */
export const from = <N extends Node>(origin: Origin | undefined, node: N): N => {
  if (origin !== undefined) origins.set(node, origin)
  return node
}

const name = (text: string): Name => ({ kind: "Name", span: NOWHERE, text })

const isWord = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text)

const segment = (text: string, quoted: boolean) => ({ kind: "Segment", span: NOWHERE, text, quoted }) as const

/** `corp`, `claims["cognito:groups"]`: the first word is a name. */
export const reference = (...path: readonly string[]): Reference => ({
  kind: "Reference",
  span: NOWHERE,
  path: path.map((each, index) => segment(each, index > 0 && !isWord(each))),
})

/** A word of the language with dots in it: `aws.sts`. */
export const word = (dotted: string): Reference => reference(...dotted.split("."))

/** A string; `${param}` where a part is a name of one. */
export const string = (...parts: readonly (string | { readonly param: string })[]): Expression => ({
  kind: "StringTemplate",
  span: NOWHERE,
  parts: parts
    .filter((part) => part !== "")
    .map((part) =>
      typeof part === "string"
        ? { kind: "TemplateText", span: NOWHERE, value: part }
        : { kind: "TemplateHole", span: NOWHERE, expression: reference(part.param) },
    ),
})

export const duration = (seconds: number): Expression => ({
  kind: "DurationLiteral",
  span: NOWHERE,
  seconds,
  text: formatDuration(seconds),
})

export const number = (value: number): Expression => ({
  kind: "NumberLiteral",
  span: NOWHERE,
  value,
  text: String(value),
})

export const list = (items: readonly Expression[]): Expression => ({ kind: "ListLiteral", span: NOWHERE, items })

/** A map; an entry without a value is left out. */
export const map = (entries: Readonly<Record<string, Expression | undefined>>): Expression => ({
  kind: "MapLiteral",
  span: NOWHERE,
  entries: Object.entries(entries).flatMap(([key, value]): readonly Entry[] =>
    value === undefined ? [] : [{ kind: "Entry", span: NOWHERE, key: segment(key, !isWord(key)), value }],
  ),
})

export const call = (
  callee: string,
  ...args: readonly { readonly name?: string; readonly value: Expression }[]
): Expression => ({
  kind: "Call",
  span: NOWHERE,
  callee: name(callee),
  args: args.map((each) => ({
    kind: "Argument",
    span: NOWHERE,
    name: each.name === undefined ? undefined : name(each.name),
    value: each.value,
  })),
})

export const arm = (operator: string, operand: Expression | undefined, result: Expression): Arm => ({
  kind: "Arm",
  span: NOWHERE,
  operator: name(operator),
  operand,
  result,
})

export const match = (scrutinee: Expression | undefined, arms: readonly Arm[]): Expression => ({
  kind: "Match",
  span: NOWHERE,
  scrutinee,
  arms,
})

/** A block; a field without a value is left out. */
const block = (fields: Readonly<Record<string, Expression | undefined>>): Block => ({
  kind: "Block",
  span: NOWHERE,
  fields: Object.entries(fields).flatMap(([key, value]): readonly Field[] =>
    value === undefined ? [] : [{ kind: "Field", span: NOWHERE, doc: undefined, name: name(key), value }],
  ),
})

export const param = (called: string, type: string, doc: string): Param => ({
  kind: "Param",
  span: NOWHERE,
  doc,
  name: name(called),
  type: word(type),
  choices: undefined,
  default: undefined,
})

export const declaration = (
  keyword: string,
  called: string,
  type: string,
  doc: string,
  fields: Readonly<Record<string, Expression | undefined>>,
): Declaration => ({
  kind: "Declaration",
  span: NOWHERE,
  doc,
  keyword: name(keyword),
  name: name(called),
  type: word(type),
  body: block(fields),
})

export const stage = (
  verb: string,
  operand: Expression,
  fields: Readonly<Record<string, Expression | undefined>> = {},
): Stage => {
  const body = block(fields)
  const line = { start: 0, end: 0 }
  return {
    kind: "Stage",
    span: line,
    doc: undefined,
    verb: name(verb),
    operand,
    body: body.fields.length > 0 ? body : undefined,
  }
}

/** Every second line of a flow holds a stage: the printer keeps the blank line between them. */
export const flow = (called: string, url: Expression, doc: string, stages: readonly Stage[]): Flow => ({
  kind: "Flow",
  span: NOWHERE,
  doc,
  name: name(called),
  url,
  stages: stages.map((each, index) => {
    const placed = { ...each, span: { start: 2 * index, end: 2 * index } }
    return from(origins.get(each), placed)
  }),
})

export const file = (items: readonly Item[]): File => {
  const lines = Math.max(...items.map((item) => (item.kind === "Flow" ? 2 * item.stages.length : 0)), 0)
  return {
    kind: "File",
    span: NOWHERE,
    items,
    comments: [],
    lineStarts: Array.from({ length: lines + 1 }, (_, line) => line),
  }
}

/**
 * Where the manifest says what stands at a span of the printed text. `made` is the tree that was printed, `parsed` the one
 * that was read back: they have the same nodes.
 */
export const originAt = (made: File, parsed: File, span: Span): Origin | undefined => {
  let found: Origin | undefined
  const visit = (one: Node, other: Node): void => {
    if (other.span.start > span.start || other.span.end < span.end) return
    found = origins.get(one) ?? found
    const below = childrenOf(other)
    for (const [index, child] of childrenOf(one).entries()) {
      const twin = below[index]
      if (twin !== undefined && twin.kind === child.kind) visit(child, twin)
    }
  }
  visit(made, parsed)
  return found
}
