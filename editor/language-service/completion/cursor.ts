/**
 * What stands around the cursor.
 *
 * The text is parsed once more with a word in the place of the one that is being written. What is not written yet is then no gap
 * that the parser has to guess over, and the tree says what the word would be.
 *
 * @module
 */
import type { Analysis } from "../../../compiler/index.ts"
import type { Span } from "../../../grammar/ast.ts"
import { type Node, nodesAt, parse } from "../../../grammar/index.ts"
import { analysisOf, type Files } from "../files.ts"
import { type Place, placeOf } from "../place.ts"

export interface Cursor {
  readonly files: Files
  readonly uri: string
  /** Of the text as it is. */
  readonly analysis: Analysis
  readonly offset: number
  /** The word that is being written; empty where there is none yet. */
  readonly word: Span
  /** The text with the stand-in. Places before the word are those of the text. */
  readonly text: string
  readonly place: Place
  /** The white space that the line begins with. */
  readonly indent: string
  /** What stands behind the word on its line. */
  readonly rest: string
  /** Inside a string: what of it may be replaced. */
  readonly string: { readonly span: Span; readonly text: string; readonly before: string } | undefined
}

const STAND_IN = "zz"

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character)

export const cursorAt = (files: Files, uri: string, offset: number): Cursor | undefined => {
  const analysis = analysisOf(files, uri)
  const known = analysis?.known
  if (analysis === undefined || known === undefined) return undefined
  const { text, file } = analysis
  if (file.comments.some(({ span, style }) => isInside(text, span, style, offset))) return undefined
  const common = { files, uri, analysis, offset, indent: indentAt(text, offset) }
  const path = nodesAt(file, offset)
  const quoted = stringAt(path, text, offset)
  if (quoted) {
    const place = placeOf(quoted.path, known)
    return { ...common, word: quoted.string.span, text, place, rest: "", string: quoted.string }
  }
  let start = offset
  while (isWord(text[start - 1])) start--
  let end = offset
  while (isWord(text[end])) end++
  // Numbers are written, not chosen.
  if (/\d/.test(text[start] ?? "")) return undefined
  const standing = `${text.slice(0, start)}${STAND_IN}${text.slice(end)}`
  const place = placeOf(nodesAt(parse(standing).file, start + 1), known)
  const rest = /^[^\r\n]*/.exec(text.slice(end))?.[0] ?? ""
  return { ...common, word: { start, end }, text: standing, place, rest, string: undefined }
}

/** A line comment goes on to the end of its line, white space and all. */
const isInside = (text: string, { start, end }: Span, style: "line" | "block" | "doc", offset: number): boolean =>
  start < offset && (style === "block" ? offset < end : !/[\r\n]/.test(text.slice(start, offset)))

export const indentAt = (text: string, offset: number): string => {
  const line =
    text
      .slice(0, offset)
      .split(/\r\n|\r|\n/)
      .at(-1) ?? ""
  return /^[ \t]*/.exec(line)?.[0] ?? ""
}

/** The string around the cursor, unless it is in one of its holes. */
const stringAt = (path: readonly Node[], text: string, offset: number) => {
  const node = path.findLast(({ kind }) => kind === "StringTemplate" || kind === "Segment")
  if (node === undefined || text[node.span.start] !== '"' || offset <= node.span.start) return undefined
  const closed = node.span.end - node.span.start > 1 && text[node.span.end - 1] === '"'
  if (closed && offset === node.span.end) return undefined
  const hole = path.find((each) => each.kind === "TemplateHole")
  if (hole && hole.span.start < offset && offset < hole.span.end) return undefined
  // An open hole at the end of the text that is written.
  if (/\$\{[\w.]*$/.test(text.slice(node.span.start, offset))) return undefined
  const span = { start: node.span.start + 1, end: closed ? node.span.end - 1 : node.span.end }
  const string = { span, text: text.slice(span.start, span.end), before: text.slice(span.start, offset) }
  return { path: path.slice(0, path.indexOf(node) + 1), string }
}
