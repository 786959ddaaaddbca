/** What is shown between the lines: inlay hints, code lenses and their commands; and formatting. */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import {
  type CodeLens,
  type InlayHint,
  ShowDocumentRequest,
  ShowMessageNotification,
  type TextEdit,
} from "vscode-languageserver-protocol/node"
import { type Document, startEditor, useEditor } from "./editor.ts"
import { inExchange, inTest, region, whole } from "./sources.ts"

const { editor } = useEditor()

const hintsOf = async (document: Document): Promise<readonly string[]> => {
  const hints = await document.ask<InlayHint[]>("textDocument/inlayHint", undefined, { range: document.whole })
  return hints.map(({ position, label }) => `${position.line + 1} ${label}`)
}

describe("inlay hints", () => {
  it("say at the end of each stage which credential it makes", async () => {
    const document = await editor().open(whole())
    expect(await hintsOf(document)).toEqual(["20 → Principal", "29 → AwsCredentials", "30 → SignedRequest"])
    const [hint] = await document.ask<InlayHint[]>("textDocument/inlayHint", undefined, { range: document.whole })
    expect(hint?.tooltip).toMatchObject({
      kind: "markdown",
      value: expect.stringContaining("issuer https://auth.example.com"),
    })
  })

  it("are there where stages have mistakes, too", async () => {
    expect(await hintsOf(await editor().open(inExchange(region)))).toEqual([
      "20 → Principal",
      "23 → AwsCredentials",
      "24 → SignedRequest",
    ])
  })
})

const ADMIN = '  given claims { sub: "ada", groups: ["admins"] }\n  expect tools.decision == allow'
const NOBODY = '  given claims { sub: "ada", groups: ["admins"] }\n  expect tools.decision == deny'

const lensesOf = async (document: Document): Promise<readonly CodeLens[]> =>
  document.ask<CodeLens[]>("textDocument/codeLens")

describe("code lenses", () => {
  it("say how each test goes, and draw each flow", async () => {
    const document = await editor().open(
      `${inTest(ADMIN)}${inTest(NOBODY).slice(whole().length).replace("an admin", "nobody")}`,
    )
    const lenses = await lensesOf(document)
    expect(lenses.map(({ range, command }) => [document.textIn(range), command?.title, command?.command])).toEqual([
      ["tools", "Show graph", "authflow.showGraph"],
      ['"an admin"', "✓ passes", "authflow.runTest"],
      ['"nobody"', "✗ fails: tools.decision is allow", "authflow.runTest"],
    ])
  })

  it("offer to run a test while the file has errors", async () => {
    const document = await editor().open(inTest(ADMIN).replace("eu-west-1", "nowhere"))
    expect((await lensesOf(document)).map(({ command }) => command?.title)).toEqual(["Show graph", "Run test"])
  })
})

describe("a command", () => {
  const run = <Result>(command: string, ...given: readonly string[]): Promise<Result> =>
    editor().connection.sendRequest("workspace/executeCommand", { command, arguments: given })

  it("runs a test and says how it went", async () => {
    const messages: string[] = []
    const listener = editor().connection.onNotification(
      ShowMessageNotification.type,
      ({ message }) => void messages.push(message),
    )
    const { uri } = await editor().open(inTest(NOBODY))
    const { passed, text } = await run<{ passed: boolean; text: string }>("authflow.runTest", uri, "an admin")
    expect(passed).toBe(false)
    expect(text).toContain("an admin")
    expect(messages).toEqual([text])
    listener.dispose()
  })

  it("draws a flow, and opens the drawing in an editor that can", async () => {
    const shows = await startEditor({ capabilities: { window: { showDocument: { support: true } } } })
    const shown = new Promise<string>((resolve) => {
      shows.connection.onRequest(ShowDocumentRequest.type, ({ uri }) => {
        resolve(uri)
        return { success: true }
      })
    })
    const { uri } = await shows.open(whole())
    const drawing: { text: string } = await shows.connection.sendRequest("workspace/executeCommand", {
      command: "authflow.showGraph",
      arguments: [uri, "tools"],
    })
    expect(drawing.text).toMatch(/^<svg/)
    const path = fileURLToPath(await shown)
    expect(existsSync(path) && readFileSync(path, "utf8")).toBe(drawing.text)
  })

  it("draws as Mermaid", async () => {
    const { uri } = await editor().open(whole())
    expect((await run<{ text: string }>("authflow.showGraph", uri, "tools", "mermaid")).text).toMatch(/^flowchart TB/)
  })

  it("compiles what is in the editor, not what is on disk", async () => {
    const { uri } = await editor().open(whole())
    const { artifacts } = await run<{ artifacts: { path: string; text: string }[] }>("authflow.preview", uri, "plan")
    expect(artifacts.map(({ path }) => path)).toEqual(["plan.json"])
    expect(JSON.parse(artifacts[0]?.text ?? "").flows[0].name).toBe("tools")
  })

  it("says what a target refuses", async () => {
    const { uri } = await editor().open(whole())
    const { artifacts, diagnostics } = await run<{ artifacts: unknown[]; diagnostics: { code: string }[] }>(
      "authflow.preview",
      uri,
      "toolhive",
    )
    expect(artifacts).toEqual([])
    expect(diagnostics.map(({ code }) => code.slice(0, 4))).toContain("AF08")
  })

  it("explains a code", async () => {
    expect(await run("authflow.explain", "AF0507")).toMatchObject({ code: "AF0507", remedy: expect.any(String) })
  })

  it.each([
    ["an unknown code", "authflow.explain", ["AF9999"], "there is no code AF9999"],
    ["an unknown command", "authflow.fly", ["x"], "authflow.fly"],
    ["a file that is not open", "authflow.runTest", ["file:///none.authflow"], "is not open"],
    ["an unknown target", "authflow.preview", ["file:///none.authflow", "nginx"], "the second argument is a target"],
  ])("refuses %s in words", async (_, command, given, why) => {
    await expect(run(command, ...given)).rejects.toThrow(why)
  })
})

describe("formatting", () => {
  const formatted = async (text: string): Promise<string | undefined> => {
    const document = await editor().open(text)
    const options = { tabSize: 8, insertSpaces: false }
    const edits = await document.ask<TextEdit[] | null>("textDocument/formatting", undefined, { options })
    return edits === null ? undefined : document.applied(edits)
  }

  it("is that of authflow fmt, whatever the editor's tabs are", async () => {
    expect(await formatted("const  a=1\nparam   domain:hostname\n")).toBe("const a = 1\nparam domain: hostname\n")
  })

  it("leaves a file alone that cannot be parsed", async () => {
    expect(await formatted("flow {")).toBeUndefined()
  })
})
