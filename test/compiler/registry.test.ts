import { describe, expect, it } from "vitest"
import type { Entry, Example } from "../../compiler/diagnostics/registry/entry.ts"
import { analyze, type Code, codes, explain, registry, targets } from "../../compiler/index.ts"
import { importManifests } from "../../compiler/targets/toolhive/import/index.ts"
import { fixed } from "./problems.ts"

const example = (code: Code): Example | undefined => (registry[code] as Entry<never>).example

const imported = (text: string): readonly string[] => {
  const { diagnostics } = importManifests([{ path: "example.yaml", text }])
  return diagnostics.map((each) => `${each.code} ${each.message}`)
}

const analyzed = (text: string, { params = {}, env, files = {} }: Partial<Example>) =>
  analyze({ uri: "example.authflow", text }, { params, ...(env !== undefined && { env }) }, (uri) =>
    uri === "example.authflow" ? text : files[uri],
  )

const reported = (text: string, shown: Partial<Example>): readonly string[] => {
  const { target, command } = shown
  if (command === "import") return imported(text)
  const { program, diagnostics } = analyzed(text, shown)
  if (target === undefined || program === undefined) return diagnostics.map((each) => `${each.code} ${each.message}`)
  // A target may refuse what the check warns of already.
  const errors = diagnostics.filter(({ severity }) => severity === "error")
  return [...errors, ...targets[target].lower(program).diagnostics].map((each) => `${each.code} ${each.message}`)
}

/** What no example in a file can show, and the test that shows it instead. */
const SHOWN_ELSEWHERE = ["AF0101", "AF0105", "AF0224", "AF0710", "AF0901"]

describe("every code of the registry", () => {
  for (const code of codes) {
    const shown = example(code)
    if (shown === undefined) {
      it(`${code} has an example`, () => expect(SHOWN_ELSEWHERE).toContain(code))
      continue
    }
    it(`${code} is what its bad example gives, and nothing else`, () => {
      const found = reported(shown.bad, shown)
      expect(found, shown.bad).not.toEqual([])
      // What follows from it in the rest of the manifest is said as well.
      const others = shown.command === "import" ? /^AF10/ : /^$/
      expect(
        found.filter((each) => !each.startsWith(code) && !others.test(each)),
        shown.bad,
      ).toEqual([])
      expect(found.join("\n")).toContain(code)
    })
    const fixes =
      shown.command === undefined ? analyzed(shown.bad, shown).diagnostics.filter(({ fix }) => fix !== undefined) : []
    if (fixes.length > 0)
      it(`${code} is gone after its fix`, () => {
        for (const each of fixes) {
          const after = fixed(shown.bad, each)
          expect(after).not.toBe(shown.bad)
          const left = analyzed(after, shown).diagnostics
          expect(
            left.filter(({ code: found }) => found === code || found < "AF0200"),
            after,
          ).toEqual([])
        }
      })
    it(`${code} is not what its good example gives`, () => {
      expect(shown.good).not.toBe(shown.params || shown.env !== undefined ? undefined : shown.bad)
      const { params: _params, env: _env, ...around } = shown
      expect(reported(shown.good, around), shown.good).toEqual([])
    })
  }

  it("is explained", () => {
    for (const code of codes) {
      const explained = explain(code.toLowerCase())
      expect(explained?.code).toBe(code)
      for (const text of [explained?.title, explained?.explanation, explained?.remedy])
        expect(text?.length ?? 0, code).toBeGreaterThan(8)
    }
    expect(explain("AF9999")).toBeUndefined()
    expect(explain("constructor")).toBeUndefined()
  })
})
