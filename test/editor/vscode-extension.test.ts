/** The extension as it is packed: loaded as VS Code loads it, with the real server in a process of its own. */
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { analyze } from "../../compiler/index.ts"
import { buildExtension } from "../../editor/vscode/build/extension.ts"
import manifest from "../../editor/vscode/manifest.json" with { type: "json" }
import { root } from "../architecture/source-files.ts"
import { exampleNames, exampleText } from "../examples.ts"
import { createHost, loadExtension } from "./vscode-host.ts"

const MINUTE = 60_000

let built = ""
let folder = ""
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), "authflow-vscode-"))
  folder = mkdtempSync(join(tmpdir(), "authflow-folder-"))
  for (const name of ["thv-0050", "thv-0050-groups"])
    copyFileSync(join(root, "examples", `${name}.authflow`), join(folder, `${name}.authflow`))
  await buildExtension(pathToFileURL(`${built}/`))
}, MINUTE)
afterAll(() => {
  for (const each of [built, folder]) rmSync(each, { recursive: true, force: true })
})

/** Children of this process that run the server that was built. */
const servers = (): readonly string[] =>
  execFileSync("ps", ["-o", "args=", "--ppid", String(process.pid)], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(join(built, "server.js")))

describe("the extension in VS Code", { timeout: MINUTE }, () => {
  it("starts its server, shows what it finds, previews what is typed, and ends the server with itself", async () => {
    const host = createHost(folder)
    const { extension, context } = loadExtension(built, host)
    await extension.activate(context)
    expect(servers()).toHaveLength(1)

    // Every command that the manifest offers is there.
    const offered = manifest.contributes.commands.map(({ command }) => command)
    expect(offered.filter((command) => !host.commands.has(command))).toEqual([])
    for (const feature of ["CompletionItem", "Hover", "Definition", "Rename", "DocumentFormattingEdit", "CodeActions"])
      expect(host.providers).toContain(feature)

    // Diagnostics come from the server, with code and place.
    let document = host.edit("thv-0050.authflow")
    const uri = document.uri.toString()
    const codes = () => (host.diagnostics.get(uri) ?? []).map(({ code }) => String(Reflect.get(Object(code), "value")))
    document = host.type(document, document.getText().replace("region  =", "regoin  ="))
    await expect.poll(codes, { timeout: 20_000 }).toContain("AF0301")
    const [found] = host.diagnostics.get(uri) ?? []
    expect(found?.message).toContain("`regoin`")
    expect(found?.range.start.line).toBe(40)
    document = host.type(document, document.getText().replace("regoin  =", "region  ="))
    await expect.poll(codes, { timeout: 20_000 }).toEqual([])

    // The compiled YAML is a document of its own, that follows.
    const run = (command: string) => Promise.resolve(host.commands.get(command)?.())
    await run("authflow.openYaml")
    const yaml = host.shown[0]
    expect(yaml?.uri.path).toMatch(/thv-0050\.yaml$/)
    expect(yaml?.getText()).toContain("kind: MCPExternalAuthConfig")
    document = host.type(document, document.getText().replace('"us-east-1"', '"eu-west-1"'))
    await expect.poll(() => host.textOf(yaml?.uri ?? ""), { timeout: 20_000 }).toContain("region: eu-west-1")
    await run("authflow.openPlan")
    expect(JSON.parse(host.shown[1]?.getText() ?? "")).toMatchObject({ flows: [{ name: "aws_mcp" }] })

    // The drawing is a page that can run nothing, in the colours of the theme.
    await run("authflow.openGraph")
    const [panel] = host.panels
    const html = () => panel?.webview.html ?? ""
    expect(panel?.options).toMatchObject({ enableScripts: false, localResourceRoots: [] })
    expect(html()).toContain("<svg")
    expect(html()).toContain("exchange aws.sts")
    const [, nonce] = /content="default-src 'none'; style-src 'nonce-([\w-]{20,})'"/.exec(html()) ?? []
    expect(html().match(/<style[^>]*>/g)).toEqual([`<style nonce="${nonce}">`, `<style nonce="${nonce}">`])
    expect(html()).not.toMatch(/<script|\son\w+=|javascript:|https?:\/\/(?!www\.w3\.org)[^<]*\.js/)
    expect(html()).toContain("@media all")
    host.theme(false)
    await expect.poll(html, { timeout: 20_000 }).toContain("@media not all")
    host.type(document, document.getText().replaceAll("aws_mcp", "renamed_flow"))
    await expect.poll(html, { timeout: 20_000 }).toContain("renamed_flow")

    // Tests and code lenses.
    await run("authflow.runTests")
    expect(host.outputs.get("authflow tests")?.text).toContain("Ada is the admin")
    await host.commands.get("authflow.runTest")?.(uri, "Ada is the admin")
    expect(host.outputs.get("authflow tests")?.text).toContain("ok")
    expect(host.outputs.get("authflow tests")?.text).not.toContain("everybody else")

    // What ToolHive refuses is said in place of what it would be given.
    host.edit("thv-0050-groups.authflow")
    await run("authflow.openYaml")
    const refused = host.shown[2]?.getText() ?? ""
    expect(refused).toMatch(/^# ToolHive cannot run this file\n/)
    expect(refused).toMatch(/^# AF0803 \(line \d+\): /m)

    // An explanation is a page in the Markdown view.
    await run("authflow.explainDiagnostic")
    const [page] = host.asked.find(({ command }) => command === "markdown.showPreviewToSide")?.given ?? []
    const explanation = await host.vscode.workspace.openTextDocument(page as never)
    expect(explanation.getText()).toMatch(/^# AF0\d+: [\s\S]+## What to do/)

    expect(host.messages.filter((message) => !message.startsWith("$(check)"))).toEqual([])
    await extension.deactivate()
    await expect.poll(servers, { timeout: 20_000 }).toEqual([])
    for (const each of context.subscriptions) each.dispose()
  })
})

describe("the packed extension", { timeout: MINUTE }, () => {
  it("holds what it needs and nothing else", async () => {
    const { createVSIX } = await import("@vscode/vsce")
    const packagePath = join(folder, "authflow.vsix")
    await createVSIX({
      cwd: built,
      packagePath,
      dependencies: false,
      allowMissingRepository: true,
      skipLicense: true,
      rewriteRelativeLinks: false,
    })
    const names = namesInZip(readFileSync(packagePath))
    expect(names).toEqual([
      "[Content_Types].xml",
      "extension.vsixmanifest",
      ...[
        ...["authflow.tmLanguage.json", "docs/diagnostics.md", "extension.js"],
        ...["icons/authflow.png", "icons/file-dark.svg", "icons/file-light.svg"],
        ...["images/graph.png", "images/highlighting.png", "language-configuration.json", "package.json"],
        ...["readme.md", "server.js", "snippets.json"],
      ].map((name) => `extension/${name}`),
    ])
  })

  it("has all files that its manifest names, and the grammar of this checkout", () => {
    const { icon, main, contributes } = manifest
    const named = [
      icon,
      main,
      ...contributes.languages.flatMap(({ configuration, icon }) => [configuration, icon.light, icon.dark]),
      ...contributes.grammars.map(({ path }) => path),
      ...contributes.snippets.map(({ path }) => path),
    ]
    const files = readdirSync(built, { recursive: true, encoding: "utf8" })
    expect(named.filter((path) => !files.includes(path.replace(/^\.\//, "")))).toEqual([])
    const read = (path: string) => readFileSync(path, "utf8")
    expect(read(join(built, "authflow.tmLanguage.json"))).toBe(read(join(root, "grammar/authflow.tmLanguage.json")))
    // Bundled: nothing is asked for but VS Code and Node.
    const asked = [
      ...`${read(join(built, "extension.js"))}${read(join(built, "server.js"))}`.matchAll(/\brequire\("([^"]+)"\)/g),
    ]
    const { builtinModules } = process.getBuiltinModule("node:module")
    const foreign = asked
      .map(([, name = ""]) => name.replace(/^node:/, ""))
      .filter((name) => !builtinModules.includes(name))
    expect([...new Set(foreign)]).toEqual(["vscode"])
  })

  it("begins a file with each example, by a snippet that compiles", () => {
    const snippets: Readonly<Record<string, { readonly body: readonly string[] }>> = JSON.parse(
      readFileSync(join(built, "snippets.json"), "utf8"),
    )
    expect(Object.keys(snippets).sort()).toEqual([...exampleNames].sort())
    for (const name of exampleNames) {
      const text = (snippets[name]?.body ?? [])
        .join("\n")
        .replaceAll(/\\([\\$}])|\$\{\d+:((?:[^}\\]|\\.)*)\}/g, (_, escaped, held) => escaped ?? held)
      const { diagnostics, program } = analyze({ uri: "a.authflow", text: `${text}\n` })
      expect(
        diagnostics.filter(({ severity }) => severity === "error"),
        name,
      ).toEqual([])
      expect(program?.flows.length, name).toBeGreaterThan(0)
      expect(exampleText(name)).toContain(text)
    }
  })
})

/** The names in the central directory of a zip archive (APPNOTE.TXT 4.3.12), sorted. */
const namesInZip = (zip: Buffer): readonly string[] => {
  const names: string[] = []
  for (let at = zip.indexOf("PK\x01\x02"); at >= 0; at = zip.indexOf("PK\x01\x02", at + 46)) {
    const length = zip.readUInt16LE(at + 28)
    names.push(zip.toString("utf8", at + 46, at + 46 + length))
  }
  return names.sort()
}
