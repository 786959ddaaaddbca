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

/** `--param name=value`, any number of times. */
export const params = Flag.String("param").pipe(
  Flag.withMetavar("name=value"),
  Flag.withDescription("Value for a parameter of the file; may be given several times"),
  Flag.atLeast(0),
)

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

/** The parameters as a record. Fails with UsageFault when one is not `name=value` or is given twice. */
export const parseParams = (given: readonly string[]): Effect.Effect<Readonly<Record<string, string>>, UsageFault> => {
  const parsed = new Map<string, string>()
  for (const each of given) {
    const at = each.indexOf("=")
    if (at <= 0) return Effect.fail(new UsageFault({ message: `--param ${each}: write it as name=value` }))
    const name = each.slice(0, at)
    if (parsed.has(name)) return Effect.fail(new UsageFault({ message: `--param ${name} is given twice` }))
    parsed.set(name, each.slice(at + 1))
  }
  return Effect.succeed(Object.fromEntries(parsed))
}

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
