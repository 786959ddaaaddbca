/**
 * What a diagnostic's code means: a page, in VS Code's Markdown view.
 *
 * @module
 */
import { commands, type Diagnostic, Uri, window, workspace } from "vscode"
import { type Ask, partOf, textIn } from "./answer.ts"

const SCHEME = "authflow-explanation"

const fenced = (text: string): string => `\`\`\`authflow\n${text.trimEnd()}\n\`\`\``

/** The page of a code; empty where there is none. */
export const explanationPage = (answer: unknown): string => {
  const code = textIn(answer, "code")
  if (code === "") return ""
  const example = partOf(answer, "example")
  const parts = [
    `# ${code}: ${textIn(answer, "title")}`,
    textIn(answer, "explanation"),
    "## What to do",
    textIn(answer, "remedy"),
    ...(textIn(example, "bad") === ""
      ? []
      : ["## Wrong", fenced(textIn(example, "bad")), "## Right", fenced(textIn(example, "good"))]),
  ]
  return `${parts.join("\n\n")}\n`
}

const codeOf = ({ code }: Diagnostic): string => String(typeof code === "object" ? code.value : (code ?? ""))

export const createExplanations = (ask: Ask) => {
  const registered = workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async ({ path }) =>
      explanationPage(await ask("authflow.explain", path.replace(/^\/|\.md$/g, ""))),
  })
  return {
    /** Lets a code be chosen of those given, or typed where there are none, and explains it. */
    choose: async (here: readonly Diagnostic[]): Promise<void> => {
      const known = new Map(here.filter((each) => /^AF\d+$/.test(codeOf(each))).map((each) => [codeOf(each), each]))
      const items = [...known].map(([label, { message }]) => ({ label, detail: message }))
      const chosen =
        items.length > 1
          ? (await window.showQuickPick(items, { placeHolder: "Which diagnostic?" }))?.label
          : (items[0]?.label ??
            (await window.showInputBox({ prompt: "Code of a diagnostic", placeHolder: "AF0301" }))
              ?.trim()
              .toUpperCase())
      if (chosen === undefined || chosen === "") return
      await commands.executeCommand("markdown.showPreviewToSide", Uri.from({ scheme: SCHEME, path: `/${chosen}.md` }))
    },
    dispose: () => registered.dispose(),
  }
}
