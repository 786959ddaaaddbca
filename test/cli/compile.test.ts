import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { authflow, folder, root } from "./authflow.ts"
import { good, misspelt, parameterized } from "./sources.ts"

const thv = join(root, "examples/thv-0050.authflow")

/** A definition of everything that the example compiles to, with one rule on top. */
const crd = (kind: string, plural: string, rule: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.toolhive.stacklok.dev }
spec:
  group: toolhive.stacklok.dev
  names: { kind: ${kind}, plural: ${plural} }
  scope: Namespaced
  versions:
    - name: v1beta1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              properties: { remoteUrl: { type: string } }
              x-kubernetes-validations: [{ rule: "${rule}", message: "not in this cluster" }]
`
const cluster = (rule: string) =>
  [
    crd("MCPExternalAuthConfig", "mcpexternalauthconfigs", "true"),
    crd("MCPOIDCConfig", "mcpoidcconfigs", "true"),
    crd("MCPRemoteProxy", "mcpremoteproxies", rule),
  ].join("---\n")

describe("compile", () => {
  it("writes the plan, and only the plan, to stdout", async () => {
    const { code, stdout, stderr } = await authflow(["compile", "examples/external-oidc.authflow", "--target", "plan"])
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, source: "examples/external-oidc.authflow" })
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })

  it("writes manifests to stdout and warnings to stderr", async () => {
    const { code, stdout, stderr } = await authflow(["compile", thv, "-t", "toolhive", "-o", "-"])
    expect(stdout).toMatch(/^# Compiled by authflow[\s\S]*^kind: MCPRemoteProxy$/m)
    expect(stdout).not.toMatch(/^(warning|error)\[/m)
    expect(stderr).toMatch(/^warning\[AF08\d\d\][\s\S]*\n\d+ warnings? in 1 file\n$/)
    expect(code).toBe(0)
  })

  it("gives the same bytes each time", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => authflow(["compile", thv, "-t", "toolhive"])))
    expect(first?.stdout).toBe(second?.stdout)
  })

  it("writes files to a directory that it makes, says so on stderr, and leaves the others alone", async () => {
    const cwd = folder({ "in.authflow": good })
    mkdirSync(join(cwd, "out/deep"), { recursive: true })
    writeFileSync(join(cwd, "out/deep/mine.txt"), "mine")
    for (const round of [1, 2]) {
      const { code, stdout, stderr } = await authflow(["compile", "in.authflow", "-t", "plan", "-o", "out/deep"], {
        cwd,
      })
      expect({ round, code, stdout, stderr }).toEqual({
        round,
        code: 0,
        stdout: "",
        stderr: "wrote out/deep/plan.json\n",
      })
    }
    expect(readdirSync(join(cwd, "out/deep")).toSorted()).toEqual(["mine.txt", "plan.json"])
    expect(JSON.parse(readFileSync(join(cwd, "out/deep/plan.json"), "utf8"))).toMatchObject({ source: "in.authflow" })
  })

  it("writes nothing when the file is wrong", async () => {
    const cwd = folder({ "in.authflow": misspelt })
    const { code, stdout, stderr } = await authflow(["compile", "in.authflow", "-t", "plan", "-o", "out"], { cwd })
    expect(stderr).toMatch(/^error\[AF/m)
    expect({ code, stdout, files: readdirSync(cwd) }).toEqual({ code: 1, stdout: "", files: ["in.authflow"] })
  })

  it("writes nothing when the target refuses the file", async () => {
    const { code, stdout, stderr } = await authflow(["compile", "examples/thv-0050-groups.authflow", "-t", "toolhive"])
    expect(stderr).toMatch(/^error\[AF08\d\d\]/m)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  })

  it("puts the values of parameters in, and needs them", async () => {
    const without = await authflow(["compile", "-", "-t", "plan"], { stdin: parameterized })
    expect(without).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("AF0903") })
    const given = ["--param", "account=210987654321", "--param", "domain=example.org"]
    const { code, stdout } = await authflow(["compile", "-", "-t", "plan", ...given], { stdin: parameterized })
    expect(stdout).toContain("arn:aws:iam::210987654321:role/mcp-admin")
    expect(stdout).toContain("https://mcp.example.org/mcp")
    expect(code).toBe(0)
  })

  it("takes a value with an equals sign in it as it is", async () => {
    const stdin = `${good}\nparam note: string = "x"`
    const { stderr, stdout } = await authflow(["check", "-", "--param", "note=a=b"], { stdin })
    expect(stdout + stderr).not.toMatch(/error/)
  })

  describe("--validate-with", () => {
    const compiled = (rule: string, ...more: readonly string[]) =>
      authflow(["compile", thv, "-t", "toolhive", "--validate-with", "crds", ...more], {
        cwd: (() => {
          const cwd = folder()
          mkdirSync(join(cwd, "crds"))
          writeFileSync(join(cwd, "crds/all.yaml"), cluster(rule))
          return cwd
        })(),
      })

    it("passes on what the cluster would take", async () => {
      const { code, stdout } = await compiled("has(self.remoteUrl)")
      expect(stdout).toContain("kind: MCPRemoteProxy")
      expect(code).toBe(0)
    })

    it("refuses what the cluster would refuse, with the rule, and writes nothing", async () => {
      const { code, stdout, stderr } = await compiled("!has(self.remoteUrl)")
      expect(stderr).toMatch(/MCPRemoteProxy .*spec.*not in this cluster\n {2}rule: !has\(self\.remoteUrl\)/)
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    })

    it("exits 3 when there are no definitions", async () => {
      const { code, stderr } = await authflow(["compile", thv, "-t", "toolhive", "--validate-with", folder()])
      expect(stderr).toContain("holds no YAML files")
      expect(code).toBe(3)
    })
  })
})
