/**
 * `--param name=value` and `--params FILE`: values for the parameters of a file.
 *
 * @module
 */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageFault } from "./exit-codes.ts"
import { type ReadFault, readSource } from "./read.ts"

/** Both flags, as a command declares them. */
export const parameterFlags = {
  /** `--param name=value`, any number of times. */
  params: Flag.String("param").pipe(
    Flag.withMetavar("name=value"),
    Flag.withDescription("Value for a parameter of the file; may be given several times"),
    Flag.atLeast(0),
  ),
  /** `--params FILE` */
  paramsFile: Flag.String("params").pipe(
    Flag.withMetavar("FILE"),
    Flag.optional,
    Flag.withDescription("Values for parameters, a map in JSON or YAML; a --param comes before it"),
  ),
}

interface Given {
  readonly params: readonly string[]
  readonly paramsFile: Option.Option<string>
}

/**
 * The parameters as a record. Fails with UsageFault when one is not `name=value`, is given twice, or the file is no map of
 * values, and with ReadFault when the file cannot be read.
 */
export const parameterValues = Effect.fnUntraced(function* ({ params, paramsFile }: Given) {
  const said = new Map<string, string>()
  for (const each of params) {
    const at = each.indexOf("=")
    if (at <= 0) return yield* new UsageFault({ message: `--param ${each}: write it as name=value` })
    const name = each.slice(0, at)
    if (said.has(name)) return yield* new UsageFault({ message: `--param ${name} is given twice` })
    said.set(name, each.slice(at + 1))
  }
  const fromFile = Option.isSome(paramsFile) ? yield* readValues(paramsFile.value) : {}
  const values: Readonly<Record<string, string>> = { ...fromFile, ...Object.fromEntries(said) }
  return values
})

const readValues = (file: string): Effect.Effect<Readonly<Record<string, string>>, UsageFault | ReadFault> =>
  Effect.gen(function* () {
    if (file === "-") return yield* new UsageFault({ message: "--params needs a file: `-` may be what is compiled" })
    const { text } = yield* readSource(file)
    const { readParameterFile } = yield* Effect.promise(() => import("../compiler/parameter-file.ts"))
    const read = readParameterFile(text)
    if ("values" in read) return read.values
    return yield* new UsageFault({ message: `--params ${file}: ${read.problem}` })
  })
