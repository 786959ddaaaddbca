import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import type { CodeAction } from "vscode-languageserver-protocol/node"
import { checkWorkspace, codes, createWorkspace, registry } from "../../../compiler/index.ts"
import { folderOf, startEditor, useEditor } from "./editor.ts"
import { head, inExchange, inFlow, region, role, session, subject, whole } from "./sources.ts"

const { editor } = useEditor()

/** What the compiler says of the text by itself. */
const fresh = (text: string): readonly string[] => {
  const workspace = createWorkspace()
  workspace.open({ uri: "a.authflow", text })
  return checkWorkspace(workspace, [["a.authflow"]]).diagnostics.map(({ code }) => code)
}

describe("a diagnostic", () => {
  it("has its code, its place, the reason, and a link to what it means", async () => {
    const document = await editor().open(inExchange([subject, '    region = "nowhere"', role, session].join("\n")))
    const [found, ...others] = await document.diagnostics()
    expect(others).toEqual([])
    expect(found?.code).toBe("AF0312")
    expect(found?.source).toBe("authflow")
    expect(found?.severity).toBe(1)
    expect(found && document.textIn(found.range)).toBe('"nowhere"')
    expect(found?.message).toContain("an AWS region")
    const page = new URL(found?.codeDescription?.href ?? "")
    expect(page.hash).toBe("#af0312")
    expect(existsSync(fileURLToPath(new URL(page.pathname, "file:")))).toBe(true)
  })

  it("points at the other place that has to do with it", async () => {
    const document = await editor().open(`${head}${head.slice(head.indexOf("/// Where"), head.indexOf("server"))}`)
    const found = (await document.diagnostics()).find(({ code }) => code === "AF0202")
    const [related] = found?.relatedInformation ?? []
    expect(related?.location.uri).toBe(document.uri)
    expect(related && document.textIn(related.location.range)).toBe("corp")
    expect(related?.location.range.start.line).toBeLessThan(found?.range.start.line ?? 0)
  })

  it("of what nothing uses is a warning that editors show faded", async () => {
    const document = await editor().open(`param unused: string\n${whole()}`)
    expect(await document.diagnostics()).toMatchObject([{ code: "AF0209", severity: 2, tags: [1] }])
  })

  it("is gone with the mistake", async () => {
    const document = await editor().open(whole().replace("aws-mcp", "AWS"))
    expect((await document.diagnostics()).map(({ code }) => code)).toEqual(["AF0312"])
    const offset = document.text.indexOf("AWS")
    const range = { start: document.position(offset), end: document.position(offset + 3) }
    await editor().change(document.uri, [{ range, text: "s3" }])
    expect(await document.diagnostics()).toEqual([])
  })

  it("says in which environments, where it is not in all", async () => {
    const document = await editor().open(`${whole()}
env dev { domain = "dev.test", account = "111122223333" }
env prod { domain = "not a host", account = "111122223333" }
`)
    const all = await document.diagnostics()
    expect(all.map(({ code }) => code)).toEqual(["AF0904"])
    expect(all[0]?.message).toContain("in the environment `prod`")
  })

  it("comes without a link where there are no pages, and to another place that the editor says", async () => {
    const other = await startEditor({ options: { docs: "https://docs.example/authflow" } })
    const document = await other.open("flow\n")
    const [found] = await document.diagnostics()
    expect(found?.codeDescription?.href).toMatch(/^https:\/\/docs\.example\/authflow\/diagnostics\.md#af\d{4}$/)
  })
})

it("files that are deployed together are held against each other, where the editor is set up so", async () => {
  const flow = (name: string) => `${whole().replace("flow tools", `flow ${name}`)}`
  const folder = folderOf({ "prod/a.authflow": flow("a"), "prod/b.authflow": flow("b"), "other/c.authflow": flow("c") })
  const together = await startEditor({ folders: [folder.path], options: { deployments: ["prod"] } })
  await together.until(() => (together.published(folder.uri("prod/b.authflow")) ?? []).length > 0)
  expect(together.published(folder.uri("prod/b.authflow"))?.map(({ code }) => code)).toContain("AF0704")
  expect(together.published(folder.uri("other/c.authflow")) ?? []).toEqual([])
})

describe("a quick fix", () => {
  const fixesAt = async (text: string, code: string) => {
    const document = await editor().open(text)
    const diagnostic = (await document.diagnostics()).find((each) => each.code === code)
    if (diagnostic === undefined) throw new Error(`no ${code}`)
    const { range } = diagnostic
    const actions = await document.ask<CodeAction[]>("textDocument/codeAction", undefined, {
      range,
      context: { diagnostics: [diagnostic] },
    })
    return { document, actions }
  }

  const expectFix = async (text: string, code: string, title: string, becomes: string): Promise<void> => {
    const { document, actions } = await fixesAt(text, code)
    const action = actions.find((each) => each.title === title)
    expect(actions.map((each) => each.title)).toContain(title)
    expect(action?.kind).toBe("quickfix")
    expect(action?.diagnostics?.[0]?.code).toBe(code)
    const fixed = document.applied(action?.edit?.changes?.[document.uri] ?? [])
    expect(fixed).toContain(becomes)
    const after = await editor().open(fixed)
    expect((await after.diagnostics()).map((each) => each.code)).not.toContain(code)
  }

  it("writes what was meant", () =>
    expectFix(whole().replace("region  =", "regoin  ="), "AF0301", "Write `region`", "region  ="))

  it("adds the case that is missing", () =>
    expectFix(whole().replace(/ *else => .*\n/, ""), "AF0601", "Refuse everybody else", "else => deny"))

  it("puts in all fields that are missing, at once", () =>
    expectFix(
      inExchange(subject),
      "AF0302",
      "Add `region`, `role`, `session`",
      '    region = "us-east-1"\n    role = match',
    ))

  it("makes the block that a stage needs", () =>
    expectFix(
      inFlow("  identify gate\n  sign aws.sigv4\n"),
      "AF0302",
      "Add `service`",
      'sign aws.sigv4 {\n    service = "aws-mcp"\n  }',
    ))

  it("is there for each code whose example has one", async () => {
    // Every fix of the registry's examples removes what it is for.
    let tried = 0
    for (const code of codes) {
      const { example } = registry[code] as {
        readonly example?: {
          readonly bad: string
          readonly files?: object
          readonly params?: object
          readonly env?: string
          readonly target?: string
          readonly command?: string
        }
      }
      if (example === undefined || example.files || example.params || example.env || example.target || example.command)
        continue
      const document = await editor().open(example.bad)
      const diagnostic = (await document.diagnostics()).find((each) => each.code === code)
      if (!String(diagnostic?.message).includes("\nfix: ") || diagnostic === undefined) continue
      const actions = await document.ask<CodeAction[]>("textDocument/codeAction", undefined, {
        range: diagnostic.range,
        context: { diagnostics: [diagnostic] },
      })
      const action = actions.find((each) => each.diagnostics?.[0]?.code === code)
      const fixed = await editor().open(document.applied(action?.edit?.changes?.[document.uri] ?? []))
      const left = (await fixed.diagnostics()).filter(
        (each) => each.code === code && each.message === diagnostic.message,
      )
      expect(left, `${code}\n${fixed.text}`).toEqual([])
      tried++
    }
    expect(tried).toBeGreaterThan(25)
  })

  it("is not offered to who asks for something else", async () => {
    const document = await editor().open(whole().replace("region  =", "regoin  ="))
    const context = { diagnostics: [], only: ["refactor"] }
    expect(await document.ask("textDocument/codeAction", undefined, { range: document.whole, context })).toEqual([])
  })
})

it("what is wrong is told as by the compiler", async () => {
  for (const text of [inExchange(region), inFlow(""), "flow", "provider corp = oidc {", ""]) {
    const document = await editor().open(text)
    const found = (await document.diagnostics()).map(({ code }) => code)
    expect(found).toEqual(fresh(text))
  }
})
