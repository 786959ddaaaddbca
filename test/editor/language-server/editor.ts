/**
 * An editor, as far as a language server sees of it: the built command in a process of its own, spoken to over its standard
 * input and output.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, onTestFinished } from "vitest"
import {
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from "vscode-languageserver-protocol/node"
import { TextDocument } from "vscode-languageserver-textdocument"
import { launcher, root } from "../../cli/authflow.ts"

export interface EditorOptions {
  readonly folders?: readonly string[]
  readonly capabilities?: object
  readonly options?: object
}

/** What today's editors say that they can. */
const CAPABILITIES = {
  textDocument: {
    hover: { contentFormat: ["markdown", "plaintext"] },
    completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    publishDiagnostics: { relatedInformation: true, versionSupport: true },
  },
  workspace: { workspaceFolders: true, didChangeWatchedFiles: { dynamicRegistration: true } },
}

export interface Ended {
  readonly code: number | null
  readonly stderr: string
}

/** One running server. */
export class Editor {
  readonly connection: ProtocolConnection
  readonly ended: Promise<Ended>
  readonly #child
  readonly #documents = new Map<string, TextDocument>()
  readonly #published = new Map<
    string,
    { readonly version: number | undefined; readonly diagnostics: readonly Diagnostic[] }
  >()
  readonly #listeners = new Set<() => void>()
  #made = 0

  constructor() {
    this.#child = spawn(process.execPath, [launcher, "lsp", "--stdio"], { cwd: root })
    let stderr = ""
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    this.#child.stdin.on("error", () => {}) // the server may have ended
    this.ended = new Promise((resolve) => this.#child.on("close", (code) => resolve({ code, stderr })))
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.#child.stdout),
      new StreamMessageWriter(this.#child.stdin),
    )
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, version, diagnostics }) => {
      this.#published.set(uri, { version, diagnostics })
      for (const look of this.#listeners) look()
    })
    this.connection.onRequest("client/registerCapability", () => null)
    this.connection.onError(() => {})
    this.connection.listen()
  }

  async initialize({
    folders = [],
    capabilities = CAPABILITIES,
    options,
  }: EditorOptions = {}): Promise<InitializeResult> {
    const workspaceFolders = folders.map((path) => ({ uri: pathToFileURL(path).href, name: path }))
    const result: InitializeResult = await this.connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      workspaceFolders,
      capabilities,
      ...(options && { initializationOptions: options }),
    })
    await this.connection.sendNotification("initialized", {})
    return result
  }

  /** Asks for the end, and waits for it. */
  async shutdown(): Promise<Ended> {
    await this.connection.sendRequest("shutdown")
    await this.connection.sendNotification("exit")
    return this.ended
  }

  kill(): void {
    this.#child.kill("SIGKILL")
  }

  closeStdin(): void {
    this.#child.stdin.end()
  }

  /** Opens a document of its own name; it is in no folder of the workspace. */
  async open(text: string, uri = `file:///nowhere/${++this.#made}/gateway.authflow`): Promise<Document> {
    const document = TextDocument.create(uri, "authflow", 1, text)
    this.#documents.set(uri, document)
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "authflow", version: 1, text },
    })
    return new Document(this, uri)
  }

  async close(uri: string): Promise<void> {
    this.#documents.delete(uri)
    await this.connection.sendNotification("textDocument/didClose", { textDocument: { uri } })
  }

  document(uri: string): TextDocument {
    const found = this.#documents.get(uri)
    if (found === undefined) throw new Error(`${uri} is not open`)
    return found
  }

  /** Sends edits as somebody types them, one after the other. */
  async change(uri: string, edits: readonly { readonly range: Range; readonly text: string }[]): Promise<void> {
    const document = this.document(uri)
    const version = document.version + 1
    this.#documents.set(uri, TextDocument.update(document, [...edits], version))
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: edits,
    })
  }

  /** What was said last of a file. */
  published(uri: string): readonly Diagnostic[] | undefined {
    return this.#published.get(uri)?.diagnostics
  }

  /** What is said of a file, once it is of this version of its text. */
  async diagnostics(uri: string): Promise<readonly Diagnostic[]> {
    const { version } = this.document(uri)
    await this.until(() => this.#published.get(uri)?.version === version)
    return this.published(uri) ?? []
  }

  /** Waits for something to become true of what the server says. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
    })
  }
}

/** A document that is open. */
export class Document {
  readonly editor: Editor
  readonly uri: string

  constructor(editor: Editor, uri: string) {
    this.editor = editor
    this.uri = uri
  }

  get text(): string {
    return this.editor.document(this.uri).getText()
  }

  position(offset: number): Position {
    return this.editor.document(this.uri).positionAt(offset)
  }

  textIn(range: Range): string {
    return this.editor.document(this.uri).getText(range)
  }

  /** Asks something about the document, at an offset where one is given. */
  ask<Result>(method: string, offset?: number, more: object = {}): Promise<Result> {
    return this.editor.connection.sendRequest(method, {
      textDocument: { uri: this.uri },
      ...(offset !== undefined && { position: this.position(offset) }),
      ...more,
    })
  }

  get whole(): Range {
    return { start: this.position(0), end: this.position(this.text.length) }
  }

  diagnostics(): Promise<readonly Diagnostic[]> {
    return this.editor.diagnostics(this.uri)
  }

  applied(edits: readonly TextEdit[]): string {
    return TextDocument.applyEdits(this.editor.document(this.uri), [...edits])
  }
}

/** A text with `<|>` where the cursor is. */
export const marked = (text: string): { readonly text: string; readonly offset: number } => {
  const offset = text.indexOf("<|>")
  if (offset < 0) throw new Error("where is the cursor?")
  return { text: text.replace("<|>", () => ""), offset }
}

/** One server for all tests of a file; each opens documents of its own. */
export const useEditor = (options?: EditorOptions): { readonly editor: () => Editor } => {
  let editor: Editor | undefined
  beforeAll(async () => {
    editor = new Editor()
    await editor.initialize(options)
  })
  afterAll(() => editor?.kill())
  return {
    editor: () => {
      if (editor === undefined) throw new Error("not started")
      return editor
    },
  }
}

/** A server of one test. */
export const startEditor = async (options?: EditorOptions): Promise<Editor> => {
  const editor = new Editor()
  onTestFinished(() => editor.kill())
  await editor.initialize(options)
  return editor
}

/** A folder on disk with these files, and the URI of each name. */
export const folderOf = (files: Readonly<Record<string, string>>) => {
  const path = mkdtempSync(join(tmpdir(), "authflow-lsp-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  return {
    path,
    write,
    remove: (name: string) => rmSync(join(path, name), { recursive: true }),
    uri: (name: string) => pathToFileURL(join(path, name)).href,
  }
}
