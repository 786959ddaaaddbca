/**
 * Text as VS Code's own tokenizer colours it with our TextMate grammar.
 *
 * @module
 */
import { tokensOf } from "../../editor/textmate/snapshot.ts"

/** A piece of text and its scopes, outermost first, without the language's own name at their ends. */
export interface Coloured {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly scopes: readonly string[]
}

/** In the order of the text; line ends are no part of any piece. */
export const coloured = async (text: string): Promise<readonly Coloured[]> => {
  let offset = 0
  const lines = await tokensOf(text)
  return lines.flatMap(({ src, tokens }) => {
    const start = text.indexOf(src, offset)
    offset = start + src.length
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
      const end = Math.min(endIndex, src.length)
      const own = scopes.slice(1).map((scope) => scope.replace(/\.authflow$/, ""))
      return end <= startIndex
        ? []
        : [{ start: start + startIndex, end: start + end, text: src.slice(startIndex, end), scopes: own }]
    })
  })
}
