import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { analyze, targets } from "../../compiler/index.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { outgoingFlow } from "./outgoing-flow.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive, type Shown, shownKinds } from "./toolhive-source.ts"

describe("any well-typed flow of any type", () => {
  testWithCrds("is refused for what was foreseen, or is what the API server accepts (1000 flows)", (crds) => {
    const accepted = new Map<Shown, number>()
    fc.assert(
      fc.property(outgoingFlow, ({ text, kind, refused }) => {
        const { artifacts, errors } = compileForToolHive(text)
        expect(errors.toSorted(), text).toEqual(refused.toSorted())
        expect(artifacts.length).toBe(refused.length > 0 ? 0 : 1)
        for (const { text: yaml } of artifacts) {
          expect(validate(crds, parse([{ path: "flow.yaml", text: yaml }]).documents), yaml).toEqual([])
          accepted.set(kind, (accepted.get(kind) ?? 0) + 1)
        }
      }),
      { numRuns: 1000 },
    )
    for (const kind of shownKinds.filter((each) => each !== "obo"))
      expect(accepted.get(kind) ?? 0, kind).toBeGreaterThan(5)
    expect(accepted.get("obo")).toBeUndefined()
  })

  test("is run by the plan target, with one login or two", () => {
    const runs = new Set<Shown>()
    fc.assert(
      fc.property(outgoingFlow, ({ text, kind }) => {
        const { program } = analyze({ uri: "test.authflow", text })
        const { artifacts, diagnostics } = program ? targets.plan.lower(program) : { artifacts: [], diagnostics: [] }
        const said = diagnostics.map(({ code, message }) => `${code} ${message}`)
        expect(said, text).toEqual([])
        expect(artifacts.length).toBe(1)
        runs.add(kind)
      }),
      { numRuns: 200 },
    )
    expect([...runs].toSorted()).toEqual([...shownKinds].toSorted())
  })
})
