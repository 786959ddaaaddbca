import { describe, expect, test } from "vitest"
import { analyze, formatSource, targets } from "../../compiler/index.ts"
import { exampleFiles, exampleNames, exampleText, exampleUri, refusals } from "../examples.ts"

test("every example is in the table of examples, and none is there that is gone", () => {
  expect(exampleNames.map((name) => `${name}.authflow`).toSorted()).toEqual(exampleFiles().toSorted())
})

describe.each(exampleNames)("examples/%s", (name) => {
  const source = { uri: exampleUri(name), text: exampleText(name) }

  test("is right, says who it is for, and is in the formatter's style", () => {
    expect(analyze(source).diagnostics).toEqual([])
    expect(source.text).toMatch(/^\/\/ For operators /)
    expect(formatSource(source).text).toBe(source.text)
  })

  test.each(["plan", "toolhive"] as const)("is run by %s, or refused with a code", (target) => {
    const { program } = analyze(source)
    const lowered = program && targets[target].lower(program)
    const errors = lowered?.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code)
    expect([...new Set(errors)].toSorted()).toEqual(refusals(name, target).toSorted())
    expect(lowered?.artifacts.length).toBe(refusals(name, target).length > 0 ? 0 : 1)
  })
})
