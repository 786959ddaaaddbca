/** `textDocument/definition`, `references`, `documentHighlight` */
import { DocumentHighlightKind, type LocationLink } from "vscode-languageserver/node"
import { definition, highlights, references } from "../language-service/index.ts"
import { locationOf, placeOf, rangeOf, type Session } from "./session.ts"

export const serveNavigation = (session: Session): void => {
  const { connection, files, spelling } = session

  connection.onDefinition((params): LocationLink[] | null => {
    const place = placeOf(session, params)
    const found = place && definition(files, place.uri, place.offset)
    if (!found) return null
    const target = rangeOf(session, found.uri, found.span)
    const originSelectionRange = rangeOf(session, place.uri, found.origin)
    return [
      {
        targetUri: spelling.spelled(found.uri),
        targetRange: target,
        targetSelectionRange: target,
        originSelectionRange,
      },
    ]
  })

  connection.onReferences((params) => {
    const place = placeOf(session, params)
    const found = place ? references(files, place.uri, place.offset) : []
    return found
      .filter(({ role }) => params.context.includeDeclaration || role !== "declaration")
      .map(({ uri, span }) => locationOf(session, uri, span))
  })

  connection.onDocumentHighlight((params) => {
    const place = placeOf(session, params)
    const found = place ? highlights(files, place.uri, place.offset) : []
    return found.map(({ uri, span, role }) => ({
      range: rangeOf(session, uri, span),
      kind: role === "declaration" ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
    }))
  })
}
