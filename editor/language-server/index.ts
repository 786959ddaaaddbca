/**
 * The language server: puts the features together and says at the start what there is.
 *
 * @module
 */
import {
  CodeActionKind,
  createConnection,
  type InitializeParams,
  ProposedFeatures,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from "vscode-languageserver/node"
import { serveCodeActions } from "./code-actions.ts"
import { serveCodeLenses } from "./code-lenses.ts"
import { commands, serveCommands } from "./commands.ts"
import { serveCompletion, triggerCharacters } from "./completion.ts"
import { folderOf, serveFiles } from "./files.ts"
import { serveFormatting } from "./formatting.ts"
import { serveHover } from "./hover.ts"
import { serveInlayHints } from "./inlay-hints.ts"
import { serveNavigation } from "./navigation.ts"
import { createPublisher } from "./publish.ts"
import { serveRename } from "./rename.ts"
import { legend, serveSemanticTokens } from "./semantic-tokens.ts"
import { type Client, clientOf, createSession } from "./session.ts"
import { serveStructure } from "./structure.ts"
import { serveSymbols } from "./symbols.ts"

export interface ServerOptions {
  readonly version: string
  /** Where the pages of docs/ can be read; ends in a slash. The editor may say another place. */
  readonly docs: string | undefined
}

/**
 * Serves on standard input and output until the editor ends it, which ends the process: with 0 after a `shutdown`, else 1.
 */
export const serve = ({ version, docs }: ServerOptions): void => {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout)
  let client: Client | undefined
  const session = createSession(connection, () => {
    if (client === undefined) throw new Error("the editor has not said what it can")
    return client
  })
  connection.onInitialize((params) => {
    for (const folder of foldersOf(params)) session.folders.add(folder)
    const said = optionsOf(params)
    const [first] = session.folders
    const deployments = said.deployments.map((path) =>
      /^[a-z]+:/i.test(path) ? folderOf(path) : folderOf(`${first}/${path}`),
    )
    client = clientOf(params, deployments, said.docs ?? docs)
    return { capabilities, serverInfo: { name: "authflow", version } }
  })
  serveFiles(session, createPublisher(session))
  for (const serveFeature of [
    serveCompletion,
    serveHover,
    serveNavigation,
    serveRename,
    serveSymbols,
    serveStructure,
    serveSemanticTokens,
    serveInlayHints,
    serveFormatting,
    serveCodeActions,
    serveCodeLenses,
    serveCommands,
  ])
    serveFeature(session)
  connection.listen()
}

const capabilities: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  completionProvider: { triggerCharacters },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  workspaceSymbolProvider: true,
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  documentLinkProvider: {},
  semanticTokensProvider: { legend, full: { delta: true }, range: true },
  inlayHintProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  codeLensProvider: {},
  executeCommandProvider: { commands },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
}

const foldersOf = ({ workspaceFolders, rootUri }: InitializeParams): readonly string[] =>
  workspaceFolders ? workspaceFolders.map(({ uri }) => folderOf(uri)) : rootUri ? [folderOf(rootUri)] : []

/** What the editor is set up to say: `{ deployments: ["prod"], docs: "https://…/docs/" }`. */
const optionsOf = ({ initializationOptions }: InitializeParams) => {
  const options: Readonly<Record<string, unknown>> =
    typeof initializationOptions === "object" && initializationOptions !== null ? { ...initializationOptions } : {}
  const { deployments, docs } = options
  return {
    deployments: Array.isArray(deployments)
      ? deployments.filter((each): each is string => typeof each === "string")
      : [],
    docs: typeof docs === "string" ? docs.replace(/\/?$/, "/") : undefined,
  }
}
