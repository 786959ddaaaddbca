/** `textDocument/completion` */
import { type CompletionItem, CompletionItemKind, InsertTextFormat, InsertTextMode } from "vscode-languageserver/node"
import { type Completion, completion, withoutPlaces } from "../language-service/index.ts"
import { markup, placeOf, rangeOf, type Session } from "./session.ts"

/** Signs after which something is to be chosen. */
export const triggerCharacters = [".", '"', "{", "[", "(", "/"]

const KINDS: Readonly<Record<Completion["kind"], CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  stage: CompletionItemKind.Function,
  field: CompletionItemKind.Field,
  value: CompletionItemKind.Value,
  word: CompletionItemKind.EnumMember,
  param: CompletionItemKind.Variable,
  constant: CompletionItemKind.Constant,
  provider: CompletionItemKind.Module,
  server: CompletionItemKind.Module,
  callers: CompletionItemKind.Module,
  flow: CompletionItemKind.Function,
  token: CompletionItemKind.Reference,
  claim: CompletionItemKind.Property,
  type: CompletionItemKind.Class,
  function: CompletionItemKind.Function,
  file: CompletionItemKind.File,
}

export const serveCompletion = (session: Session): void => {
  session.connection.onCompletion((params) => {
    const place = placeOf(session, params)
    if (place === undefined) return null
    const { line } = params.position
    return completion(session.files, place.uri, place.offset).map((each, index): CompletionItem => {
      const range = rangeOf(session, place.uri, each.span)
      // Editors take only what lies on the line of the cursor.
      const start = range.start.line === line ? range.start : params.position
      const end = range.end.line === line ? range.end : params.position
      const asSnippet = session.client().snippets
      return {
        label: each.label,
        kind: KINDS[each.kind],
        ...(each.detail !== undefined && { detail: each.detail }),
        ...(each.doc !== undefined && { documentation: markup(session, each.doc) }),
        sortText: String(index).padStart(4, "0"),
        ...(index === 0 && each.rank === 0 && { preselect: true }),
        insertTextFormat: asSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
        insertTextMode: InsertTextMode.asIs,
        textEdit: { range: { start, end }, newText: asSnippet ? each.snippet : withoutPlaces(each.snippet) },
      }
    })
  })
}
