/**
 * Code lenses: how each test goes, to run it; the drawing of each flow.
 *
 * @module
 */
import { runTests, type TestResult } from "../../compiler/analysis/evaluation.ts"
import { writeObserved } from "../../compiler/catalogue/observation.ts"
import type { Analysis } from "../../compiler/index.ts"
import type { Span } from "../../grammar/ast.ts"
import { analysisOf, type Files, inEnvironments } from "./files.ts"

export type CodeLens = { readonly span: Span; readonly title: string } & (
  | { readonly does: "runTest"; readonly test: string }
  | { readonly does: "showGraph"; readonly flow: string }
)

/** `now`: epoch milliseconds at which the tests' callers call. */
export const codeLenses = (files: Files, uri: string, now: number): readonly CodeLens[] => {
  const analysis = analysisOf(files, uri)
  if (analysis === undefined) return []
  const results = new Map(testResults(files, uri, now).map((result) => [result.test.title.value, result]))
  return analysis.file.items.flatMap((item): readonly CodeLens[] => {
    if (item.kind === "Test" && item.title.text !== "") {
      const result = results.get(item.title.text)
      return [
        { span: item.title.span, title: result ? outcome(result) : "Run test", does: "runTest", test: item.title.text },
      ]
    }
    if (item.kind === "Flow" && item.name.text !== "")
      return [{ span: item.name.span, title: "Show graph", does: "showGraph", flow: item.name.text }]
    return []
  })
}

/** The results of a file's tests as it stands; none while it has errors. */
export const testResults = (files: Files, uri: string, now: number): readonly TestResult[] => {
  const program = soundAnalysis(files, uri)?.program
  return program ? runTests(program, { now }) : []
}

/** The file's program, in the first environment where it has any. */
export const soundAnalysis = (files: Files, uri: string): Analysis | undefined => {
  const [first] = inEnvironments(files, uri).values()
  return first ?? analysisOf(files, uri)
}

const outcome = ({ passed, verdicts }: TestResult): string => {
  const failed = verdicts.find(({ holds }) => !holds)
  if (passed || failed === undefined) return "✓ passes"
  const { expectation, seen } = failed
  const what = `${expectation.flow.name.value}.${expectation.what}${expectation.header === undefined ? "" : `.${expectation.header}`}`
  return `✗ fails: ${what} is ${writeObserved(seen)}`
}
