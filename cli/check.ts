/**
 * `authflow check FILE…`: says what is wrong with files. Reads nothing else and starts nothing.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { analyze, diagnose } from "../compiler/index.ts"
import { files, onlyOneStdin, params, parseParams, watchable, watching } from "./arguments.ts"
import { type Format, formats, frames, hasError, machineReadable, summary } from "./diagnostics.ts"
import { Rejected, Unreadable } from "./exit-codes.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
import { watch } from "./watch.ts"

const format = Flag.Literals("format", formats).pipe(
  Flag.withDefault("terminal"),
  Flag.withDescription("How diagnostics are written to stdout"),
)

const once = Effect.fnUntraced(function* (
  names: readonly string[],
  form: Format,
  values: Readonly<Record<string, string>>,
) {
  // A file that cannot be read does not keep the others from being checked, and is reported like what is wrong in them.
  const [sources, faults] = yield* Effect.partition(names, (name) =>
    Effect.mapError(readSource(name), ({ reason }) => diagnose(name, "AF0901", { start: 0, end: 0 }, { reason })),
  )
  // The values of parameters are a matter of who deploys: a file whose parameters have none is fine.
  const found = sources.flatMap((source) => analyze(source, { params: values, missingParams: "sample" }).diagnostics)
  const diagnostics = [...faults, ...found]
  yield* result(
    form === "terminal" ? frames(diagnostics, sources, "stdout") : machineReadable(form, diagnostics, sources),
  )
  yield* say(summary(diagnostics, names.length))
  if (faults.length > 0) return yield* new Unreadable()
  if (hasError(diagnostics)) return yield* new Rejected()
})

export const check = Command.make(
  "check",
  { files, format, params, watching },
  Effect.fnUntraced(function* (given) {
    const values = yield* parseParams(given.params)
    yield* onlyOneStdin(given.files)
    const round = once(given.files, given.format, values)
    if (!given.watching) return yield* round
    yield* watchable(given.files, given.format)
    yield* watch(round)
  }),
).pipe(
  Command.withDescription("Check files and say what is wrong"),
  Command.withExamples([
    { command: "authflow check gateway.authflow" },
    { command: "authflow check --format json *.authflow", description: "One JSON array on stdout" },
    { command: "authflow check --format sarif *.authflow", description: "For code scanning" },
    { command: "authflow check --watch gateway.authflow", description: "Again after each change, until Ctrl-C" },
  ]),
)
