import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { registry } from "../../compiler/index.ts"
import { authflow } from "./authflow.ts"

const folder = mkdtempSync(join(tmpdir(), "authflow-import-"))
afterAll(() => rmSync(folder, { recursive: true }))

const written = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const whole = registry.AF1016.example?.good ?? ""
const lossy = registry.AF1010.example?.bad ?? ""

describe("authflow import", () => {
  it("writes to stdout what check takes and compile makes the same manifests of", async () => {
    const { code, stdout, stderr } = await authflow(["import", written("api.yaml", whole)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const made = written("api.authflow", stdout)
    expect((await authflow(["check", made])).code).toBe(0)
    expect((await authflow(["fmt", "--check", made])).code).toBe(0)
    const compiled = await authflow(["compile", made, "--target", "toolhive"])
    expect(compiled.code).toBe(0)
    expect(compiled.stdout).toContain("fallbackRoleArn")
  })

  it("writes what could be carried and ends with 1 where something could not", async () => {
    const out = join(folder, "out")
    const { code, stdout, stderr } = await authflow(["import", written("lossy.yaml", lossy), "-o", out])
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toContain("AF1010")
    expect(stderr).toMatch(/lossy\.yaml:\d+:\d+/)
    expect(readdirSync(out)).toEqual(["lossy.authflow"])
    expect(readFileSync(join(out, "lossy.authflow"), "utf8")).toContain("flow api at")
  })

  it("writes diagnostics as JSON", async () => {
    const { code, stdout } = await authflow(["import", written("json.yaml", lossy), "--format", "json", "-o", folder])
    expect(code).toBe(1)
    const found: readonly { readonly code: string; readonly line: number }[] = JSON.parse(stdout)
    expect(found.map((each) => each.code)).toEqual(["AF1010"])
    expect(lossy.split("\n")[(found[0]?.line ?? 0) - 1]).toContain("labels:")
  })

  it("refuses what it cannot do with 2, and a file that is not there with 3", async () => {
    const path = written("usage.yaml", whole)
    expect((await authflow(["import", path, "--format", "json"])).code).toBe(2)
    expect((await authflow(["import"])).code).toBe(2)
    expect((await authflow(["import", join(folder, "nowhere.yaml")])).code).toBe(3)
  })

  it("reads standard input", async () => {
    const { code, stdout } = await authflow(["import", "-"], { stdin: whole })
    expect(code).toBe(0)
    expect(stdout).toContain("flow api at")
  })
})
