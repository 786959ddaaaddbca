/**
 * Prints how the tests went, from vitest's JSON report, and fails when a test failed or, in CI, was skipped.
 *
 * @module
 */
import { readFileSync } from "node:fs"

interface Report {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const [, , path] = process.argv
if (path === undefined) throw new Error("which report?")
const { success, testResults }: Report = JSON.parse(readFileSync(path, "utf8"))

const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
const passed = tests.filter(({ status }) => status === "passed").length
// A file that does not load has no tests of its own, and counts as one that failed.
const broken = testResults.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed))
const failed = tests.filter(isFailed).length + broken.length
const skipped = tests.length - passed - tests.filter(isFailed).length

function isFailed({ status }: { readonly status: string }): boolean {
  return status === "failed"
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
const complete = success && passed > 0 && failed === 0 && (skipped === 0 || process.env["CI"] !== "true")
if (!complete) process.exitCode = 1
