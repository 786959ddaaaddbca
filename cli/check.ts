/**
 * `authflow check FILE…`: says what is wrong with files. Reads nothing else and starts nothing.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { analyze, renderJson } from "../compiler/index.ts"
import { files, onlyOneStdin, params, parseParams } from "./arguments.ts"
import { frames, hasError, summary } from "./diagnostics.ts"
import { Rejected } from "./exit-codes.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"

const format = Flag.Literals("format", ["terminal", "json"]).pipe(
  Flag.withDefault("terminal"),
  Flag.withDescription("How diagnostics are written to stdout"),
)

export const check = Command.make(
  "check",
  { files, format, params },
  Effect.fnUntraced(function* (given) {
    const values = yield* parseParams(given.params)
    yield* onlyOneStdin(given.files)
    // A file that cannot be read does not keep the others from being checked.
    const [sources, faults] = yield* Effect.partition(given.files, readSource)
    // The values of parameters are a matter of who deploys: a file whose parameters have none is fine.
    const diagnostics = sources.flatMap(
      (source) => analyze(source, { params: values, missingParams: "sample" }).diagnostics,
    )
    yield* result(given.format === "json" ? renderJson(diagnostics, sources) : frames(diagnostics, sources, "stdout"))
    const [first, ...others] = faults
    for (const fault of others) yield* say(`authflow: ${fault.message}`)
    if (sources.length > 0) yield* say(summary(diagnostics, sources.length))
    if (first !== undefined) return yield* first
    if (hasError(diagnostics)) return yield* new Rejected()
  }),
).pipe(
  Command.withDescription("Check files and say what is wrong"),
  Command.withExamples([
    { command: "authflow check gateway.authflow" },
    { command: "authflow check --format json *.authflow", description: "One JSON array on stdout" },
  ]),
)
