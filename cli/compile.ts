/**
 * `authflow compile FILE --target TARGET`: lowers a file to what an engine runs.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Options, TargetName } from "../compiler/index.ts"
import { env, file, watchable, watching } from "./arguments.ts"
import { validateWith } from "./crds.ts"
import { type Format, formats, hasError, machineReadable, report } from "./diagnostics.ts"
import { Rejected, UsageFault } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { analyzed, optionsOf } from "./program.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
import { watch } from "./watch.ts"
import { writeFiles } from "./write.ts"

// Named here so that `authflow --help` need not load the targets; the type makes sure that each one exists.
const targetNames = ["toolhive", "plan"] as const satisfies readonly TargetName[]

const target = Flag.Literals("target", targetNames).pipe(
  Flag.withAlias("t"),
  Flag.withDescription(
    "toolhive: Kubernetes resources for the ToolHive operator; plan: JSON for authflow's own runtime",
  ),
)

const output = Flag.Directory("output").pipe(
  Flag.withAlias("o"),
  Flag.withMetavar("DIR"),
  Flag.withDefault("-"),
  Flag.withDescription("Directory to write to, made when it does not exist; `-` is standard output"),
)

const validate = Flag.Directory("validate-with").pipe(
  Flag.withMetavar("DIR"),
  Flag.optional,
  Flag.withDescription("Check the resources against the CustomResourceDefinitions in DIR (target toolhive)"),
)

const format = Flag.Literals("format", formats).pipe(
  Flag.withDefault("terminal"),
  Flag.withDescription("How diagnostics are written: `terminal` to stderr, the others to stdout (needs -o DIR)"),
)

interface Given {
  readonly file: string
  readonly target: TargetName
  readonly output: string
  readonly validate: Option.Option<string>
  readonly format: Format
}

const once = Effect.fnUntraced(function* (given: Given, options: Options) {
  const source = yield* readSource(given.file)
  const { program, diagnostics, sources } = yield* analyzed(source, options)
  const lowered =
    program &&
    (yield* Effect.promise(() => import("../compiler/targets/index.ts"))).targets[given.target].lower(program)
  // What could not be checked without the cluster's definitions is checked with them below.
  const unchecked = Option.isSome(given.validate) ? "AF0832" : undefined
  const all = [...diagnostics, ...(lowered?.diagnostics ?? [])].filter(({ code }) => code !== unchecked)
  if (given.format === "terminal") yield* report(all, sources)
  else yield* result(machineReadable(given.format, all, sources))
  if (hasError(all)) return yield* new Rejected()
  const artifacts = lowered?.artifacts ?? []
  if (Option.isSome(given.validate)) yield* validateWith(given.validate.value, artifacts)
  if (given.output !== "-") {
    const written = yield* writeFiles(given.output, artifacts)
    return yield* say(written.map((path) => `wrote ${path}`).join("\n"))
  }
  if (artifacts.length > 1) {
    const names = artifacts.map(({ path }) => path).join(", ")
    return yield* new UsageFault({ message: `this makes several files (${names}); say where to with -o DIR` })
  }
  yield* result(artifacts.map(({ text }) => text).join(""))
})

export const compile = Command.make(
  "compile",
  { file, target, output, validate, format, ...parameterFlags, env, watching },
  Effect.fnUntraced(function* (given) {
    if (Option.isSome(given.validate) && given.target !== "toolhive") {
      return yield* new UsageFault({ message: "--validate-with is for --target toolhive" })
    }
    if (given.output === "-" && given.format !== "terminal") {
      return yield* new UsageFault({
        message: `--format ${given.format} writes to stdout; say where the files go with -o DIR`,
      })
    }
    const round = Effect.flatMap(parameterValues(given), (values) => once(given, optionsOf(values, given.env)))
    if (!given.watching) return yield* round
    if (given.output === "-") return yield* new UsageFault({ message: "--watch needs -o DIR to write to" })
    yield* watchable([given.file], given.format)
    yield* parameterValues(given)
    yield* watch(round)
  }),
).pipe(
  Command.withDescription("Compile a file for an engine"),
  Command.withExamples([
    { command: "authflow compile gateway.authflow --target toolhive -o manifests" },
    { command: "authflow compile gateway.authflow --target toolhive | kubectl apply -f -" },
    { command: "authflow compile gateway.authflow -t plan -o out --watch", description: "Again after each change" },
  ]),
)
