/**
 * What a checked program does with a caller. A module of its own, so that `authflow check` can leave it unloaded.
 *
 * @module
 */
export { renderTests, renderTraceJson, type TestFormat, testFormats, testSummary } from "./test-report.ts"
export { observe, runTests, type TestOptions, type TestResult, type Verdict } from "./tests.ts"
export {
  type Caller,
  type Claims,
  callerOf,
  claimsCaller,
  type Outcome,
  type Step,
  type Trace,
  tokenCaller,
  traceFlow,
} from "./trace/index.ts"
export { traceText } from "./trace/text.ts"
