/**
 * `authflow compile FILE --target TARGET`: lowers a file to what an engine runs.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TargetName } from "../compiler/index.ts"
import { analyze } from "../compiler/index.ts"
import { file, params, parseParams } from "./arguments.ts"
import { validateWith } from "./crds.ts"
import { report } from "./diagnostics.ts"
import { UsageFault } from "./exit-codes.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
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

export const compile = Command.make(
  "compile",
  { file, target, output, validate, params },
  Effect.fnUntraced(function* (given) {
    if (Option.isSome(given.validate) && given.target !== "toolhive") {
      return yield* new UsageFault({ message: "--validate-with is for --target toolhive" })
    }
    const values = yield* parseParams(given.params)
    const source = yield* readSource(given.file)
    const { program, diagnostics } = analyze(source, { params: values })
    yield* report(diagnostics, source)
    if (program === undefined) return yield* Effect.die("no program and no error")
    const { targets } = yield* Effect.promise(() => import("../compiler/targets/index.ts"))
    const lowered = targets[given.target].lower(program)
    yield* report(lowered.diagnostics, source)
    if (Option.isSome(given.validate)) yield* validateWith(given.validate.value, lowered.artifacts)
    if (given.output !== "-") {
      const written = yield* writeFiles(given.output, lowered.artifacts)
      return yield* say(written.map((path) => `wrote ${path}`).join("\n"))
    }
    if (lowered.artifacts.length > 1) {
      const names = lowered.artifacts.map(({ path }) => path).join(", ")
      return yield* new UsageFault({ message: `this makes several files (${names}); say where to with -o DIR` })
    }
    yield* result(lowered.artifacts.map(({ text }) => text).join(""))
  }),
).pipe(
  Command.withDescription("Compile a file for an engine"),
  Command.withExamples([
    { command: "authflow compile gateway.authflow --target toolhive -o manifests" },
    { command: "authflow compile gateway.authflow --target toolhive | kubectl apply -f -" },
  ]),
)
