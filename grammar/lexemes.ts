/**
 * The words and signs of a text, for highlighters: what the parser reads, with comments, and whatever mistakes there are.
 *
 * @module
 */
import type { IToken } from "chevrotain"
import type { Span } from "./ast.ts"
import { Lines } from "./lines.ts"
import { ProblemLog } from "./log.ts"
import { scan, spanOf } from "./scan.ts"
import * as T from "./tokens.ts"

export interface Lexeme {
  readonly span: Span
  /** `keyword`: a word that can be one; where a name stands it is a name. `hole`: the signs around what is in a string's hole. */
  readonly kind: "keyword" | "name" | "string" | "escape" | "hole" | "number" | "operator" | "sign" | "comment"
}

const kinds: ReadonlyMap<unknown, Lexeme["kind"]> = new Map<unknown, Lexeme["kind"]>([
  [T.Name, "name"],
  [T.NumberLike, "number"],
  [T.StringStart, "string"],
  [T.StringEnd, "string"],
  [T.Text, "string"],
  [T.Dollar, "string"],
  [T.ForeignString, "string"],
  [T.Escape, "escape"],
  [T.HoleOpen, "hole"],
  [T.HoleClose, "hole"],
  [T.HoleIndex, "string"],
  [T.Arrow, "operator"],
  [T.EqualTo, "operator"],
  [T.NotEqualTo, "operator"],
  [T.Equals, "operator"],
])

const kindOf = ({ tokenType }: IToken): Lexeme["kind"] =>
  kinds.get(tokenType) ??
  (tokenType.CATEGORIES?.includes(T.Name) || tokenType.CATEGORIES?.includes(T.DeclarationKeyword) ? "keyword" : "sign")

/** In the order of the text; nothing that was put in for what is missing. */
export const lexemes = (text: string): readonly Lexeme[] => {
  const lines = Lines.of(text)
  const { tokens, comments } = scan(text.replace(/^\ufeff/, " "), lines, new ProblemLog(lines))
  const words = tokens
    .filter(({ image }) => image !== "")
    .map((token): Lexeme => ({ span: spanOf(token), kind: kindOf(token) }))
  const remarks = comments.map(({ span }): Lexeme => ({ span, kind: "comment" }))
  return [...words, ...remarks].toSorted((a, b) => a.span.start - b.span.start)
}
