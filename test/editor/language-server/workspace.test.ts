import { describe, expect, it } from "vitest"
import {
  DidChangeWatchedFilesNotification,
  FileChangeType,
  RegistrationRequest,
} from "vscode-languageserver-protocol/node"
import { Editor, folderOf, startEditor } from "./editor.ts"
import { head, identity, whole } from "./sources.ts"

const shared = `param domain: hostname = "example.com"\n${identity}`
const user = `import { gate } from "../shared/identity.authflow"
flow tools at "https://mcp.example.com" {
  identify gate
  inject none
  forward "https://up.example.com"
}
`

const codesOf = (editor: Editor, uri: string): readonly string[] | undefined =>
  editor.published(uri)?.map(({ code }) => String(code))

describe("files of the folders that are open in the editor", () => {
  it("are checked without being open, with what they import from folders beside their own", async () => {
    const folder = folderOf({
      "shared/identity.authflow": shared,
      "flows/good.authflow": user,
      "flows/bad.authflow": user.replace("inject none", "inject nothing"),
      "node_modules/x/ignored.authflow": "flow",
      ".hidden/ignored.authflow": "flow",
    })
    const editor = await startEditor({ folders: [folder.path] })
    await editor.until(() => codesOf(editor, folder.uri("flows/bad.authflow")) !== undefined)
    expect(codesOf(editor, folder.uri("flows/bad.authflow"))).toEqual(["AF0206"])
    expect(editor.published(folder.uri("flows/good.authflow"))).toBeUndefined()
    expect(editor.published(folder.uri("node_modules/x/ignored.authflow"))).toBeUndefined()
  })

  it("are checked again when what they import is typed in", async () => {
    const folder = folderOf({ "shared/identity.authflow": shared, "flows/a.authflow": user })
    const editor = await startEditor({ folders: [folder.path] })
    const uri = folder.uri("shared/identity.authflow")
    const document = await editor.open(shared, uri)
    expect(await document.diagnostics()).toEqual([])
    const offset = shared.indexOf("gate =")
    const range = { start: document.position(offset), end: document.position(offset + 4) }
    await editor.change(uri, [{ range, text: "door" }])
    await editor.until(() => (editor.published(folder.uri("flows/a.authflow")) ?? []).length > 0)
    expect(codesOf(editor, folder.uri("flows/a.authflow"))).toEqual(["AF0220"])
  })

  it("count as they are in the editor while they are open, and as on disk after that", async () => {
    const folder = folderOf({ "a.authflow": whole() })
    const editor = await startEditor({ folders: [folder.path] })
    const uri = folder.uri("a.authflow")
    const document = await editor.open("flow", uri)
    expect((await document.diagnostics()).length).toBeGreaterThan(0)
    await editor.close(uri)
    await editor.until(() => editor.published(uri)?.length === 0)
  })

  it("are looked at when they change on disk, come and go", async () => {
    const folder = folderOf({ "flows/a.authflow": user })
    const editor = new Editor()
    const watched = new Promise<object>((resolve) => {
      editor.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
        const [watcher] = registrations.filter(({ method }) => method === DidChangeWatchedFilesNotification.method)
        if (watcher) resolve(watcher.registerOptions)
      })
    })
    await editor.initialize({ folders: [folder.path] })
    expect(await watched).toEqual({ watchers: [{ globPattern: "**/*.authflow" }] })
    const a = folder.uri("flows/a.authflow")
    await editor.until(() => codesOf(editor, a)?.includes("AF0218") === true)
    const tell = (name: string, type: FileChangeType) =>
      editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
        changes: [{ uri: folder.uri(name), type }],
      })
    folder.write("shared/identity.authflow", shared)
    await tell("shared/identity.authflow", FileChangeType.Created)
    await editor.until(() => codesOf(editor, a)?.length === 0)
    folder.write("shared/identity.authflow", shared.replace("server gate", "server door"))
    await tell("shared/identity.authflow", FileChangeType.Changed)
    await editor.until(() => codesOf(editor, a)?.includes("AF0220") === true)
    folder.remove("shared")
    await tell("shared", FileChangeType.Deleted)
    await editor.until(() => codesOf(editor, a)?.includes("AF0218") === true)
    folder.remove("flows/a.authflow")
    await tell("flows/a.authflow", FileChangeType.Deleted)
    await editor.until(() => codesOf(editor, a)?.length === 0)
    editor.kill()
  })

  it("come and go with their folders", async () => {
    const [one, two] = [folderOf({ "a.authflow": "flow" }), folderOf({ "b.authflow": "flow" })]
    const editor = await startEditor({ folders: [one.path] })
    await editor.until(() => (editor.published(one.uri("a.authflow")) ?? []).length > 0)
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [{ uri: two.uri(""), name: "two" }], removed: [{ uri: one.uri(""), name: "one" }] },
    })
    await editor.until(() => (editor.published(two.uri("b.authflow")) ?? []).length > 0)
    await editor.until(() => editor.published(one.uri("a.authflow"))?.length === 0)
  })
})

describe("a file in no folder of the workspace", () => {
  it("imports from its own folder, and sees what changes there", async () => {
    const folder = folderOf({ "identity.authflow": shared })
    const editor = await startEditor()
    const uri = folder.uri("gateway.authflow")
    const document = await editor.open(user.replace("../shared/", "./"), uri)
    expect(await document.diagnostics()).toEqual([])
    folder.write("identity.authflow", `${shared}\n`.replace("server gate", "server front_door"))
    await editor.change(uri, [{ range: { start: document.position(0), end: document.position(0) }, text: "\n" }])
    expect((await document.diagnostics()).map(({ code }) => code)).toEqual(["AF0220"])
  })

  it("imports from no folder above its own", async () => {
    const folder = folderOf({ "shared/identity.authflow": shared })
    const editor = await startEditor()
    const document = await editor.open(user, folder.uri("flows/gateway.authflow"))
    expect((await document.diagnostics()).map(({ code }) => code)).toContain("AF0217")
  })

  it("need not be on disk at all", async () => {
    const editor = await startEditor()
    const document = await editor.open(head, "untitled:Untitled-1")
    expect((await document.diagnostics()).filter(({ severity }) => severity === 1)).toEqual([])
  })
})

it("a file is one, however its URI is written, and is answered in the editor's way", async () => {
  const folder = folderOf({
    "a b/identity+x.authflow": shared,
    "a b/flow.authflow": user.replace("../shared/identity", "./identity+x"),
  })
  const editor = await startEditor({ folders: [folder.path] })
  const spelled = folder
    .uri("a b/identity+x.authflow")
    .replace("%20", "%20")
    .replace("+", "%2B")
    .replace("file:///", "file:///")
  const document = await editor.open(`${shared}flow`, spelled)
  expect((await document.diagnostics()).length).toBeGreaterThan(0)
  const definition = await document.ask<{ targetUri: string }[]>(
    "textDocument/definition",
    document.text.indexOf("[corp]") + 1,
  )
  expect(definition[0]?.targetUri).toBe(spelled)
})
