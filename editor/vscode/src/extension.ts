/**
 * The VS Code extension: starts the language server, and shows what it answers in VS Code's own views.
 *
 * @module
 */
import { commands, type ExtensionContext, languages, type TextDocument, window, workspace } from "vscode"
import type { LanguageClient } from "vscode-languageclient/node"
import { createClient } from "./client.ts"
import { createCompiled } from "./compiled.ts"
import { createExplanations } from "./explanations.ts"
import { createGraph } from "./graph.ts"
import { createTests } from "./tests.ts"

let client: LanguageClient | undefined

export const activate = async (context: ExtensionContext): Promise<void> => {
  const keep = <T extends { dispose: () => unknown }>(disposable: T): T => {
    context.subscriptions.push(disposable)
    return disposable
  }
  /** What the server answers to a command; `undefined` after saying why it did not. */
  const ask = async (command: string, ...given: readonly string[]): Promise<unknown> => {
    try {
      return await client?.sendRequest("workspace/executeCommand", { command, arguments: given })
    } catch (error) {
      void window.showWarningMessage(`authflow: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const graph = keep(createGraph(ask))
  const compiled = keep(createCompiled(ask))
  const tests = keep(createTests(ask))
  const explanations = keep(createExplanations(ask))
  // Code lenses run commands of the server; what comes of them is shown here.
  const answered = (command: string, given: readonly unknown[], answer: unknown): void => {
    const [uri, part] = given.map((each) => (typeof each === "string" ? each : undefined))
    if (command === "authflow.runTest") tests.show(answer)
    if (command === "authflow.showGraph" && uri !== undefined) void graph.open(uri, part)
  }

  client = createClient(context, answered)
  const register = (command: string, run: (document: TextDocument) => unknown): void => {
    keep(
      commands.registerCommand(command, () => {
        const document = window.activeTextEditor?.document
        if (document?.languageId === "authflow") return run(document)
        return window.showInformationMessage("authflow: open an .authflow file first")
      }),
    )
  }
  register("authflow.openYaml", ({ uri }) => compiled.open(uri, "toolhive"))
  register("authflow.openPlan", ({ uri }) => compiled.open(uri, "plan"))
  register("authflow.openGraph", ({ uri }) => graph.open(uri.toString()))
  register("authflow.runTests", ({ uri }) => tests.run(uri))
  keep(
    commands.registerCommand("authflow.explainDiagnostic", () => {
      const editor = window.activeTextEditor
      const here = editor
        ? languages.getDiagnostics(editor.document.uri).toSorted((a, b) => {
            const away = (line: number) => Math.abs(line - editor.selection.active.line)
            return away(a.range.start.line) - away(b.range.start.line)
          })
        : []
      return explanations.choose(here)
    }),
  )
  keep(commands.registerCommand("authflow.restartServer", () => client?.restart()))
  const changed = ({ uri, languageId }: TextDocument): void => {
    if (languageId !== "authflow") return
    graph.changed(uri.toString())
    compiled.changed(uri)
  }
  keep(workspace.onDidChangeTextDocument(({ document }) => changed(document)))
  keep(window.onDidChangeActiveColorTheme(() => graph.themed()))
  await client.start()
}

/** The server's process ends with the extension. */
export const deactivate = async (): Promise<void> => {
  const ending = client
  client = undefined
  await ending?.stop()
}
