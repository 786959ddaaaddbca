/** `textDocument/foldingRange`, `selectionRange`, `documentLink` */
import { FoldingRangeKind, type SelectionRange } from "vscode-languageserver/node"
import { documentLinks, folding, selectionRanges } from "../language-service/index.ts"
import { fileOf, placeOf, rangeOf, type Session } from "./session.ts"

export const serveStructure = (session: Session): void => {
  const { connection, files, spelling } = session

  connection.onFoldingRanges((params) =>
    folding(files, fileOf(session, params)).map(({ start, end, kind }) => ({
      startLine: start,
      endLine: end,
      ...(kind !== "region" && { kind: kind === "comment" ? FoldingRangeKind.Comment : FoldingRangeKind.Imports }),
    })),
  )

  connection.onSelectionRanges(({ textDocument, positions }) =>
    positions.map((position): SelectionRange => {
      const place = placeOf(session, { textDocument, position })
      const spans = place ? selectionRanges(files, place.uri, place.offset) : []
      const nested = spans
        .toReversed()
        .reduce<SelectionRange | undefined>(
          (parent, span) => ({ range: rangeOf(session, place?.uri ?? "", span), ...(parent && { parent }) }),
          undefined,
        )
      return nested ?? { range: { start: position, end: position } }
    }),
  )

  connection.onDocumentLinks((params) => {
    const uri = fileOf(session, params)
    return documentLinks(files, uri).map(({ span, target }) => ({
      range: rangeOf(session, uri, span),
      target: spelling.spelled(target),
    }))
  })
}
