/**
 * `authflow api-key ID`: makes an API key, and the line of it that the secret of `callers … = api_keys` keeps.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { UsageFault } from "./exit-codes.ts"
import { result } from "./terminal.ts"

const id = Argument.String("ID").pipe(
  Argument.withDescription("Who the key is for: letters, digits, `-` and `_`; it becomes claims.sub"),
)

export const apiKey = Command.make(
  "api-key",
  { id },
  Effect.fnUntraced(function* (given) {
    const { makeApiKey } = yield* Effect.promise(() => import("../runtime/resource-server/api-key.ts"))
    const made = makeApiKey(given.id)
    if (made === undefined)
      return yield* new UsageFault({ message: `${given.id} is no id: it is letters, digits, "-" and "_", 64 at most` })
    yield* result(`key   ${made.key}\nline  ${made.line}\n`)
  }),
).pipe(
  Command.withDescription("Make an API key, and the line that is kept of it"),
  Command.withExamples([
    { command: "authflow api-key acme", description: "Give the key to the caller, add the line to the secret" },
  ]),
)
