/** What a file says of signatures. */
import { describe, expect, it } from "vitest"
import { analyze, targets } from "../../compiler/index.ts"
import { exampleText } from "../examples.ts"

const URI = "signing.authflow"
const source = (sign: string): string => exampleText("thv-0050").replace('{ service = "aws-mcp" }', `{ ${sign} }`)

/** Code and the text it is about. */
const told = (text: string) =>
  analyze({ uri: URI, text }).diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])

describe("payload = unsigned", () => {
  it("is taken for a service that takes it, and is in the plan", () => {
    const text = source('service = "s3", payload = unsigned')
    const { program, diagnostics } = analyze({ uri: URI, text })
    expect(diagnostics).toEqual([])
    const plan = program && targets.plan.lowerPlan(program).plan
    expect(plan?.flows[0].stages.find(({ kind }) => kind === "aws.sigv4")).toMatchObject({ payload: "unsigned" })
  })

  it("is warned of where AWS does not document it", () => {
    expect(told(source('service = "aws-mcp", payload = unsigned'))).toEqual([["AF1801", "unsigned"]])
  })

  it("has no limit for the body", () => {
    expect(told(source('service = "s3", payload = unsigned, max_body = 1MiB'))).toEqual([["AF1802", "1MiB"]])
  })

  it("is refused for ToolHive, which signs every body", () => {
    const text = source('service = "s3", payload = unsigned')
    const { program } = analyze({ uri: URI, text })
    const { artifacts, diagnostics } = targets.toolhive.lower(program ?? expect.fail("no program"))
    expect(artifacts).toEqual([])
    expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toContainEqual([
      "AF1803",
      "unsigned",
    ])
  })

  it("is one of two words", () => {
    expect(told(source('service = "s3", payload = none')).map(([code]) => code)).toEqual(["AF0306"])
  })
})
