/**
 * Text as VS Code's own tokenizer colours it with our TextMate grammar.
 *
 * @module
 */
import { createRegistry } from "vscode-tmgrammar-test/dist/common/index.js"
import { getVSCodeTokens, renderSnap } from "vscode-tmgrammar-test/dist/snapshot/index.js"
import { root } from "../architecture/source-files.ts"

const SCOPE = "source.authflow"

const registry = createRegistry([
  { path: `${root}/grammar/authflow.tmLanguage.json`, scopeName: SCOPE, language: "authflow" },
])

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
  const lines = await getVSCodeTokens(registry, SCOPE, text)
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

/** The snapshot as `vscode-tmgrammar-snap` writes it. */
export const snapshotOf = async (text: string): Promise<string> =>
  renderSnap(await getVSCodeTokens(registry, SCOPE, text))
