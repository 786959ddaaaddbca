/**
 * Runs a program's tests: each one's caller through the flows it names.
 *
 * @module
 */
import type { Observed } from "../catalogue/observation.ts"
import type { Expectation, Flow, Program, Test } from "../check/program.ts"
import { callerOf, type Trace, traceFlow } from "./trace/index.ts"

/** One expectation and what was seen. */
export interface Verdict {
  readonly expectation: Expectation
  readonly seen: Observed
  readonly holds: boolean
}

export interface TestResult {
  readonly program: Program
  readonly test: Test
  readonly passed: boolean
  readonly verdicts: readonly Verdict[]
  /** One for each flow that the test names, in the order in which it names them. */
  readonly traces: readonly Trace[]
}

export interface TestOptions {
  /** Only tests with this in their title, whatever the case of letters. */
  readonly filter?: string | undefined
  /** Epoch milliseconds: when the callers call. */
  readonly now: number
}

export const runTests = (program: Program, { filter = "", now }: TestOptions): readonly TestResult[] =>
  program.tests
    .filter(({ title }) => title.value.toLowerCase().includes(filter.toLowerCase()))
    .map((test) => {
      const caller = callerOf(test.given)
      const traces = new Map<Flow, Trace>()
      for (const { flow } of test.expectations) if (!traces.has(flow)) traces.set(flow, traceFlow(flow, caller, now))
      const verdicts = test.expectations.flatMap((expectation): readonly Verdict[] => {
        const trace = traces.get(expectation.flow)
        if (trace === undefined) return []
        const seen = observe(trace, expectation)
        const same = seen.kind === expectation.value.kind && seen.value === expectation.value.value
        return [{ expectation, seen, holds: same === (expectation.operator === "==") }]
      })
      return { program, test, passed: verdicts.every(({ holds }) => holds), verdicts, traces: [...traces.values()] }
    })

const word = (value: string): Observed => ({ kind: "word", value })
const textOr = (value: string | undefined): Observed => (value === undefined ? word("none") : { kind: "text", value })

/** What is seen of a flow. A way whose end is not known is neither allowed nor denied. */
export const observe = (trace: Trace, { what, header }: Pick<Expectation, "what" | "header">): Observed => {
  const { outcome } = trace
  const refused = outcome.kind === "refused" ? outcome : undefined
  switch (what) {
    case "decision":
      return word(outcome.kind === "unknown" ? "unknown" : refused ? "deny" : "allow")
    case "status":
      return refused ? { kind: "number", value: refused.status } : word(outcome.kind)
    case "reason":
      return textOr(refused?.code)
    case "detail":
      return textOr(refused?.detail)
    case "role":
      return textOr(trace.role)
    case "session":
      return textOr(trace.session)
    case "subject":
      return trace.subject === undefined ? word("none") : { kind: "token", value: trace.subject }
    case "upstream": {
      const found = trace.upstream?.find(({ name }) => name === header)
      if (found === undefined) return word("none")
      return "made" in found ? word(found.made) : { kind: "text", value: found.value }
    }
  }
}
