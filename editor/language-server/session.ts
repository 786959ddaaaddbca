/**
 * What the features of the server share: the connection, the files, and places as the protocol has them.
 *
 * @module
 */
import type { Connection, InitializeParams, Location, Position, Range } from "vscode-languageserver/node"
import { TextDocument } from "vscode-languageserver-textdocument"
import { createWorkspace, type Edit } from "../../compiler/index.ts"
import type { Files } from "../language-service/index.ts"
import { createReader } from "./disk.ts"
import { createSpelling, isIn, type Spelling } from "./uri.ts"

interface Span {
  readonly start: number
  readonly end: number
}

/** What the editor says at the start, as far as it matters. */
export interface Client {
  readonly snippets: boolean
  readonly markdown: boolean
  readonly watches: boolean
  /** Whether it says which folders come and go. */
  readonly followsFolders: boolean
  readonly hierarchicalSymbols: boolean
  readonly showsDocuments: boolean
  /** Whether the editor shows results of commands itself. */
  readonly ownViews: boolean
  /** Folders of files that are deployed together, as URIs in the form of the compiler. */
  readonly deployments: readonly string[]
  /** Where docs/diagnostics.md can be read; ends in a slash. */
  readonly docs: string | undefined
}

export interface Session {
  readonly connection: Connection
  readonly files: Files
  readonly spelling: Spelling
  /** The folders of the workspace, in the form of the compiler, without a slash at their ends. */
  readonly folders: Set<string>
  /** Files that the editor has open: their texts are those it says, whatever is on disk. */
  readonly open: Map<string, TextDocument>
  readonly client: () => Client
  /** The text of a file and its lines. */
  readonly document: (uri: string) => TextDocument | undefined
}

export const createSession = (connection: Connection, client: () => Client): Session => {
  const folders = new Set<string>()
  const workspace = createWorkspace(createReader())
  const rootOf = (uri: string): string | undefined =>
    [...folders].filter((folder) => isIn(uri, folder)).toSorted((a, b) => b.length - a.length)[0]
  const files: Files = {
    workspace,
    // Imports stay in the folder of the workspace that the file lies in.
    optionsOf: (uri) => {
      const root = rootOf(uri)
      return root === undefined ? {} : { root }
    },
  }
  const open = new Map<string, TextDocument>()
  const lines = new Map<string, TextDocument>()
  const document = (uri: string): TextDocument | undefined => {
    const mine = open.get(uri)
    if (mine) return mine
    const text = workspace.source(uri)?.text
    if (text === undefined) return undefined
    const known = lines.get(uri)
    if (known?.getText() === text) return known
    const made = TextDocument.create(uri, "authflow", 0, text)
    lines.set(uri, made)
    return made
  }
  return { connection, files, spelling: createSpelling(), folders, open, client, document }
}

export const clientOf = (
  params: InitializeParams,
  deployments: readonly string[],
  docs: string | undefined,
): Client => {
  const { textDocument, workspace, window } = params.capabilities
  const options: unknown = params.initializationOptions
  const ownViews = typeof options === "object" && options !== null && "views" in options && options.views === "client"
  return {
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    followsFolders: workspace?.workspaceFolders === true,
    hierarchicalSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    showsDocuments: window?.showDocument?.support === true,
    ownViews,
    deployments,
    docs,
  }
}

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** The range of a span in the text of a file as it is now. */
export const rangeOf = ({ document }: Session, uri: string, span: Span): Range => {
  const text = document(uri)
  return text ? { start: text.positionAt(span.start), end: text.positionAt(span.end) } : NOWHERE
}

export const locationOf = (session: Session, uri: string, span: Span): Location => ({
  uri: session.spelling.spelled(uri),
  range: rangeOf(session, uri, span),
})

/** A request about a place: the file in the form of the compiler, and the offset. `undefined` for a file that is not known. */
export const placeOf = (
  session: Session,
  params: { readonly textDocument: { readonly uri: string }; readonly position: Position },
): { readonly uri: string; readonly offset: number } | undefined => {
  const uri = session.spelling.note(params.textDocument.uri)
  const text = session.document(uri)
  return text && { uri, offset: text.offsetAt(params.position) }
}

/** A request about a file. */
export const fileOf = (session: Session, params: { readonly textDocument: { readonly uri: string } }): string =>
  session.spelling.note(params.textDocument.uri)

export const spanOf = (session: Session, uri: string, { start, end }: Range): Span => {
  const text = session.document(uri)
  return text ? { start: text.offsetAt(start), end: text.offsetAt(end) } : { start: 0, end: 0 }
}

/** Edits as the protocol has them, by file. */
export const changesOf = (session: Session, edits: readonly Edit[]) => {
  const byFile = Map.groupBy(edits, ({ uri }) => uri)
  return Object.fromEntries(
    [...byFile].map(([uri, all]) => [
      session.spelling.spelled(uri),
      all.map(({ span, text }) => ({ range: rangeOf(session, uri, span), newText: text })),
    ]),
  )
}

/** Text that may be Markdown, in what the editor can show. */
export const markup = ({ client }: Session, text: string) =>
  client().markdown
    ? ({ kind: "markdown", value: text } as const)
    : ({ kind: "plaintext", value: text.replaceAll(/\*\*|^```.*\n?|`/gm, "") } as const)
