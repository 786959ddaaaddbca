import { describe, expect, it } from "vitest"
import { authflow } from "./authflow.ts"
import { misspelt, parameterized } from "./sources.ts"

describe("graph", () => {
  it.each([
    ["mermaid", /^flowchart TB\n/],
    ["dot", /^digraph authflow \{\n/],
    ["svg", /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/],
  ])("draws a file as %s, and nothing else to stdout", async (format, start) => {
    const { code, stdout } = await authflow(["graph", "examples/thv-0050.authflow", "--format", format])
    expect(stdout).toMatch(start)
    expect(stdout).toContain("exchange aws.sts")
    expect(code).toBe(0)
  })

  it("draws Mermaid unless told otherwise, also where parameters have no value yet", async () => {
    const { code, stdout } = await authflow(["graph", "-"], { stdin: parameterized })
    expect(stdout).toMatch(/^flowchart TB\n/)
    expect(code).toBe(0)
  })

  it("says which flows there are when the one asked for is not there", async () => {
    const { code, stdout, stderr } = await authflow(["graph", "examples/thv-0050.authflow", "--flow", "aws"])
    expect(stderr).toContain("has no flow aws; it has aws_mcp")
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
  })

  it("draws nothing of a file with an error", async () => {
    const { code, stdout, stderr } = await authflow(["graph", "-"], { stdin: misspelt })
    expect(stderr).toMatch(/^error\[AF0301\]/m)
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
  })
})
