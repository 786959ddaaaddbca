/** `textDocument/documentSymbol`, `workspace/symbol` */
import { type DocumentSymbol as ProtocolSymbol, type SymbolInformation, SymbolKind } from "vscode-languageserver/node"
import { type DocumentSymbol, documentSymbols, workspaceSymbols } from "../language-service/index.ts"
import { fileOf, locationOf, rangeOf, type Session } from "./session.ts"

const KINDS: Readonly<Record<DocumentSymbol["kind"], SymbolKind>> = {
  import: SymbolKind.Module,
  param: SymbolKind.Variable,
  constant: SymbolKind.Constant,
  environment: SymbolKind.Namespace,
  provider: SymbolKind.Interface,
  server: SymbolKind.Class,
  callers: SymbolKind.Class,
  deployment: SymbolKind.Object,
  flow: SymbolKind.Function,
  stage: SymbolKind.Method,
  field: SymbolKind.Property,
  test: SymbolKind.Event,
}

export const serveSymbols = (session: Session): void => {
  const { connection, files, spelling } = session

  connection.onDocumentSymbol((params): ProtocolSymbol[] | SymbolInformation[] => {
    const uri = fileOf(session, params)
    const nested = ({ name, detail, kind, span, selection, children }: DocumentSymbol): ProtocolSymbol => ({
      name,
      ...(detail !== "" && { detail }),
      kind: KINDS[kind],
      range: rangeOf(session, uri, span),
      selectionRange: rangeOf(session, uri, selection),
      children: children.map(nested),
    })
    const symbols = documentSymbols(files, uri)
    if (session.client().hierarchicalSymbols) return symbols.map(nested)
    const flat = (symbol: DocumentSymbol, container?: string): readonly SymbolInformation[] => [
      {
        name: symbol.name,
        kind: KINDS[symbol.kind],
        location: locationOf(session, uri, symbol.span),
        ...(container !== undefined && { containerName: container }),
      },
      ...symbol.children.flatMap((child) => flat(child, symbol.name)),
    ]
    return symbols.flatMap((symbol) => flat(symbol))
  })

  connection.onWorkspaceSymbol(({ query }) =>
    workspaceSymbols(files, query).map(({ name, kind, uri, span }) => ({
      name,
      kind: KINDS[kind],
      location: locationOf(session, uri, span),
      containerName: decodeURIComponent(spelling.spelled(uri).split("/").at(-1) ?? ""),
    })),
  )
}
