/**
 * Showing what the compiler has to say.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import { type Diagnostic, renderJson, renderSarif, renderTerminal, type Source } from "../compiler/index.ts"
import manifest from "../package.json" with { type: "json" }
import { Rejected } from "./exit-codes.ts"
import { colour, type Stream, say, width } from "./terminal.ts"

/** Code frames, in colour where `stream` takes it. */
export const frames = (diagnostics: readonly Diagnostic[], sources: readonly Source[], stream: Stream): string =>
  diagnostics.length === 0 ? "" : renderTerminal(diagnostics, sources, { color: colour(stream), width: width(stream) })

/** The forms diagnostics are written in: code frames for people, and two for machines. */
export const formats = ["terminal", "json", "sarif"] as const
export type Format = (typeof formats)[number]

/** Diagnostics in a form for machines; there is something to write also when there are none. */
export const machineReadable = (
  format: Exclude<Format, "terminal">,
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
): string =>
  format === "json"
    ? renderJson(diagnostics, sources)
    : renderSarif(diagnostics, sources, { version: manifest.version })

export const hasError = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === "error")

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`

/** `2 errors, 1 warning in 3 files` */
export const summary = (diagnostics: readonly Diagnostic[], files: number): string => {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length
  const found = [
    ...(errors > 0 ? [count(errors, "error")] : []),
    ...(diagnostics.length > errors ? [count(diagnostics.length - errors, "warning")] : []),
  ]
  return `${found.join(", ") || "no problems"} in ${count(files, "file")}`
}

/** Shows diagnostics beside a result: on stderr, with a summary when there are any. Fails when one is an error. */
export const report = Effect.fnUntraced(function* (diagnostics: readonly Diagnostic[], sources: readonly Source[]) {
  if (diagnostics.length === 0) return
  yield* say(`${frames(diagnostics, sources, "stderr")}\n${summary(diagnostics, sources.length)}`)
  if (hasError(diagnostics)) yield* new Rejected()
})
