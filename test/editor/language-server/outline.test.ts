/** Symbols, folding, selection, links. */
import { describe, expect, it } from "vitest"
import type {
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  SelectionRange,
  SymbolInformation,
} from "vscode-languageserver-protocol/node"
import { marked, startEditor, useEditor } from "./editor.ts"
import { head, inTest, whole } from "./sources.ts"

const { editor } = useEditor()

describe("symbols of a document", () => {
  it("are its items, with what is in them", async () => {
    const document = await editor().open(inTest("  expect tools.decision == allow"))
    const symbols = await document.ask<DocumentSymbol[]>("textDocument/documentSymbol")
    expect(symbols.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      "domain hostname",
      "account aws.account",
      "corp oidc",
      "gate auth_server",
      "tools flow",
      "an admin test",
    ])
    const flow = symbols.find(({ name }) => name === "tools")
    expect(flow?.children?.map(({ name }) => name)).toEqual([
      "identify gate",
      "exchange aws.sts",
      "sign aws.sigv4",
      "forward",
    ])
    expect(flow?.children?.[1]?.children?.map(({ name }) => name)).toEqual(["subject", "region", "role", "session"])
    expect(flow && document.textIn(flow.selectionRange)).toBe("tools")
    expect(flow && document.textIn(flow.range).startsWith("flow tools at")).toBe(true)
  })

  it("are there for what is being written, and have names", async () => {
    const document = await editor().open("provider corp = \nflow\nserver gate = auth_server {\n  \n")
    const symbols = await document.ask<DocumentSymbol[]>("textDocument/documentSymbol")
    expect(symbols.map(({ name }) => name)).toEqual(["corp", "gate"])
  })

  it("are a list for an editor that shows no tree", async () => {
    const flat = await startEditor({ capabilities: {} })
    const document = await flat.open(whole())
    const symbols = await document.ask<SymbolInformation[]>("textDocument/documentSymbol")
    expect(symbols).toContainEqual(expect.objectContaining({ name: "sign aws.sigv4", containerName: "tools" }))
  })
})

it("symbols of the workspace are found by some of their letters", async () => {
  await editor().open(whole().replace("flow tools", "flow orders_of_everybody"), "file:///symbols/a.authflow")
  const found: SymbolInformation[] = await editor().connection.sendRequest("workspace/symbol", { query: "ordevery" })
  expect(found.map(({ name, containerName }) => [name, containerName])).toEqual([["orders_of_everybody", "a.authflow"]])
})

it("blocks, comments and imports fold, and the line of the closing bracket stays", async () => {
  const imports = ["a", "b"].map((name) => `import { ${name} } from "./${name}.authflow"`).join("\n")
  const document = await editor().open(`// one
// two

${imports}

provider corp = oidc {
  scopes = [
    "openid",
  ]
}
`)
  const folds = await document.ask<FoldingRange[]>("textDocument/foldingRange")
  expect(folds.map(({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind ?? ""}`.trim())).toEqual([
    "0-1 comment",
    "3-4 imports",
    "6-9",
    "7-8",
  ])
})

it("a selection grows from the word to the file", async () => {
  const { text, offset } = marked(whole().replace('"admins"', '"adm<|>ins"'))
  const document = await editor().open(text)
  const [first] = await document.ask<SelectionRange[]>("textDocument/selectionRange", undefined, {
    positions: [document.position(offset)],
  })
  const selected: string[] = []
  for (let range = first; range !== undefined; range = range.parent) selected.push(document.textIn(range.range))
  expect(selected.slice(0, 3)).toEqual([
    "admins",
    '"admins"',
    'contains "admins" => "arn:aws:iam::${account}:role/admin"',
  ])
  expect(selected).toContainEqual(expect.stringMatching(/^match claims\.groups \{[\s\S]*\}$/))
  expect(selected).toContainEqual(expect.stringMatching(/^exchange aws\.sts \{[\s\S]*\}$/))
  expect(selected.at(-1)).toBe(text)
})

it("imports and URLs are links, parameters filled in", async () => {
  const { uri } = await editor().open(head, "file:///links/identity.authflow")
  const document = await editor().open(
    `import { corp } from "./identity.authflow"\nimport { x } from "./nowhere.authflow"\n${whole()}`,
    "file:///links/gateway.authflow",
  )
  const links = await document.ask<DocumentLink[]>("textDocument/documentLink")
  expect(links.map(({ range, target }) => [document.textIn(range), target])).toEqual([
    ["./identity.authflow", uri],
    ["https://idp.${domain}", "https://idp.example.com"],
    ["https://auth.${domain}", "https://auth.example.com"],
    ["https://mcp.${domain}/tools", "https://mcp.example.com/tools"],
    ["https://up.example.com/mcp", "https://up.example.com/mcp"],
  ])
})
