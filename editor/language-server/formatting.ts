/** `textDocument/formatting` */
import { formatting } from "../language-service/index.ts"
import { fileOf, rangeOf, type Session } from "./session.ts"

export const serveFormatting = (session: Session): void => {
  session.connection.onDocumentFormatting((params) => {
    const uri = fileOf(session, params)
    const text = session.document(uri)?.getText()
    const edits = text === undefined ? undefined : formatting({ uri, text })
    return edits?.map((edit) => ({ range: rangeOf(session, uri, edit.span), newText: edit.text })) ?? null
  })
}
