/**
 * Semantic tokens: what each word is, for editors that colour by meaning. Whole: an editor without another highlighter has all
 * it needs.
 *
 * @module
 */

import type { Analysis } from "../../compiler/index.ts"
import type { Reference, Span } from "../../grammar/ast.ts"
import { lexemes, type Node, walk } from "../../grammar/index.ts"
import { analysisOf, type Files } from "./files.ts"
import { type Occurrence, occurrencesIn } from "./names.ts"
import { placeOf } from "./place.ts"

/** Names of the protocol's standard token types and modifiers, in the order of the legend. */
export const tokenTypes = [
  "keyword",
  "type",
  "namespace",
  "parameter",
  "variable",
  "function",
  "property",
  "enumMember",
  "string",
  "number",
  "operator",
  "comment",
  "regexp",
  "macro",
] as const
export const tokenModifiers = ["declaration", "readonly", "defaultLibrary", "documentation"] as const

export type TokenType = (typeof tokenTypes)[number]
export type TokenModifier = (typeof tokenModifiers)[number]

export interface SemanticToken {
  readonly span: Span
  readonly type: TokenType
  readonly modifiers: readonly TokenModifier[]
}

type Meaning = Omit<SemanticToken, "span">

const meaning = (type: TokenType, ...modifiers: readonly TokenModifier[]): Meaning => ({ type, modifiers })

const OF_KIND: Readonly<Record<Occurrence["target"]["kind"], Meaning>> = {
  param: meaning("parameter", "readonly"),
  constant: meaning("variable", "readonly"),
  provider: meaning("namespace"),
  server: meaning("namespace"),
  callers: meaning("namespace"),
  flow: meaning("function"),
  environment: meaning("namespace"),
}

const known = new WeakMap<Analysis, readonly SemanticToken[]>()

/** In the order of the text; none overlaps another, and a token may have several lines. */
export const semanticTokens = (files: Files, uri: string): readonly SemanticToken[] => {
  const analysis = analysisOf(files, uri)
  if (analysis === undefined) return []
  const found = known.get(analysis) ?? tokensOf(files, analysis)
  known.set(analysis, found)
  return found
}

const tokensOf = (files: Files, analysis: Analysis): readonly SemanticToken[] => {
  const meanings = new Map<number, Meaning>()
  walk(analysis.file, (node, ancestors) => {
    if (node.kind === "Name" || node.kind === "Segment") {
      const found = ofWord(node, ancestors.at(-1))
      if (found && !meanings.has(node.span.start)) meanings.set(node.span.start, found)
    }
    if (node.kind === "Reference") ofReference(node, [...ancestors, node], analysis, meanings)
    return true
  })
  for (const { span, target, role } of occurrencesIn(files, analysis)) {
    const { type, modifiers } = OF_KIND[target.kind]
    const declares = role === "declaration" || role === "alias"
    meanings.set(span.start, { type, modifiers: declares ? [...modifiers, "declaration"] : modifiers })
  }
  const docs = new Set(analysis.file.comments.flatMap(({ span, style }) => (style === "doc" ? [span.start] : [])))
  return lexemes(analysis.text).flatMap(({ span, kind }): readonly SemanticToken[] => {
    switch (kind) {
      case "name":
      case "keyword": {
        const found = meanings.get(span.start) ?? (kind === "keyword" ? meaning("keyword") : undefined)
        return found ? [{ span, ...found }] : []
      }
      case "string": {
        // A key in quotes is a key.
        const found = meanings.get(span.start)
        return [{ span, ...(found ?? meaning("string")) }]
      }
      case "escape":
        return [{ span, ...meaning("regexp") }]
      case "hole":
        return [{ span, ...meaning("macro") }]
      case "number":
      case "operator":
        return [{ span, ...meaning(kind) }]
      case "comment":
        return [{ span, ...(docs.has(span.start) ? meaning("comment", "documentation") : meaning("comment")) }]
      default:
        return []
    }
  })
}

/** What a word is by where it stands in the tree. */
const ofWord = (node: Node, parent: Node | undefined): Meaning | undefined => {
  switch (parent?.kind) {
    case "Field":
    case "Entry":
      return meaning("property")
    case "Declaration":
      return parent.keyword === node ? meaning("keyword") : undefined
    case "Stage":
    case "Arm":
    case "Given":
      return meaning("keyword")
    case "Deployment":
      return meaning("type")
    case "Call":
      return meaning("function", "defaultLibrary")
    case "Argument":
      return meaning("property")
    default:
      return undefined
  }
}

/** Whether it names a kind: of a declaration, a parameter, a stage. */
const isKind = (reference: Reference, path: readonly Node[], { known }: Analysis): boolean => {
  const parent = path.at(-2)
  if (parent?.kind === "Declaration") return true
  if (parent?.kind === "Param") return parent.type === reference
  if (parent?.kind !== "Stage" || parent.operand !== reference || known === undefined) return false
  const { construct } = placeOf(path, known)
  return construct !== undefined && (!("operand" in construct) || construct.operand.by === "kind")
}

/** What the parts of a reference are, where they name no item. */
const ofReference = (
  reference: Reference,
  path: readonly Node[],
  analysis: Analysis,
  meanings: Map<number, Meaning>,
): void => {
  const [first, ...rest] = reference.path
  if (first === undefined) return
  const all = (each: Meaning): void => {
    for (const { span } of reference.path) meanings.set(span.start, each)
  }
  if (isKind(reference, path, analysis)) {
    all(meaning("type"))
    return
  }
  for (const { span } of rest) meanings.set(span.start, meaning("property"))
  if (first.text === "claims" && rest.length > 0) meanings.set(first.span.start, meaning("variable", "defaultLibrary"))
  else if (first.text === "deny") meanings.set(first.span.start, meaning("keyword"))
  else if (rest.length === 0) meanings.set(first.span.start, meaning("enumMember"))
}
