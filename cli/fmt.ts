/**
 * `authflow fmt FILE…`: the one true style, in place.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { formatSource } from "../compiler/index.ts"
import { files, onlyOneStdin } from "./arguments.ts"
import { frames } from "./diagnostics.ts"
import { Rejected } from "./exit-codes.ts"
import { readSource } from "./read.ts"
import { result, say } from "./terminal.ts"
import { replaceFile } from "./write.ts"

const checkOnly = Flag.Boolean("check").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Change nothing; name the files that are not formatted and exit 1 when there are any"),
)

export const fmt = Command.make(
  "fmt",
  { files, checkOnly },
  Effect.fnUntraced(function* (given) {
    yield* onlyOneStdin(given.files)
    const [sources, faults] = yield* Effect.partition(given.files, (name) =>
      Effect.map(readSource(name), (source) => ({ name, source })),
    )
    let rejected = false
    for (const { name, source } of sources) {
      const formatted = formatSource(source)
      if (formatted.text === undefined) {
        rejected = true
        yield* say(frames(formatted.diagnostics, [source], "stderr").trimEnd())
      } else if (given.checkOnly) {
        if (formatted.text === source.text) continue
        rejected = true
        yield* result(`${source.uri}\n`)
      } else if (name === "-") {
        yield* result(formatted.text)
      } else if (formatted.text !== source.text) {
        yield* replaceFile(name, formatted.text)
        yield* say(`formatted ${name}`)
      }
    }
    const [first, ...others] = faults
    for (const fault of others) yield* say(`authflow: ${fault.message}`)
    if (first !== undefined) return yield* first
    if (rejected) return yield* new Rejected()
  }),
).pipe(
  Command.withDescription("Format files in place; `-` reads standard input and writes standard output"),
  Command.withExamples([
    { command: "authflow fmt gateway.authflow" },
    { command: "authflow fmt --check *.authflow", description: "For CI" },
  ]),
)
