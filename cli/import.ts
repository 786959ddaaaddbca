/**
 * `authflow import FILE…`: ToolHive manifests to .authflow, and what of them is not in it.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { renderJson } from "../compiler/index.ts"
import { onlyOneStdin } from "./arguments.ts"
import { frames, hasError, summary } from "./diagnostics.ts"
import { Rejected, UsageFault } from "./exit-codes.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
import { writeFiles } from "./write.ts"

const files = Argument.File("FILE").pipe(
  Argument.withDescription("A YAML file with manifests; `-` is standard input"),
  Argument.variadic({ min: 1 }),
)

const output = Flag.Directory("output").pipe(
  Flag.withAlias("o"),
  Flag.withMetavar("DIR"),
  Flag.withDefault("-"),
  Flag.withDescription("Directory to write to, made when it does not exist; `-` is standard output"),
)

const format = Flag.Literals("format", ["terminal", "json"]).pipe(
  Flag.withDefault("terminal"),
  Flag.withDescription("How diagnostics are written: `terminal` to stderr, `json` to stdout (needs -o DIR)"),
)

export const importCommand = Command.make(
  "import",
  { files, output, format },
  Effect.fnUntraced(function* (given) {
    yield* onlyOneStdin(given.files)
    if (given.output === "-" && given.format === "json") {
      return yield* new UsageFault({ message: "--format json writes to stdout; say where the files go with -o DIR" })
    }
    const manifests = yield* Effect.forEach(given.files, readSource)
    const { importManifests } = yield* Effect.promise(() => import("../compiler/targets/toolhive/import/index.ts"))
    const { artifacts, diagnostics, sources } = importManifests(manifests.map(({ uri, text }) => ({ path: uri, text })))
    if (given.output === "-" && artifacts.length > 1) {
      const names = artifacts.map(({ path }) => path).join(", ")
      return yield* new UsageFault({ message: `this makes several files (${names}); say where to with -o DIR` })
    }
    if (given.format === "json") yield* result(renderJson(diagnostics, sources))
    else if (diagnostics.length > 0) {
      yield* say(`${frames(diagnostics, sources, "stderr")}\n${summary(diagnostics, manifests.length)}`)
    }
    // What could be carried is written also where not all could: it is what one goes on from.
    if (given.output === "-") yield* result(artifacts.map(({ text }) => text).join(""))
    else {
      const written = yield* writeFiles(given.output, artifacts)
      if (written.length > 0) yield* say(written.map((path) => `wrote ${path}`).join("\n"))
    }
    if (hasError(diagnostics)) yield* new Rejected()
  }),
).pipe(
  Command.withDescription("Make .authflow of ToolHive manifests, and say what is not in it"),
  Command.withExamples([
    { command: "authflow import gateway.yaml -o ." },
    { command: "kubectl get mcpremoteproxies,mcpexternalauthconfigs,mcpoidcconfigs -o yaml | authflow import -" },
  ]),
)
