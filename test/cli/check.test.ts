import { describe, expect, it } from "vitest"
import { authflow, folder } from "./authflow.ts"
import { examples, good, misspelt, parameterized } from "./sources.ts"

const ESCAPE = "\u001b"

interface JsonDiagnostic {
  readonly code: string
  readonly severity: string
  readonly file: string
  readonly line: number
}
const json = (text: string): readonly JsonDiagnostic[] => JSON.parse(text)

describe("check", () => {
  it.each(examples)("finds nothing wrong with %s", async (example) => {
    const { code, stdout, stderr } = await authflow(["check", example])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "no problems in 1 file\n" })
  })

  it("shows an error with its place and the name that was meant, and exits 1", async () => {
    const cwd = folder({ "gate.authflow": misspelt })
    const { code, stdout, stderr } = await authflow(["check", "gate.authflow"], { cwd })
    expect(stdout).toMatch(/^error\[AF\d{4}\]: .*regiom[\s\S]*region/m)
    const line = misspelt.split("\n").findIndex((text) => text.includes("regiom")) + 1
    expect(stdout).toContain(`gate.authflow:${line}:`)
    expect(stderr).toMatch(/^\d+ errors? in 1 file\n$/)
    expect(code).toBe(1)
  })

  it("checks every file and keeps their order", async () => {
    const cwd = folder({ "a.authflow": misspelt, "b.authflow": good, "c.authflow": misspelt })
    const { code, stdout, stderr } = await authflow(
      ["check", "--format", "json", "a.authflow", "b.authflow", "c.authflow"],
      { cwd },
    )
    const files = json(stdout).map(({ file }) => file)
    expect([...new Set(files)]).toEqual(["a.authflow", "c.authflow"])
    expect(files).toEqual(files.toSorted())
    expect(stderr).toMatch(/^\d+ errors? in 3 files\n$/)
    expect(code).toBe(1)
  })

  it("writes one JSON array, empty when all is well", async () => {
    const { code, stdout } = await authflow(["check", "--format", "json", "examples/thv-0050.authflow"])
    expect(json(stdout)).toEqual([])
    expect(code).toBe(0)
  })

  it("checks the others when a file cannot be read, and exits 3", async () => {
    const cwd = folder({ "bad.authflow": misspelt })
    const { code, stdout } = await authflow(["check", "--format", "json", "gone.authflow", "bad.authflow"], { cwd })
    expect(json(stdout)[0]).toMatchObject({ code: "AF0901", file: "gone.authflow", line: 1, severity: "error" })
    expect(
      json(stdout)
        .slice(1)
        .map(({ file }) => file),
    ).toContain("bad.authflow")
    expect(code).toBe(3)
  })

  it("reads standard input for -", async () => {
    const { code, stdout } = await authflow(["check", "-"], { stdin: misspelt })
    expect(stdout).toContain("--> <stdin>:")
    expect(code).toBe(1)
  })

  it("takes a file whose parameters have no value yet", async () => {
    expect(await authflow(["check", "-"], { stdin: parameterized })).toMatchObject({ code: 0, stdout: "" })
  })

  it("checks the values of parameters", async () => {
    const wrong = await authflow(["check", "-", "--param", "account=12"], { stdin: parameterized })
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining("AF0904") })
    const unknown = await authflow(["check", "-", "--param", "acount=123456789012"], { stdin: parameterized })
    expect(unknown).toMatchObject({ code: 1, stdout: expect.stringMatching(/AF0902[\s\S]*account/) })
  })

  describe("colour", () => {
    const colourful = async (env: Record<string, string>) =>
      (await authflow(["check", "-"], { stdin: misspelt, env })).stdout.includes(ESCAPE)

    it("is off in a pipe", async () => expect(await colourful({})).toBe(false))
    it("is on when forced", async () => expect(await colourful({ FORCE_COLOR: "1" })).toBe(true))
    it("is off when FORCE_COLOR is 0", async () => expect(await colourful({ FORCE_COLOR: "0" })).toBe(false))
    it("is off with NO_COLOR, even when forced", async () =>
      expect(await colourful({ NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false))
  })
})

describe("bad input gets a diagnostic and never a stack trace:", () => {
  const nested = (depth: number) =>
    `${good}\nprovider deep = oidc { claims = ${"[".repeat(depth)}${"]".repeat(depth)} }`
  it.each<[string, string | Uint8Array, RegExp]>([
    ["empty", "", /^error\[AF\d{4}\]/],
    ["only blanks and comments", "\n\n// nothing\n", /^error\[AF\d{4}\]/],
    ["binary", Uint8Array.from({ length: 4096 }, (_, at) => (at * 7919) % 256), /^error\[AF0102\]/],
    ["not UTF-8", Buffer.from('param x: string = "caf\xe9"', "latin1"), /^error\[AF0102\]/],
    ["10 MB", "x".repeat(10_000_000), /^error\[AF0101\]/],
    ["10 MB of braces", "{".repeat(10_000_000), /^error\[AF0101\]/],
    ["deep nesting", nested(50_000), /^error\[AF0104\]/],
    ["an unterminated string", good.replace('"https://aws-mcp', '"https://aws-mcp.eu\n'), /^error\[AF0111\]/],
    ["an unknown stage", good.replace("exchange aws.sts", "exchange aws.stss"), /AF02\d\d[\s\S]*aws\.sts/],
    ["a file cut off", good.slice(0, good.length / 2), /^error\[AF01\d\d\]/m],
    ["control characters", `param x: string = "\u001b[31mred\u0007"`, /^error\[AF0103\]/m],
  ])("%s", async (_, stdin, expected) => {
    const { code, stdout, stderr } = await authflow(["check", "-"], { stdin })
    expect(stdout).toMatch(expected)
    expect(stdout + stderr).not.toMatch(/^\s+at |internal error/m)
    expect(stdout).not.toContain(ESCAPE)
    expect(stdout.length).toBeLessThan(100_000)
    expect(code).toBe(1)
  })

  it("a device without end is read only so far", async () => {
    const { code, stdout } = await authflow(["check", "/dev/zero"])
    expect(stdout).toMatch(/^error\[AF010[12]\]/)
    expect(code).toBe(1)
  })
})
