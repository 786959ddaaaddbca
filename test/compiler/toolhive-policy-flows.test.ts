import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { analyze, formatSource, targets } from "../../compiler/index.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { compiled, documentsOf, imported, said } from "./import-source.ts"
import { policedFlow } from "./policy-flow.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive } from "./toolhive-source.ts"

describe("any well-typed flow that decides who may what", () => {
  testWithCrds("is refused for what was foreseen, or is what the API server accepts (200 flows)", (crds) => {
    const accepted = new Map<string, number>()
    fc.assert(
      fc.property(policedFlow, ({ text, kind, refused }) => {
        const { artifacts, errors } = compileForToolHive(text)
        expect(errors.toSorted(), text).toEqual(refused.toSorted())
        for (const { text: yaml } of artifacts) {
          const { documents } = parse([{ path: "flow.yaml", text: yaml }])
          expect(validate(crds, documents), yaml).toEqual([])
          expect(documents.map((each) => (each as { readonly kind: string }).kind)).toContain(kind)
          accepted.set(kind, (accepted.get(kind) ?? 0) + 1)
        }
      }),
      { numRuns: 200 },
    )
    for (const kind of ["MCPServer", "MCPRemoteProxy", "VirtualMCPServer"])
      expect(accepted.get(kind) ?? 0, kind).toBeGreaterThan(5)
  })

  test("is read back from what it compiles to, with nothing lost (60 flows)", () => {
    let read = 0
    fc.assert(
      fc.property(policedFlow, ({ text }) => {
        const manifests = compileForToolHive(text)
          .artifacts.map((artifact) => artifact.text)
          .join("")
        if (manifests === "") return
        read++
        const { artifacts, diagnostics } = imported(manifests)
        const losses = diagnostics.map(said).filter((each) => !/^AF10(12|14|17|22)/.test(each))
        expect(losses, `${text}\n${artifacts[0]?.text}`).toEqual([])
        const back = artifacts[0]?.text ?? ""
        expect(compiled(back), back).toEqual(documentsOf(manifests))
        expect(formatSource({ uri: "back.authflow", text: back }).text).toBe(back)
      }),
      { numRuns: 60 },
    )
    expect(read).toBeGreaterThan(15)
  })

  test("is refused by the plan target wherever it decides (100 flows)", () => {
    fc.assert(
      fc.property(policedFlow, ({ text }) => {
        const { program } = analyze({ uri: "test.authflow", text })
        const lowered = program && targets.plan.lower(program)
        const decides = /^ {2}(limit|mutate|validate|authorize|run) /m.test(text)
        if (decides) expect(lowered?.artifacts, text).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
