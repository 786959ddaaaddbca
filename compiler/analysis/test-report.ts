/**
 * The results of tests, for people and for machines: TAP 14, JSON, JUnit XML.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { writeObserved } from "../catalogue/observation.ts"
import type { Expectation, Program } from "../check/program.ts"
import { printable } from "../diagnostics/cells.ts"
import { renderFrame, type TerminalOptions } from "../diagnostics/terminal.ts"
import { lineStarts, positionAt } from "../source/lines.ts"
import type { Source } from "../source/source.ts"
import type { TestResult, Verdict } from "./tests.ts"
import type { Trace } from "./trace/index.ts"
import { traceText } from "./trace/text.ts"

export const testFormats = ["text", "tap", "json", "junit"] as const
export type TestFormat = (typeof testFormats)[number]

export const renderTests = (
  format: TestFormat,
  results: readonly TestResult[],
  sources: readonly Source[],
  options: TerminalOptions,
): string => {
  switch (format) {
    case "text":
      return text(results, sources, options)
    case "tap":
      return tap(results)
    case "json":
      return `${JSON.stringify(results.map(json), null, 2)}\n`
    case "junit":
      return junit(results, sources)
  }
}

/** `2 passed, 1 failed` */
export const testSummary = (results: readonly TestResult[]): string => {
  const passed = results.filter((result) => result.passed).length
  const failed = results.length - passed
  return [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : [])].join(", ")
}

// --- what all of them say ------------------------------------------------------------------------------------------

/** `aws_mcp.role`, `aws_mcp.upstream["x-tenant"]` */
const subjectOf = ({ flow, what, header }: Expectation): string =>
  `${flow.name.value}.${what}${header === undefined ? "" : /^[a-z_]\w*$/.test(header) ? `.${header}` : `[${JSON.stringify(header)}]`}`

const wanted = ({ operator, value }: Expectation): string => `${operator === "!=" ? "not " : ""}${writeObserved(value)}`

const failure = ({ expectation, seen }: Verdict): string =>
  `expected ${subjectOf(expectation)} to be ${wanted(expectation)}, and it is ${writeObserved(seen)}`

/** Where it is: also parts of a flow may come from a file that the program imports. */
const placeOf = ({ places }: Pick<Program, "places">, span: Span) => {
  const { source, span: there } = places(span)
  return { file: source.uri, ...positionAt(lineStarts(source.text), there.start) }
}

const failedOf = ({ verdicts }: TestResult): readonly Verdict[] => verdicts.filter(({ holds }) => !holds)

/** The traces of the flows that something else was expected of. */
const tracesOf = (result: TestResult): string => {
  const flows = new Set(failedOf(result).map(({ expectation }) => expectation.flow.name.value))
  const traces = result.traces.filter(({ flow }) => flows.has(flow))
  return traces.map((trace) => traceText(trace, { color: false })).join("")
}

const indented = (lines: string, by: string): string => lines.replace(/^(?=.)/gm, by)

// --- forms ---------------------------------------------------------------------------------------------------------

const text = (results: readonly TestResult[], sources: readonly Source[], options: TerminalOptions): string => {
  const paint = (code: string, part: string) => (options.color ? `\u001b[${code}m${part}\u001b[0m` : part)
  const lines: string[] = []
  for (const { uri } of sources) {
    const own = results.filter(({ program }) => program.uri === uri)
    if (own.length === 0) continue
    lines.push(paint("1", printable(uri)))
    for (const result of own) {
      const mark = result.passed ? paint("32", "ok    ") : paint("31", "failed")
      lines.push(`  ${mark}  ${printable(result.test.title.value)}`)
      if (result.passed) continue
      for (const verdict of failedOf(result)) {
        const { span } = verdict.expectation
        const frame = renderFrame({ uri, span, message: failure(verdict) }, sources, options)
        lines.push("", indented(frame, "    "))
      }
      for (const trace of result.traces)
        if (failedOf(result).some(({ expectation }) => expectation.flow.name.value === trace.flow))
          lines.push("", indented(traceText(trace, options).trimEnd(), "    "))
      lines.push("")
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n").trimEnd()}\n`
}

/** testanything.org, version 14: a `#` in a description is escaped, details are YAML, of which JSON is a part. */
const tap = (results: readonly TestResult[]): string => {
  const lines = ["TAP version 14", `1..${results.length}`]
  for (const [index, result] of results.entries()) {
    const title = printable(result.test.title.value).replace(/[\\#]/g, "\\$&")
    lines.push(`${result.passed ? "ok" : "not ok"} ${index + 1} - ${title}`)
    if (result.passed) continue
    lines.push("  ---")
    lines.push(`  message: ${JSON.stringify(failedOf(result).map(failure).join("; "))}`)
    lines.push("  severity: fail")
    lines.push(`  at: ${JSON.stringify(placeOf(result.program, result.test.title.span))}`)
    lines.push(`  trace: ${JSON.stringify(tracesOf(result))}`)
    lines.push("  ...")
  }
  return `${lines.join("\n")}\n`
}

const json = ({ program, test, passed, verdicts, traces }: TestResult) => ({
  title: test.title.value,
  ...placeOf(program, test.title.span),
  passed,
  expectations: verdicts.map(({ expectation, seen, holds }) => ({
    of: subjectOf(expectation),
    operator: expectation.operator,
    expected: expectation.value.value,
    seen: seen.value,
    holds,
    ...placeOf(program, expectation.span),
  })),
  traces: traces.map((trace) => traceJson(trace, program)),
})

const traceJson = (trace: Trace, program: Pick<Program, "places">) => ({
  ...trace,
  steps: trace.steps.map(({ span, rules, ...step }) => ({
    ...step,
    ...placeOf(program, span),
    rules: rules.map(({ span: at, ...rule }) => ({ ...rule, ...placeOf(program, at) })),
  })),
})

/** A trace as JSON: an object with places in the program's files instead of spans. */
export const renderTraceJson = (trace: Trace, program: Pick<Program, "places">): string =>
  `${JSON.stringify(traceJson(trace, program), null, 2)}\n`

/** The form that CI servers read; there is no standard, this is what they agree on. */
const junit = (results: readonly TestResult[], sources: readonly Source[]): string => {
  const count = (some: readonly TestResult[]) => {
    const failures = some.filter(({ passed }) => !passed).length
    return `tests="${some.length}" failures="${failures}" errors="0" skipped="0"`
  }
  const suites = sources.flatMap(({ uri }) => {
    const own = results.filter(({ program }) => program.uri === uri)
    if (own.length === 0) return []
    const cases = own.map((result) => {
      const { line } = placeOf(result.program, result.test.title.span)
      const head = `    <testcase name="${xml(result.test.title.value)}" classname="${xml(uri)}" file="${xml(uri)}" line="${line}"`
      if (result.passed) return `${head}/>`
      const message = failedOf(result).map(failure).join("; ")
      return `${head}>\n      <failure message="${xml(message)}">${xml(tracesOf(result))}</failure>\n    </testcase>`
    })
    return [`  <testsuite name="${xml(uri)}" ${count(own)}>\n${cases.join("\n")}\n  </testsuite>`]
  })
  const body = suites.length === 0 ? "" : `${suites.join("\n")}\n`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${count(results)}>\n${body}</testsuites>\n`
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
}

/** XML 1.0 has no form for control characters (section 2.2): they become U+FFFD. */
const xml = (raw: string): string =>
  raw
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character)
