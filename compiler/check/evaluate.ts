/**
 * Expressions to values. What refers to a parameter becomes the parameter's value here; nothing later knows of parameters.
 *
 * @module
 */
import type { Expression, Reference, Span, StringTemplate } from "../../grammar/ast.ts"
import { walk } from "../../grammar/index.ts"
import { nearest } from "./names.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Broken, type Scope } from "./scope.ts"
import type { ParamValue, Value } from "./value.ts"

/** The text of a template, and where each of its characters was written. */
export interface Text {
  readonly text: string
  /** The place in the source of `start` to `end` in `text`; what came out of a hole is placed at the hole. */
  readonly place: (start: number, end: number) => Span
  readonly holes: readonly { readonly span: Span; readonly text: string }[]
}

/**
 * What the name of a parameter or constant stands for, or BROKEN after reporting that there is none of this name. `undefined`
 * if it cannot be meant as one, and for a constant that is a list or a map.
 */
export const lookup = (reference: Reference, scope: Scope, inHole: boolean): ParamValue | Broken | undefined => {
  const [segment, ...rest] = reference.path
  if (segment === undefined || isRecovered(segment)) return BROKEN
  if (segment.quoted || rest.length > 0) return undefined
  const param = scope.values.get(segment.text)
  if (param !== undefined) return param
  const kind = scope.names.get(segment.text)?.kind
  if ((kind === "param" || kind === "constant") && !scope.constants.has(segment.text)) {
    const circle = circleOf(segment.text, scope)
    if (circle === undefined) scope.report("AF0212", segment.span, { what: kind, name: segment.text })
    // One circle is one mistake: those in it that come later are not told again.
    else if (circle.every((name) => scope.values.get(name) !== BROKEN)) scope.report("AF0216", segment.span, { circle })
    return BROKEN
  }
  if (!inHole || scope.names.get(segment.text) !== undefined) return undefined
  const meant = nearest(segment.text, [...scope.values.keys()])
  scope.report(
    "AF0201",
    segment.span,
    { what: "parameter or constant", name: segment.text, meant },
    replacement(segment.span, meant),
  )
  return BROKEN
}

/** The names from the one that is being evaluated to itself again, when what `name` stands for leads there. */
const circleOf = (name: string, { evaluating, names }: Scope): readonly string[] | undefined => {
  if (evaluating === undefined) return undefined
  const seen = new Set<string>()
  const lead = (from: string): readonly string[] | undefined => {
    if (from === evaluating) return [from]
    const node = seen.has(from) ? undefined : names.get(from)?.node
    seen.add(from)
    const value = node?.kind === "Constant" ? node.value : node?.kind === "Param" ? node.default : undefined
    if (value === undefined) return undefined
    const next = new Set<string>()
    walk(value, (inner) => {
      if (inner.kind === "Reference" && inner.path[0] && inner.path.length === 1) next.add(inner.path[0].text)
      return true
    })
    for (const each of next) {
      const rest = lead(each)
      if (rest !== undefined) return [from, ...rest]
    }
    return undefined
  }
  const rest = lead(name)
  return rest && [evaluating, ...rest]
}

/** The list, the map or the word that the name of a constant stands for; any other expression as it is. */
export const resolved = (expression: Expression, scope: Scope): Expression => {
  if (expression.kind !== "Reference" || expression.path.length !== 1) return expression
  const [segment] = expression.path
  const constant = segment === undefined || segment.quoted ? undefined : scope.constants.get(segment.text)
  switch (constant?.kind) {
    case "ListLiteral":
    case "MapLiteral":
    case "Call":
    case "Reference":
      return constant
    default:
      return expression
  }
}

/** The details of a diagnostic whose fix is to write `meant` instead. */
export const replacement = (span: Span, meant: string | undefined) =>
  meant === undefined ? {} : { fix: { title: `Write \`${meant}\``, edits: [{ span, text: meant }] } }

/** A stretch of the text and where it was written; `exact` where that is character by character. */
interface Piece {
  readonly from: number
  readonly to: number
  readonly span: Span
  readonly exact: boolean
}

/** What one part of a template makes of the text from `from` on: what is between its escapes, and each of these. */
const piecesOf = (part: StringTemplate["parts"][number], added: string, from: number): readonly Piece[] => {
  const escapes = part.kind === "TemplateText" ? (part.escapes ?? []) : []
  const pieces: Piece[] = []
  let [offset, start] = [0, part.span.start]
  const plain = (to: number, end: number): void => {
    const exact = part.kind === "TemplateText" && end - start === to - offset
    if (to > offset) pieces.push({ from: from + offset, to: from + to, span: { start, end }, exact })
  }
  for (const each of escapes) {
    plain(each.offset, each.span.start)
    offset = each.offset + each.length
    start = each.span.end
    pieces.push({ from: from + each.offset, to: from + offset, span: each.span, exact: false })
  }
  plain(added.length, part.span.end)
  return pieces
}

/** The template's text with its holes filled in, or BROKEN after reporting a hole that cannot be. */
export const evaluateText = (template: StringTemplate, scope: Scope): Text | Broken => {
  const pieces: Piece[] = []
  const holes: { readonly span: Span; readonly text: string }[] = []
  let text = ""
  let broken = false
  for (const part of template.parts) {
    let added: string
    if (part.kind === "TemplateText") added = part.value
    else {
      const { expression } = part
      const param = expression.kind === "Missing" ? BROKEN : lookup(expression, scope, true)
      if (param === undefined) scope.report("AF0213", expression.span, { found: describe(expression, scope) })
      if (param === undefined || param === BROKEN) {
        broken = true
        continue
      }
      added = param.text
      holes.push({ span: part.span, text: added })
    }
    pieces.push(...piecesOf(part, added, text.length))
    text += added
  }
  if (broken) return BROKEN
  const locate = (offset: number, side: "start" | "end"): number => {
    const piece =
      side === "start"
        ? pieces.find(({ to }) => offset < to)
        : pieces.findLast(({ from, to }) => from < offset && offset <= to)
    if (piece === undefined) return side === "start" ? template.span.start : template.span.end
    return piece.exact ? piece.span.start + offset - piece.from : piece.span[side]
  }
  const place = (start: number, end: number): Span => {
    const from = locate(start, "start")
    return { start: from, end: Math.max(from, locate(Math.max(start, end), "end")) }
  }
  return { text, place, holes }
}

/** The value, BROKEN after reporting why there is none, or `undefined` when it is no expression that has a value by itself. */
export const evaluate = (expression: Expression, scope: Scope): Value | Broken | undefined => {
  switch (expression.kind) {
    case "StringTemplate": {
      const text = evaluateText(expression, scope)
      return text === BROKEN ? BROKEN : { kind: "string", value: text.text }
    }
    case "NumberLiteral":
      return { kind: "number", value: expression.value }
    case "DurationLiteral":
      return { kind: "duration", value: expression.seconds }
    case "SizeLiteral":
      return { kind: "size", value: expression.bytes }
    case "Reference": {
      const param = lookup(expression, scope, false)
      if (param === undefined) {
        const word = expression.path.length === 1 ? expression.path[0] : undefined
        if (word?.text === "true" || word?.text === "on") return { kind: "boolean", value: true }
        if (word?.text === "false" || word?.text === "off") return { kind: "boolean", value: false }
        return undefined
      }
      return param === BROKEN ? BROKEN : param.value
    }
    case "Missing":
      return BROKEN
    case "Call":
    case "ListLiteral":
    case "MapLiteral":
    case "Match":
      return undefined
  }
}

/** What was written, as a message says it after "found". */
export const describe = (expression: Expression, scope: Pick<Scope, "names">): string => {
  switch (expression.kind) {
    case "StringTemplate":
      return "a string"
    case "NumberLiteral":
      return `the number ${expression.text}`
    case "DurationLiteral":
      return `the duration ${expression.text}`
    case "SizeLiteral":
      return `the size ${expression.text}`
    case "Reference": {
      const path = written(expression)
      const named = expression.path.length === 1 ? scope.names.get(path) : undefined
      return named === undefined ? `\`${path}\`` : `the ${named.kind} \`${path}\``
    }
    case "Call":
      return `\`${expression.callee.text}(…)\``
    case "ListLiteral":
      return "a list"
    case "MapLiteral":
      return "a map"
    case "Match":
      return "a match"
    case "Missing":
      return "nothing"
  }
}

/** A reference as it is written: `corp.id_token`, `claims["cognito:groups"]`. */
export const written = (reference: Reference): string =>
  reference.path
    .map(({ text, quoted }, index) => (quoted ? `[${JSON.stringify(text)}]` : index === 0 ? text : `.${text}`))
    .join("")
