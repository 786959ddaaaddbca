import { describe, expect, it } from "vitest"
import type { DocumentHighlight, Location, LocationLink } from "vscode-languageserver-protocol/node"
import { type Document, marked, useEditor } from "./editor.ts"
import { head, identity, inTest, whole } from "./sources.ts"

const { editor } = useEditor()
let made = 0

/** Files beside each other; the one with `<|>` is asked about. */
const openFiles = async (files: Readonly<Record<string, string>>) => {
  const folder = `file:///navigation/${++made}`
  const documents: Record<string, Document> = {}
  let at: { readonly document: Document; readonly offset: number } | undefined
  for (const [name, source] of Object.entries(files)) {
    const cursor = source.includes("<|>") ? marked(source) : undefined
    const document = await editor().open(cursor?.text ?? source, `${folder}/${name}.authflow`)
    documents[name] = document
    if (cursor) at = { document, offset: cursor.offset }
  }
  if (at === undefined) throw new Error("where is the cursor?")
  const nameOf = (uri: string): string => uri.slice(folder.length + 1).replace(".authflow", "")
  /** `file:line words` */
  const shown = ({ uri, range }: Location): string =>
    `${nameOf(uri)}:${range.start.line + 1} ${documents[nameOf(uri)]?.textIn(range)}`
  return { ...at, shown }
}

const expectDefinition = async (
  files: Readonly<Record<string, string>>,
  ...expected: readonly string[]
): Promise<void> => {
  const { document, offset, shown } = await openFiles(files)
  const found = await document.ask<LocationLink[] | null>("textDocument/definition", offset)
  expect(
    (found ?? []).map(({ targetUri, targetSelectionRange }) => shown({ uri: targetUri, range: targetSelectionRange })),
  ).toEqual(expected)
}

const expectReferences = async (
  files: Readonly<Record<string, string>>,
  expected: readonly string[],
  includeDeclaration = true,
): Promise<void> => {
  const { document, offset, shown } = await openFiles(files)
  const found = await document.ask<Location[]>("textDocument/references", offset, { context: { includeDeclaration } })
  expect(found.map(shown).toSorted()).toEqual(expected.toSorted())
}

const shared = `param domain: hostname = "example.com"\n${identity}`
const user = `import { corp, gate as front } from "./shared.authflow"
flow tools at "https://mcp.example.com" {
  identify front
  inject token { token = corp.access_token }
  forward "https://up.example.com"
}
`

describe("definition", () => {
  it("of a provider, from a token of it", () =>
    expectDefinition({ a: whole().replace("corp.id_token\n    region", "co<|>rp.id_token\n    region") }, "a:5 corp"))
  it("of a server, from the stage that it stands in", () =>
    expectDefinition({ a: whole().replace("identify gate", "identify ga<|>te") }, "a:12 gate"))
  it("of a parameter, from a hole in a string", () =>
    expectDefinition({ a: whole().replace("idp.${domain}", "idp.${dom<|>ain}") }, "a:1 domain"))
  it("of a parameter, from an environment", () =>
    expectDefinition({ a: `${head}env dev { acc<|>ount = "1" }\n` }, "a:2 account"))
  it("of a flow, from a test", () =>
    expectDefinition({ a: inTest("  expect to<|>ols.decision == allow") }, "a:19 tools"))
  it("of a claim, to where the server says that it carries it", () =>
    expectDefinition({ a: whole().replace("match claims.groups", "match claims.gro<|>ups") }, "a:15 groups"))
  it("in another file, from the import", () =>
    expectDefinition({ shared, user: user.replace("{ corp", "{ co<|>rp") }, "shared:3 corp"))
  it("in another file, from a use", () =>
    expectDefinition({ shared, user: user.replace("token = corp", "token = co<|>rp") }, "shared:3 corp"))
  it("in another file, from another name for it", () =>
    expectDefinition({ shared, user: user.replace("identify front", "identify fro<|>nt") }, "shared:10 gate"))
  it("of the file, from the path of an import", () =>
    expectDefinition({ shared, user: user.replace("./shared", "./sha<|>red") }, "shared:1 "))
  it("of nothing, where a word is no name", () =>
    expectDefinition({ a: whole().replace("identify gate", "iden<|>tify gate") }))
  it("of nothing, for a word of a choice that is also a name", () =>
    expectDefinition({
      a: `param dynamic: string = "x"\nserver s = auth_server { clients = { registration: dyna<|>mic } }\n`,
    }))
})

describe("references", () => {
  it("are all places of a file, the declaration among them", () =>
    expectReferences({ a: whole().replace("provider corp", "provider co<|>rp") }, [
      "a:5 corp",
      "a:14 corp",
      "a:15 corp",
      "a:22 corp",
    ]))

  it("are without the declaration where that is not asked for", () =>
    expectReferences({ a: whole().replace("param account", "param acc<|>ount") }, ["a:25 account"], false))

  it("are those of all files, under whatever name", () =>
    expectReferences(
      {
        shared: shared.replace("server gate", "server ga<|>te"),
        user,
        other: 'import { gate } from "./shared.authflow"\n',
      },
      ["shared:10 gate", "user:1 gate", "user:1 front", "user:3 front", "other:1 gate"],
    ))

  it("of a parameter are in the environments of files that import it", () =>
    expectReferences(
      { shared: shared.replace("param domain", "param dom<|>ain"), user: `${user}env dev { domain = "dev.test" }\n` },
      ["shared:1 domain", "shared:4 domain", "shared:11 domain", "user:7 domain"],
    ))

  it("are none where no name stands", () =>
    expectReferences({ a: whole().replace("identify gate", "iden<|>tify gate") }, []))
})

it("the same name is marked in the file", async () => {
  const { document, offset } = await openFiles({ a: whole().replace("server gate", "server ga<|>te") })
  const found = await document.ask<DocumentHighlight[]>("textDocument/documentHighlight", offset)
  expect(found.map(({ range, kind }) => `${range.start.line + 1} ${kind}`)).toEqual(["12 3", "20 2"])
})
