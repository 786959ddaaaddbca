/**
 * `authflow check FILE…`: says what is wrong with files, and with those of a directory together. Reads what they import, and starts nothing.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { checkWorkspace, diagnose, type Options } from "../compiler/index.ts"
import { env, files, onlyOneStdin, watchable, watching } from "./arguments.ts"
import { type Format, formats, frames, hasError, machineReadable, summary } from "./diagnostics.ts"
import { Rejected, Unreadable } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { deploymentsIn, optionsOf, rootOf, workspaceOf } from "./program.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
import { watch } from "./watch.ts"

const format = Flag.Literals("format", formats).pipe(
  Flag.withDefault("terminal"),
  Flag.withDescription("How diagnostics are written to stdout"),
)

const once = Effect.fnUntraced(function* (deployments: readonly (readonly string[])[], form: Format, options: Options) {
  const names = [...new Set(deployments.flat())]
  // A file that cannot be read does not keep the others from being checked, and is reported like what is wrong in them.
  const [read, faults] = yield* Effect.partition(names, (name) =>
    readSource(name).pipe(
      Effect.map((source) => [name, source] as const),
      Effect.mapError(({ reason }) => diagnose(name, "AF0901", { start: 0, end: 0 }, { reason })),
    ),
  )
  const sources = new Map(read)
  const workspace = yield* workspaceOf([...sources.values()])
  // Standard input is named otherwise than it is asked for.
  const uris = deployments.map((files) => files.flatMap((name) => sources.get(name)?.uri ?? []))
  const found = checkWorkspace(workspace, uris, (uri) => ({ ...rootOf(uri), ...options }))
  const diagnostics = [...faults, ...found.diagnostics]
  yield* result(
    form === "terminal"
      ? frames(diagnostics, found.sources, "stdout")
      : machineReadable(form, diagnostics, found.sources),
  )
  yield* say(summary(diagnostics, names.length))
  if (faults.length > 0) return yield* new Unreadable()
  if (hasError(diagnostics)) return yield* new Rejected()
})

export const check = Command.make(
  "check",
  { files, format, ...parameterFlags, env, watching },
  Effect.fnUntraced(function* (given) {
    yield* onlyOneStdin(given.files)
    const round = Effect.gen(function* () {
      const options = optionsOf(yield* parameterValues(given), given.env)
      yield* once(yield* deploymentsIn(given.files), given.format, options)
    })
    if (!given.watching) return yield* round
    yield* watchable(given.files, given.format)
    // What the command line says wrong stays wrong.
    yield* parameterValues(given)
    yield* watch(round)
  }),
).pipe(
  Command.withDescription("Check files and say what is wrong"),
  Command.withExamples([
    { command: "authflow check gateway.authflow" },
    { command: "authflow check .", description: "All files below, and what they are beside each other" },
    { command: "authflow check --env prod gateway.authflow", description: "Otherwise in every environment it has" },
    { command: "authflow check --format json *.authflow", description: "One JSON array on stdout" },
    { command: "authflow check --format sarif *.authflow", description: "For code scanning" },
    { command: "authflow check --watch gateway.authflow", description: "Again after each change, until Ctrl-C" },
  ]),
)
