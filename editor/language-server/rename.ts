/** `textDocument/rename`, `prepareRename` */
import { LSPErrorCodes, ResponseError } from "vscode-languageserver/node"
import { prepareRename, rename } from "../language-service/index.ts"
import { changesOf, placeOf, rangeOf, type Session } from "./session.ts"

export const serveRename = (session: Session): void => {
  const { connection, files } = session
  const refused = (why: string) => new ResponseError(LSPErrorCodes.RequestFailed, why)

  connection.onPrepareRename((params) => {
    const place = placeOf(session, params)
    const found = place && prepareRename(files, place.uri, place.offset)
    if (!found) return null
    if ("refusal" in found) return refused(found.refusal)
    return { range: rangeOf(session, place.uri, found.span), placeholder: found.name }
  })

  connection.onRenameRequest((params) => {
    const place = placeOf(session, params)
    const found = place && rename(files, place.uri, place.offset, params.newName)
    if (!found) return null
    return "refusal" in found ? refused(found.refusal) : { changes: changesOf(session, found.edits) }
  })
}
