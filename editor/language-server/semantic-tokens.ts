/** `textDocument/semanticTokens` */
import { SemanticTokensBuilder } from "vscode-languageserver/node"
import { semanticTokens, tokenModifiers, tokenTypes } from "../language-service/index.ts"
import { fileOf, type Session, spanOf } from "./session.ts"

export const legend = { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }

export const serveSemanticTokens = (session: Session): void => {
  const { semanticTokens: requests } = session.connection.languages
  /** What was answered last for each open file, for the difference to it. */
  const builders = new Map<string, SemanticTokensBuilder>()

  const push = (
    builder: SemanticTokensBuilder,
    uri: string,
    within?: { readonly start: number; readonly end: number },
  ): void => {
    const text = session.document(uri)
    if (text === undefined) return
    for (const { span, type, modifiers } of semanticTokens(session.files, uri)) {
      if (within && (span.end < within.start || span.start > within.end)) continue
      const bits = modifiers.reduce((sum, modifier) => sum | (1 << tokenModifiers.indexOf(modifier)), 0)
      const start = text.positionAt(span.start)
      // Editors need not know tokens of several lines: each line of a comment is one.
      for (const [index, line] of text
        .getText()
        .slice(span.start, span.end)
        .split(/\r\n|\r|\n/)
        .entries()) {
        const character = index === 0 ? start.character : 0
        if (line !== "") builder.push(start.line + index, character, line.length, tokenTypes.indexOf(type), bits)
      }
    }
  }

  requests.on((params) => {
    const uri = fileOf(session, params)
    const builder = new SemanticTokensBuilder()
    builders.set(uri, builder)
    push(builder, uri)
    return builder.build()
  })
  requests.onDelta((params) => {
    const uri = fileOf(session, params)
    const builder = builders.get(uri) ?? new SemanticTokensBuilder()
    builders.set(uri, builder)
    builder.previousResult(params.previousResultId)
    push(builder, uri)
    return builder.buildEdits()
  })
  requests.onRange((params) => {
    const uri = fileOf(session, params)
    const builder = new SemanticTokensBuilder()
    push(builder, uri, spanOf(session, uri, params.range))
    return builder.build()
  })
}
