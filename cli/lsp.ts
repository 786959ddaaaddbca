/**
 * `authflow lsp --stdio`: the language server, for editors.
 *
 * @module
 */
import { existsSync } from "node:fs"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import manifest from "../package.json" with { type: "json" }
import { UsageFault } from "./exit-codes.ts"

const stdio = Flag.Boolean("stdio").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Speak the Language Server Protocol on standard input and output"),
)

// Some editors say it; the server sees it in the arguments, and ends when that process has.
const clientProcessId = Flag.String("clientProcessId").pipe(
  Flag.withMetavar("PID"),
  Flag.optional,
  Flag.withDescription("Process of the editor: the server ends with it"),
)

/** The pages beside the built command. */
const docs = new URL("../docs/", import.meta.url)

export const lsp = Command.make(
  "lsp",
  { stdio, clientProcessId },
  Effect.fnUntraced(function* (given) {
    if (!given.stdio) return yield* new UsageFault({ message: "an editor starts this, with --stdio" })
    const { serve } = yield* Effect.promise(() => import("../editor/language-server/index.ts"))
    serve({ version: manifest.version, docs: existsSync(new URL("diagnostics.md", docs)) ? docs.href : undefined })
    // The server ends the process.
    yield* Effect.never
  }),
).pipe(
  Command.withDescription("Serve editors: diagnostics, completion, hover and more, over the Language Server Protocol"),
)
