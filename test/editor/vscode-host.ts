/**
 * VS Code, as far as the extension and its client of the language server see of it: the module `vscode`, made to record what is
 * shown. Texts, places and events are as VS Code has them; what is not here is not there, so that an extension that reached for
 * more would fail.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { TextDocument as Text } from "vscode-languageserver-textdocument"
import {
  CancellationTokenSource,
  Data,
  Diagnostic,
  Disposable,
  EventEmitter,
  type Filter,
  type Listener,
  Position,
  Range,
  type Selector,
  Uri,
} from "./vscode-values.ts"

export interface Document {
  readonly uri: Uri
  readonly languageId: string
  readonly version: number
  readonly fileName: string
  readonly isClosed: boolean
  readonly isDirty: boolean
  readonly lineCount: number
  getText(): string
}

export interface Panel {
  readonly viewType: string
  title: string
  readonly options: object
  readonly webview: { html: string }
  reveal(): void
  dispose(): void
}

/** An editor with one folder open, before any extension is. */
export const createHost = (folder: string) => {
  const events = {
    opened: new EventEmitter<Document>(),
    closed: new EventEmitter<Document>(),
    changed: new EventEmitter<object>(),
    themed: new EventEmitter<object>(),
  }
  const never = new EventEmitter<never>().event
  const documents = new Map<string, Document>()
  const commands = new Map<string, (...given: readonly unknown[]) => unknown>()
  const contents = new Map<
    string,
    {
      readonly provideTextDocumentContent: (uri: Uri) => Promise<string>
      readonly onDidChange?: (l: Listener<Uri>) => unknown
    }
  >()
  const diagnostics = new Map<string, readonly Diagnostic[]>()
  const settings = new Map<string, unknown>()
  const panels: Panel[] = []
  const outputs = new Map<string, { text: string; shown: boolean }>()
  const messages: string[] = []
  const shown: Document[] = []
  const providers: string[] = []
  const asked: { readonly command: string; readonly given: readonly unknown[] }[] = []
  let active: Document | undefined
  let kind = 2

  const documentOf = (uri: Uri, languageId: string, text: string, version = 1): Document => {
    const content = Text.create(uri.toString(), languageId, version, text)
    return {
      uri,
      languageId,
      version,
      fileName: uri.fsPath,
      isClosed: false,
      isDirty: false,
      lineCount: content.lineCount,
      getText: () => text,
    }
  }
  const open = (document: Document): Document => {
    documents.set(document.uri.toString(), document)
    events.opened.fire(document)
    return document
  }
  const channel = (name: string) => {
    const output = { text: "", shown: false }
    outputs.set(name, output)
    const append = (text: string) => {
      output.text += text
    }
    const line = (text: unknown) => append(`${String(text)}\n`)
    return {
      name,
      append,
      appendLine: line,
      clear: () => {
        output.text = ""
      },
      show: () => {
        output.shown = true
      },
      replace: append,
      hide: () => {},
      dispose: () => {},
      ...{ trace: line, debug: line, info: line, warn: line, error: line, logLevel: 3, onDidChangeLogLevel: never },
    }
  }
  const say = (message: string) => {
    messages.push(message)
    return Promise.resolve(undefined)
  }
  const provide =
    (what: string) =>
    (..._given: readonly unknown[]) => {
      providers.push(what)
      return new Disposable(() => undefined)
    }

  const enumeration = (...names: readonly string[]) => Object.fromEntries(names.map((name, value) => [name, value]))
  const vscode = {
    version: "1.91.0",
    Disposable,
    EventEmitter,
    Uri,
    Position,
    Range,
    Diagnostic,
    CancellationTokenSource,
    CancellationError: class extends Error {},
    ...Object.fromEntries(
      [
        ...[
          "Location",
          "DiagnosticRelatedInformation",
          "CompletionItem",
          "CompletionList",
          "SnippetString",
          "MarkdownString",
        ],
        ...["CodeLens", "CodeAction", "DocumentLink", "Hover", "InlayHint", "InlayHintLabelPart", "SymbolInformation"],
        ...["CallHierarchyItem", "TypeHierarchyItem", "DocumentSymbol", "FoldingRange", "SelectionRange", "TextEdit"],
        ...["WorkspaceEdit", "SemanticTokens", "SemanticTokensLegend", "SemanticTokensEdits", "SemanticTokensEdit"],
        ...["DocumentHighlight", "Color", "RelativePattern", "TabInputText", "TabInputTextDiff", "TabInputCustom"],
        ...["TabInputNotebook", "LinkedEditingRanges", "InlineValueText", "ThemeColor", "FileSystemError"],
      ].map((name) => [name, class extends Data {}]),
    ),
    CodeActionKind: { Empty: { value: "", append: (value: string) => ({ value }) }, QuickFix: { value: "quickfix" } },
    DiagnosticSeverity: enumeration("Error", "Warning", "Information", "Hint"),
    DiagnosticTag: { Unnecessary: 1, Deprecated: 2 },
    CompletionItemKind: enumeration("Text", "Method", "Function", "Constructor", "Field", "Variable"),
    CompletionItemTag: { Deprecated: 1 },
    SymbolKind: enumeration("File", "Module", "Namespace", "Package", "Class"),
    SymbolTag: { Deprecated: 1 },
    FoldingRangeKind: { Comment: 1, Imports: 2, Region: 3 },
    InlayHintKind: { Type: 1, Parameter: 2 },
    DocumentHighlightKind: enumeration("Text", "Read", "Write"),
    TextDocumentSaveReason: { Manual: 1, AfterDelay: 2, FocusOut: 3 },
    TextDocumentChangeReason: { Undo: 1, Redo: 2 },
    LogLevel: enumeration("Off", "Trace", "Debug", "Info", "Warning", "Error"),
    ProgressLocation: { Window: 10, Notification: 15 },
    ViewColumn: { Beside: -2, Active: -1, One: 1 },
    ColorThemeKind: { Light: 1, Dark: 2, HighContrast: 3, HighContrastLight: 4 },
    UIKind: { Desktop: 1, Web: 2 },
    StatusBarAlignment: { Left: 1, Right: 2 },
    ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
    env: {
      appName: "stand-in",
      language: "en",
      machineId: "none",
      uiKind: 1,
      openExternal: () => Promise.resolve(true),
    },
    extensions: { getExtension: () => undefined, all: [] },
    commands: {
      registerCommand: (name: string, run: (...given: readonly unknown[]) => unknown, self?: unknown) => {
        if (commands.has(name)) throw new Error(`command '${name}' already exists`)
        commands.set(name, (...given) => run.apply(self, [...given]))
        return new Disposable(() => commands.delete(name))
      },
      executeCommand: (command: string, ...given: readonly unknown[]) => {
        asked.push({ command, given })
        return Promise.resolve(commands.get(command)?.(...given))
      },
    },
    languages: {
      match: (selector: Selector, { languageId, uri }: Document) => {
        const fits = (each: Filter) =>
          (each.language ?? languageId) === languageId && (each.scheme ?? uri.scheme) === uri.scheme
        return [selector].flat().some((each) => (typeof each === "string" ? each === languageId : fits(each))) ? 10 : 0
      },
      createDiagnosticCollection: () => ({
        set: (uri: Uri, found: readonly Diagnostic[]) => void diagnostics.set(uri.toString(), found ?? []),
        delete: (uri: Uri) => void diagnostics.delete(uri.toString()),
        clear: () => diagnostics.clear(),
        dispose: () => diagnostics.clear(),
      }),
      getDiagnostics: (uri: Uri) => diagnostics.get(uri.toString()) ?? [],
      setTextDocumentLanguage: (document: Document, languageId: string) => {
        const typed = { ...document, languageId }
        documents.set(document.uri.toString(), typed)
        return Promise.resolve(typed)
      },
      ...Object.fromEntries(
        [
          ...[
            "CompletionItem",
            "Hover",
            "SignatureHelp",
            "Definition",
            "Reference",
            "DocumentHighlight",
            "DocumentSymbol",
          ],
          ...[
            "CodeActions",
            "CodeLens",
            "DocumentFormattingEdit",
            "DocumentRangeFormattingEdit",
            "Rename",
            "DocumentLink",
          ],
          ...["FoldingRange", "SelectionRange", "WorkspaceSymbol", "InlayHints", "DocumentSemanticTokens"],
          ...["DocumentRangeSemanticTokens"],
        ].map((what) => [`register${what}Provider`, provide(what)]),
      ),
    },
    workspace: {
      workspaceFolders: [{ uri: Uri.file(folder), name: "folder", index: 0 }],
      name: "folder",
      isTrusted: true,
      get textDocuments() {
        return [...documents.values()]
      },
      notebookDocuments: [],
      getConfiguration: (section = "") => ({
        get: (name: string, otherwise?: unknown) => settings.get(`${section}.${name}`) ?? otherwise,
        has: (name: string) => settings.has(`${section}.${name}`),
        inspect: () => undefined,
      }),
      getWorkspaceFolder: () => ({ uri: Uri.file(folder), name: "folder", index: 0 }),
      createFileSystemWatcher: () => ({
        onDidCreate: never,
        onDidChange: never,
        onDidDelete: never,
        dispose: () => {},
      }),
      registerTextDocumentContentProvider: (scheme: string, provider: never) => {
        contents.set(scheme, provider)
        return new Disposable(() => contents.delete(scheme))
      },
      openTextDocument: async (uri: Uri) => {
        const provider = contents.get(uri.scheme)
        const text = provider ? await provider.provideTextDocumentContent(uri) : readFileSync(uri.fsPath, "utf8")
        provider?.onDidChange?.(async (changed) => {
          if (changed.toString() !== uri.toString()) return
          documents.set(uri.toString(), documentOf(uri, "yaml", await provider.provideTextDocumentContent(uri)))
        })
        return open(documentOf(uri, uri.path.endsWith(".authflow") ? "authflow" : "plaintext", text))
      },
      onDidOpenTextDocument: events.opened.event,
      onDidCloseTextDocument: events.closed.event,
      onDidChangeTextDocument: events.changed.event,
      ...Object.fromEntries(
        [
          ...[
            "onDidSaveTextDocument",
            "onWillSaveTextDocument",
            "onDidChangeConfiguration",
            "onDidChangeWorkspaceFolders",
          ],
          ...["onDidCreateFiles", "onDidRenameFiles", "onDidDeleteFiles", "onWillCreateFiles", "onWillRenameFiles"],
          ...["onWillDeleteFiles", "onDidOpenNotebookDocument", "onDidCloseNotebookDocument"],
          ...["onDidChangeNotebookDocument", "onDidSaveNotebookDocument", "onDidGrantWorkspaceTrust"],
        ].map((name) => [name, never]),
      ),
    },
    window: {
      get activeTextEditor() {
        return active && { document: active, selection: { active: new Position(0, 0) } }
      },
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: never, onDidChangeTabGroups: never },
      get activeColorTheme() {
        return { kind }
      },
      onDidChangeActiveTextEditor: never,
      onDidChangeVisibleTextEditors: never,
      onDidChangeActiveColorTheme: events.themed.event,
      createOutputChannel: channel,
      showInformationMessage: say,
      showWarningMessage: say,
      showErrorMessage: say,
      setStatusBarMessage: (text: string) => {
        messages.push(text)
        return new Disposable(() => undefined)
      },
      showQuickPick: (items: readonly unknown[]) => Promise.resolve(items[0]),
      showInputBox: () => Promise.resolve("AF0301"),
      showTextDocument: (document: Document) => {
        shown.push(document)
        return Promise.resolve({ document })
      },
      createWebviewPanel: (viewType: string, title: string, _column: unknown, options: object) => {
        const disposed = new EventEmitter<void>()
        const panel = {
          viewType,
          title,
          options,
          webview: { html: "" },
          onDidDispose: disposed.event,
          reveal: () => {},
          dispose: () => disposed.fire(),
        }
        panels.push(panel)
        return panel
      },
    },
  }

  return {
    vscode,
    commands,
    diagnostics,
    panels,
    outputs,
    messages,
    shown,
    providers,
    asked,
    settings,
    documents,
    /** Opens a file and puts the cursor in it. */
    edit: (name: string): Document => {
      const uri = Uri.file(join(folder, name))
      active = open(documentOf(uri, "authflow", readFileSync(uri.fsPath, "utf8")))
      return active
    },
    /** Replaces the text of an open file, as somebody types. */
    type: (document: Document, text: string): Document => {
      const { uri, languageId, version, lineCount } = document
      const next = documentOf(uri, languageId, text, version + 1)
      documents.set(uri.toString(), next)
      active = next
      const range = new Range(0, 0, lineCount, 0)
      const change = { range, rangeOffset: 0, rangeLength: document.getText().length, text }
      events.changed.fire({ document: next, contentChanges: [change], reason: undefined })
      return next
    },
    theme: (dark: boolean): void => {
      kind = dark ? 2 : 1
      events.themed.fire({ kind })
    },
    textOf: (uri: { toString: () => string }): string => documents.get(uri.toString())?.getText() ?? "",
  }
}

export type Host = ReturnType<typeof createHost>

interface Loader {
  _load: (request: string, ...rest: readonly unknown[]) => unknown
}

/** Loads the built extension as VS Code does: by `require`, with `vscode` answered by the host. */
export const loadExtension = (folder: string, { vscode }: Host) => {
  const require = createRequire(join(folder, "package.json"))
  const loader: Loader = require("node:module")
  const original = loader._load
  loader._load = (request, ...rest) => (request === "vscode" ? vscode : original.call(loader, request, ...rest))
  try {
    const { main } = require("./package.json") as { readonly main: string }
    const extension = require(main) as {
      readonly activate: (context: object) => Promise<void>
      readonly deactivate: () => Promise<void>
    }
    const subscriptions: { dispose: () => unknown }[] = []
    const context = {
      subscriptions,
      extensionPath: folder,
      asAbsolutePath: (path: string) => join(folder, path),
      extension: { id: "authflow.authflow", packageJSON: require("./package.json") },
    }
    return { extension, context, url: fileURLToPath(pathToFileURL(folder)) }
  } finally {
    loader._load = original
  }
}
