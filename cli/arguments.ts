/**
 * Flags and arguments that several commands have in common.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type { Format } from "./diagnostics.ts"
import { UsageFault } from "./exit-codes.ts"

/** One FILE. */
export const file = Argument.File("FILE").pipe(Argument.withDescription("An .authflow file; `-` is standard input"))

/** FILE… */
export const files = file.pipe(Argument.variadic({ min: 1 }))

/** `--env NAME` */
export const env = Flag.String("env").pipe(
  Flag.withMetavar("NAME"),
  Flag.optional,
  Flag.withDescription("Give parameters the values of this environment of the file"),
)

export const watching = Flag.Boolean("watch").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Do it again whenever a file that was read changes, until Ctrl-C"),
)

/** Standard input does not change, and what machines read is one document. */
export const watchable = (given: readonly string[], format: Format): Effect.Effect<void, UsageFault> => {
  if (given.includes("-")) return Effect.fail(new UsageFault({ message: "--watch needs a file: `-` never changes" }))
  return format === "terminal"
    ? Effect.void
    : Effect.fail(new UsageFault({ message: `--watch is for people; leave out --format ${format}` }))
}

/** Standard input can be read once. */
export const onlyOneStdin = (given: readonly string[]): Effect.Effect<void, UsageFault> =>
  given.filter((each) => each === "-").length > 1
    ? Effect.fail(new UsageFault({ message: "`-` is given twice, but standard input can be read only once" }))
    : Effect.void
