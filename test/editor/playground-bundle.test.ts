import { createHash } from "node:crypto"
import { builtinModules } from "node:module"
import { beforeAll, describe, expect, it } from "vitest"
import { type Page, playgroundPage } from "./playground-page.ts"

describe("the playground's page", () => {
  let page: Page
  beforeAll(async () => {
    page = await playgroundPage()
  })
  const script = () => /<script type="module">([\s\S]*?)<\/script>/.exec(page.html)?.[1] ?? ""

  it("is made of the compiler, and of nothing that only Node has", () => {
    expect(page.modules).toContain("compiler/analysis/analyze.ts")
    expect(page.modules).toContain("compiler/targets/toolhive/index.ts")
    const nodes = page.modules.filter(
      (id) => /^node:|browser-external/.test(id) || builtinModules.includes(id) || /^(runtime|cli)\//.test(id),
    )
    expect(nodes).toEqual([])
    expect(script().length).toBeGreaterThan(100_000)
    expect(page.imports).toEqual([])
    // As Node is asked for its modules without an import.
    expect(script().match(/getBuiltinModule|\brequire\(["'`]|["'`]node:\w+["'`]/g)).toBeNull()
  })

  it("is one file that says itself what it may do: run its script, and reach nothing", () => {
    expect(page.files).toEqual(["index.html"])
    const digest = createHash("sha256").update(script()).digest("base64")
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page.html) ?? []
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`script-src 'sha256-${digest}'`)
    expect(policy).not.toContain("connect-src")
    expect(page.html).not.toMatch(/(?:src|href)="\.?\//)
  })
})
