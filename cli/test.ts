/**
 * `authflow test [FILE…]`: runs the tests in files, without a network.
 *
 * @module
 */
import { readdirSync } from "node:fs"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { diagnose, type Options } from "../compiler/index.ts"
import { env, file, onlyOneStdin } from "./arguments.ts"
import { frames, hasError, summary } from "./diagnostics.ts"
import { Rejected, Unreadable, UsageFault } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { analyzed, optionsOf } from "./program.ts"
import { readSource } from "./read.ts"
import { colour, result, say, width } from "./terminal.ts"

const filter = Flag.String("filter").pipe(
  Flag.withMetavar("TEXT"),
  Flag.withDefault(""),
  Flag.withDescription("Only tests with this in their title, whatever the case of letters"),
)

// Named here so that `authflow --help` need not load what runs the tests.
const format = Flag.Literals("format", ["text", "tap", "json", "junit"]).pipe(
  Flag.withDefault("text"),
  Flag.withDescription("How results are written to stdout"),
)

const files = file.pipe(Argument.variadic({ min: 0 }))

export const test = Command.make(
  "test",
  { files, filter, format, ...parameterFlags, env },
  Effect.fnUntraced(function* (given) {
    const values = yield* parameterValues(given)
    yield* onlyOneStdin(given.files)
    const names = given.files.length > 0 ? given.files : yield* filesHere
    const [sources, faults] = yield* Effect.partition(names, (name) =>
      Effect.mapError(readSource(name), ({ reason }) => diagnose(name, "AF0901", { start: 0, end: 0 }, { reason })),
    )
    const options: Options = { ...optionsOf(values, given.env), missingParams: "sample", flows: "optional" }
    const analyses = yield* Effect.forEach(sources, (source) => analyzed(source, options))
    const all = analyses.flatMap((analysis) => analysis.sources)
    const diagnostics = [...faults, ...analyses.flatMap((analysis) => analysis.diagnostics)]
    if (diagnostics.length > 0) {
      yield* say(`${frames(diagnostics, all, "stderr")}\n${summary(diagnostics, names.length)}`)
    }
    const { renderTests, runTests, testSummary } = yield* Effect.promise(
      () => import("../compiler/analysis/evaluation.ts"),
    )
    const programs = analyses.flatMap(({ program }) => program ?? [])
    const results = programs.flatMap((program) => runTests(program, { filter: given.filter, now: Date.now() }))
    yield* result(renderTests(given.format, results, all, { color: colour("stdout"), width: width("stdout") }))
    const empty = programs.filter(({ tests }) => tests.length === 0).map(({ uri }) => `${uri} has no tests`)
    const none = results.length === 0 && empty.length < programs.length ? [`no test's title has ${given.filter}`] : []
    yield* say([...empty, ...none, testSummary(results)].join("\n"))
    if (faults.length > 0) return yield* new Unreadable()
    if (hasError(diagnostics) || results.some(({ passed }) => !passed)) return yield* new Rejected()
  }),
).pipe(
  Command.withDescription("Run the tests in files"),
  Command.withExamples([
    { command: "authflow test", description: "All *.authflow files of this directory" },
    { command: 'authflow test gateway.authflow --filter "admin"' },
    { command: "authflow test --format junit *.authflow > results.xml" },
  ]),
)

/** Fails with UsageFault when there are none. */
const filesHere = Effect.suspend(() => {
  const names = readdirSync(".").filter((name) => name.endsWith(".authflow"))
  return names.length > 0
    ? Effect.succeed(names.toSorted())
    : Effect.fail(new UsageFault({ message: "no FILE was given, and this directory has no .authflow files" }))
})
