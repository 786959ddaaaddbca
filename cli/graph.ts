/**
 * `authflow graph FILE`: draws flows, with the credential on each arrow.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { GraphFormat } from "../compiler/analysis/graph/index.ts"
import { env, file } from "./arguments.ts"
import { report } from "./diagnostics.ts"
import { UsageFault } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { analyzed, optionsOf } from "./program.ts"
import { readSource } from "./read.ts"
import { result } from "./terminal.ts"

// Named here so that `authflow --help` need not load the renderers; the type makes sure that each one exists.
const formats = ["mermaid", "dot", "svg"] as const satisfies readonly GraphFormat[]

const format = Flag.Literals("format", formats).pipe(
  Flag.withDefault("mermaid"),
  Flag.withDescription("Language of the drawing on stdout"),
)

const flow = Flag.String("flow").pipe(
  Flag.withMetavar("NAME"),
  Flag.optional,
  Flag.withDescription("Draw this flow only"),
)

export const graph = Command.make(
  "graph",
  { file, flow, format, ...parameterFlags, env },
  Effect.fnUntraced(function* (given) {
    const values = yield* parameterValues(given)
    const source = yield* readSource(given.file)
    // Nothing is deployed by a drawing: parameters without a value are stood for by a sample.
    const { program, diagnostics, sources } = yield* analyzed(source, {
      ...optionsOf(values, given.env),
      missingParams: "sample",
    })
    yield* report(diagnostics, sources)
    if (program === undefined) return yield* Effect.die("no program and no error")
    const { graphOf, renderers } = yield* Effect.promise(() => import("../compiler/analysis/graph/index.ts"))
    const flows = graphOf(program, Option.getOrUndefined(given.flow))
    if (flows.length === 0) {
      const names = program.flows.map(({ name }) => name.value).join(", ")
      return yield* new UsageFault({
        message: `${source.uri} has no flow ${Option.getOrElse(given.flow, () => "")}; it has ${names}`,
      })
    }
    yield* result(renderers[given.format](flows))
  }),
).pipe(
  Command.withDescription("Draw the flows of a file, with the credential on each arrow"),
  Command.withExamples([
    { command: "authflow graph gateway.authflow", description: "Mermaid, for a README" },
    { command: "authflow graph gateway.authflow --flow aws_mcp --format svg > aws_mcp.svg" },
    { command: "authflow graph gateway.authflow --format dot | dot -Tpdf > gateway.pdf" },
  ]),
)
