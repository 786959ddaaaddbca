import { describe, expect, it } from "vitest"
import type { Range, WorkspaceEdit } from "vscode-languageserver-protocol/node"
import { type Document, marked, useEditor } from "./editor.ts"
import { identity, whole } from "./sources.ts"

const { editor } = useEditor()
let made = 0

interface Opened {
  readonly documents: Readonly<Record<string, Document>>
  readonly document: Document
  readonly offset: number
}

const openFiles = async (files: Readonly<Record<string, string>>): Promise<Opened> => {
  const folder = `file:///rename/${++made}`
  const documents: Record<string, Document> = {}
  let at: Pick<Opened, "document" | "offset"> | undefined
  for (const [name, source] of Object.entries(files)) {
    const cursor = source.includes("<|>") ? marked(source) : undefined
    const document = await editor().open(cursor?.text ?? source, `${folder}/${name}.authflow`)
    documents[name] = document
    if (cursor) at = { document, offset: cursor.offset }
  }
  if (at === undefined) throw new Error("where is the cursor?")
  return { documents, ...at }
}

/** The files once what is at the cursor has another name. */
const renamed = async (
  files: Readonly<Record<string, string>>,
  newName: string,
): Promise<Readonly<Record<string, string>>> => {
  const { documents, document, offset } = await openFiles(files)
  const edit = await document.ask<WorkspaceEdit>("textDocument/rename", offset, { newName })
  return Object.fromEntries(
    Object.entries(documents).map(([name, each]) => [name, each.applied(edit.changes?.[each.uri] ?? [])]),
  )
}

const expectRefusal = async (source: string, newName: string, why: string): Promise<void> => {
  const { document, offset } = await openFiles({ a: source })
  await expect(document.ask("textDocument/rename", offset, { newName })).rejects.toThrow(why)
}

const shared = `param domain: hostname = "example.com"\n${identity}`
const user = `import { corp, gate as front } from "./shared.authflow"
flow tools at "https://mcp.example.com" {
  identify front
  inject token { token = corp.access_token }
  forward "https://up.example.com"
}
env dev { domain = "dev.test" }
`

describe("renaming", () => {
  it("changes the declaration and every use in all files", async () => {
    const all = await renamed({ shared: shared.replace("provider corp", "provider co<|>rp"), user }, "company")
    expect(all).toEqual({
      shared: shared.replaceAll(/\bcorp\b/g, "company"),
      user: user.replaceAll(/\bcorp\b/g, "company"),
    })
  })

  it("of what has another name in a file leaves that name alone", async () => {
    const all = await renamed({ shared: shared.replace("server gate", "server ga<|>te"), user }, "door")
    expect(all["user"]).toBe(user.replace("gate as front", "door as front"))
  })

  it("of that other name stays in the file", async () => {
    const all = await renamed({ shared, user: user.replace("identify front", "identify fr<|>ont") }, "entry")
    expect(all).toEqual({ shared, user: user.replaceAll("front", "entry") })
  })

  it("of a parameter changes environments and holes", async () => {
    const all = await renamed({ shared, user: user.replace("env dev { domain", "env dev { do<|>main") }, "zone")
    expect(all["shared"]).toBe(shared.replaceAll("domain", "zone"))
    expect(all["user"]).toBe(user.replace("{ domain", "{ zone"))
  })

  it("of an environment changes it in all files that are compiled together", async () => {
    const all = await renamed({ shared: `${shared}env d<|>ev { domain = "x.test" }\n`, user }, "staging")
    expect(all["shared"]).toContain("env staging {")
    expect(all["user"]).toContain("env staging {")
  })
})

describe("renaming is refused", () => {
  it("to a name that is taken", () =>
    expectRefusal(whole().replace("server gate", "server ga<|>te"), "corp", "has a name `corp` already"))
  it("to a word that means something of its own", () =>
    expectRefusal(whole().replace("server gate", "server ga<|>te"), "claims", "means something of its own"))
  it("to what is no name", () =>
    expectRefusal(whole().replace("server gate", "server ga<|>te"), "Front-Door", "is no name"))
  it("where no name stands", () =>
    expectRefusal(whole().replace("identify gate", "iden<|>tify gate"), "x", "no name of an item stands here"))
})

it("what would be renamed is said before", async () => {
  const { document, offset } = await openFiles({ a: whole().replace("server gate", "server ga<|>te") })
  const found = await document.ask<{ range: Range; placeholder: string }>("textDocument/prepareRename", offset)
  expect(found.placeholder).toBe("gate")
  expect(document.textIn(found.range)).toBe("gate")
  await expect(document.ask("textDocument/prepareRename", 0)).rejects.toThrow("no name of an item stands here")
})
