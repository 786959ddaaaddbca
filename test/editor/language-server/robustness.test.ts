import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkWorkspace, createWorkspace } from "../../../compiler/index.ts"
import { authflow } from "../../cli/authflow.ts"
import { type Document, Editor, folderOf, startEditor, useEditor } from "./editor.ts"
import { identity, inTest, whole } from "./sources.ts"

const { editor } = useEditor()

const FEATURES = [
  "textDocument/hover",
  "textDocument/completion",
  "textDocument/definition",
  "textDocument/references",
  "textDocument/documentHighlight",
  "textDocument/documentSymbol",
  "textDocument/foldingRange",
  "textDocument/documentLink",
  "textDocument/codeLens",
  "textDocument/semanticTokens/full",
  "textDocument/inlayHint",
  "textDocument/formatting",
  "textDocument/codeAction",
]

/** Asks everything there is to ask at a place. */
const askAll = async (document: Document, offset: number): Promise<void> => {
  const more = { range: document.whole, context: { diagnostics: [], includeDeclaration: true }, options: {} }
  for (const method of FEATURES) await document.ask(method, offset, more)
}

describe("broken text", () => {
  it.each([
    ["nothing", ""],
    ["half an item", 'flow tools at "https://'],
    ["only brackets", "{{{[[[((("],
    ["a file that ends in a string", `${whole()}const a = "`],
    ["bytes of something else", "\0\u0001\ufffd"],
    ["a text that is too deep", "[".repeat(500)],
    ["a very long line", `const a = "${"x".repeat(100_000)}`],
  ])("%s is answered with what is wrong, and with no error", async (_, text) => {
    const document = await editor().open(text)
    expect((await document.diagnostics()).length).toBeGreaterThan(0)
    await askAll(document, text.length)
  })

  it("a file that is cut off anywhere is answered", async () => {
    const text = inTest('  given claims { groups: ["a"] }\n  expect tools.decision == deny')
    for (let end = 0; end < text.length; end += 61) {
      const document = await editor().open(text.slice(0, end))
      await askAll(document, end)
      await document.diagnostics()
    }
  })
})

describe("random edits", () => {
  const PIECES = [
    "}",
    "{",
    '"',
    "\n",
    "corp",
    "🔐",
    "\r\n",
    "= ",
    "flow x at ",
    "gate",
    "// ",
    "${",
    "[",
    "1h",
    " ",
    "",
  ]
  const edit = fc.record({ file: fc.nat(1), start: fc.nat(), length: fc.nat(12), text: fc.constantFrom(...PIECES) })

  it("leave the diagnostics as if all had just been opened", async () => {
    const texts = [
      `param domain: hostname = "example.com"\n${identity}`,
      whole()
        .replace(identity, 'import { corp, gate } from "./identity.authflow"\n')
        .replace('param domain: hostname = "example.com"\n', ""),
    ]
    let made = 0
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const folder = `file:///random/${++made}`
        const uris = [`${folder}/identity.authflow`, `${folder}/flows.authflow`]
        const documents: Document[] = []
        for (const [index, uri] of uris.entries()) documents.push(await editor().open(texts[index] ?? "", uri))
        for (const { file, start, length, text } of edits) {
          const document = documents[file]
          if (document === undefined) continue
          const from = start % (document.text.length + 1)
          const range = {
            start: document.position(from),
            end: document.position(Math.min(from + length, document.text.length)),
          }
          await editor().change(document.uri, [{ range, text }])
        }
        const workspace = createWorkspace()
        for (const { uri, text } of documents) workspace.open({ uri, text })
        const expected = checkWorkspace(
          workspace,
          uris.map((uri) => [uri]),
        ).diagnostics
        const shown = (uri: string): readonly string[] =>
          expected
            .flatMap(({ uri: at, code, span }) => (at === uri ? [`${code} ${span.start}-${span.end}`] : []))
            .toSorted()
        const told = (document: Document): readonly string[] =>
          (editor().published(document.uri) ?? [])
            .map(({ code, range }) => {
              const text = editor().document(document.uri)
              return `${code} ${text.offsetAt(range.start)}-${text.offsetAt(range.end)}`
            })
            .toSorted()
        for (const document of documents) {
          await document.diagnostics()
          await editor().until(() => JSON.stringify(told(document)) === JSON.stringify(shown(document.uri)))
        }
        for (const { uri } of documents) await editor().close(uri)
      }),
      { numRuns: 25 },
    )
  })
})

describe("requests", () => {
  it("that are not known are refused, and the next is answered", async () => {
    await expect(editor().connection.sendRequest("textDocument/levitate", {})).rejects.toMatchObject({ code: -32601 })
    const document = await editor().open(whole())
    await askAll(document, 0)
  })

  it("about a file that is not open are answered with nothing", async () => {
    const textDocument = { uri: "file:///not/open.authflow" }
    const position = { line: 3, character: 7 }
    for (const method of ["textDocument/hover", "textDocument/definition", "textDocument/formatting"])
      expect(await editor().connection.sendRequest(method, { textDocument, position, options: {} })).toBeNull()
    for (const method of ["textDocument/codeLens", "textDocument/documentSymbol", "textDocument/foldingRange"])
      expect(await editor().connection.sendRequest(method, { textDocument, position })).toEqual([])
  })

  it("beyond the end of a file are about its end", async () => {
    const document = await editor().open("param a: string\n")
    const position = { line: 999, character: 999 }
    expect(
      await editor().connection.sendRequest("textDocument/hover", { textDocument: { uri: document.uri }, position }),
    ).toBeNull()
  })
})

describe("the end", () => {
  it("comes with 0 after shutdown and exit, and nothing is said on standard error", async () => {
    const mine = await startEditor()
    await mine.open(whole())
    expect(await mine.shutdown()).toEqual({ code: 0, stderr: "" })
  })

  it("comes with 1 after exit without shutdown", async () => {
    const mine = await startEditor()
    await mine.connection.sendNotification("exit")
    expect((await mine.ended).code).toBe(1)
  })

  it("comes when standard input is closed", async () => {
    const mine = await startEditor()
    mine.closeStdin()
    expect((await mine.ended).code).toBe(1)
  })

  it("comes when standard input is closed before anything was said", async () => {
    const mine = new Editor()
    mine.closeStdin()
    expect((await mine.ended).code).toBe(1)
  })
})

it("without --stdio the command says what it is for", async () => {
  const { code, stderr, stdout } = await authflow(["lsp"])
  expect([code, stdout]).toEqual([2, ""])
  expect(stderr).toContain("--stdio")
})

it("takes the process of the editor, as some clients say it", async () => {
  const folder = folderOf({})
  const { code } = await authflow(["lsp", "--stdio", `--clientProcessId=${process.pid}`], { cwd: folder.path })
  expect(code).toBe(1) // its standard input has ended
})
