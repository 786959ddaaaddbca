/**
 * Text as VS Code's own tokenizer colours it with the grammar.
 *
 * @module
 */
import { createRegistryFromGrammars } from "vscode-tmgrammar-test/dist/common/index.js"
import { getVSCodeTokens, renderSnap } from "vscode-tmgrammar-test/dist/snapshot/index.js"
import { textMateGrammar } from "./index.ts"

const SCOPE = "source.authflow"

const registry = createRegistryFromGrammars([
  { grammar: { path: "authflow.tmLanguage.json", scopeName: SCOPE, language: "authflow" }, content: textMateGrammar() },
])

/** Each line with its tokens and their scopes. */
export const tokensOf = (text: string) => getVSCodeTokens(registry, SCOPE, text)

/** The snapshot as `vscode-tmgrammar-snap` writes it. */
export const snapshotOf = async (text: string): Promise<string> => renderSnap(await tokensOf(text))
