/** `textDocument/codeAction` */
import { CodeActionKind } from "vscode-languageserver/node"
import { codeActions } from "../language-service/index.ts"
import { toProtocol } from "./publish.ts"
import { changesOf, fileOf, type Session, spanOf } from "./session.ts"

export const serveCodeActions = (session: Session): void => {
  session.connection.onCodeAction((params) => {
    const { only } = params.context
    if (only && !only.some((kind) => kind === "" || kind === CodeActionKind.QuickFix)) return []
    const uri = fileOf(session, params)
    return codeActions(session.files, uri, spanOf(session, uri, params.range)).map(
      ({ title, edits, diagnostics, preferred }) => ({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: diagnostics.map((each) => toProtocol(session, each)),
        isPreferred: preferred,
        edit: { changes: changesOf(session, edits) },
      }),
    )
  })
}
