/** `textDocument/inlayHint` */
import { InlayHintKind } from "vscode-languageserver/node"
import { inlayHints } from "../language-service/index.ts"
import { fileOf, markup, type Session, spanOf } from "./session.ts"

export const serveInlayHints = (session: Session): void => {
  session.connection.languages.inlayHint.on((params) => {
    const uri = fileOf(session, params)
    const text = session.document(uri)
    if (text === undefined) return []
    return inlayHints(session.files, uri, spanOf(session, uri, params.range)).map(({ offset, label, doc }) => ({
      position: text.positionAt(offset),
      label,
      kind: InlayHintKind.Type,
      paddingLeft: true,
      ...(doc !== undefined && { tooltip: markup(session, doc) }),
    }))
  })
}
