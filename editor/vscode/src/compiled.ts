/**
 * What a file compiles to, beside it: a document that cannot be written in, so that VS Code colours, folds and searches it like
 * any other YAML. It follows the file as that is typed in.
 *
 * @module
 */
import { EventEmitter, languages, type TextDocumentContentProvider, Uri, ViewColumn, window, workspace } from "vscode"
import { type Ask, listIn, numberIn, partOf, textIn } from "./answer.ts"
import { later } from "./later.ts"

const SCHEME = "authflow-compiled"

export const targets = {
  toolhive: { language: "yaml", extension: "yaml", refused: "ToolHive cannot run this file" },
  plan: { language: "jsonc", extension: "json", refused: "authflow's own runtime cannot run this file" },
} as const
export type TargetName = keyof typeof targets

/** `authflow-compiled:/folder/gateway.yaml?toolhive#file:///folder/gateway.authflow`: the name is what the tab shows. */
const addressOf = (source: Uri, target: TargetName): Uri =>
  Uri.from({
    scheme: SCHEME,
    path: source.path.replace(/(?:\.authflow)?$/, `.${targets[target].extension}`),
    query: target,
    fragment: source.toString(),
  })

/** LSP's `DiagnosticSeverity.Error` */
const ERROR = 1

/** The text to show: the artifacts, or why there are none, as comments. */
export const compiledText = (answer: unknown, target: TargetName): string => {
  const sign = target === "toolhive" ? "#" : "//"
  const errors = listIn(answer, "diagnostics").filter((each) => numberIn(each, "severity") === ERROR)
  if (errors.length > 0) {
    const lines = errors.flatMap((each) => {
      const line = numberIn(partOf(partOf(each, "range"), "start"), "line")
      const at = line === undefined ? "" : ` (line ${line + 1})`
      return [`${textIn(each, "code")}${at}: ${textIn(each, "message")}`, ""]
    })
    return `${[targets[target].refused, "", ...lines].map((line) => `${sign} ${line}`.trimEnd()).join("\n")}\n`
  }
  const artifacts = listIn(answer, "artifacts")
  if (artifacts.length === 0) return `${sign} The file has no flows.\n`
  return artifacts.map((each) => textIn(each, "text")).join(target === "toolhive" ? "\n---\n" : "\n")
}

export const createCompiled = (ask: Ask) => {
  const changes = new EventEmitter<Uri>()
  const open = new Map<string, Uri>()
  const provider: TextDocumentContentProvider = {
    onDidChange: changes.event,
    provideTextDocumentContent: async ({ fragment, query }) => {
      const target = query === "plan" ? "plan" : "toolhive"
      return compiledText(await ask("authflow.preview", fragment, target), target)
    },
  }
  const registered = workspace.registerTextDocumentContentProvider(SCHEME, provider)
  const closed = workspace.onDidCloseTextDocument(({ uri }) => open.delete(uri.toString()))
  const refresh = later(() => {
    for (const uri of open.values()) changes.fire(uri)
  })
  return {
    open: async (source: Uri, target: TargetName): Promise<void> => {
      const address = addressOf(source, target)
      open.set(address.toString(), address)
      const document = await workspace.openTextDocument(address)
      await languages.setTextDocumentLanguage(document, targets[target].language)
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true })
    },
    /** What a file imports may have changed too: all that is open is made anew. */
    changed: (_: Uri): void => {
      if (open.size > 0) refresh.soon()
    },
    dispose: () => {
      for (const each of [registered, closed, changes, refresh]) each.dispose()
    },
  }
}
