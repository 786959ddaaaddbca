/**
 * The command line: puts the commands together, runs the one that was asked for, and turns how it ended into an exit code.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import { ChildProcessSpawner, make as makeSpawner } from "effect/process/ChildProcessSpawner"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import manifest from "../package.json" with { type: "json" }
import { apiKey } from "./api-key.ts"
import { check } from "./check.ts"
import { compile } from "./compile.ts"
import { type EnvironmentFault, exitCodes, type Rejected, type Unreadable, type UsageFault } from "./exit-codes.ts"
import { explain } from "./explain.ts"
import { fmt } from "./fmt.ts"
import { graph } from "./graph.ts"
import { importCommand } from "./import.ts"
import { keys } from "./keys.ts"
import { lsp } from "./lsp.ts"
import type { ReadFault } from "./read.ts"
import { run } from "./run.ts"
import { colour, result, say } from "./terminal.ts"
import { test } from "./test.ts"
import { trace } from "./trace.ts"

const authflow = Command.make("authflow").pipe(
  Command.withDescription(
    "Typed pipelines of identity, exchange and signing in front of MCP servers and HTTP backends",
  ),
  Command.withSubcommands([check, compile, run, test, trace, importCommand, graph, fmt, explain, apiKey, keys, lsp]),
)

/** Help that was asked for is a result; help that comes with a mistake is not, and is kept to what helps. */
const presenter = CliOutput.layerPresenter({
  present: (event) => {
    const stream =
      event._tag === "InvalidInvocation" || (event._tag === "Help" && event.reason === "Implicit") ? "stderr" : "stdout"
    const formatter = CliOutput.defaultFormatter({ colors: colour(stream) })
    switch (event._tag) {
      case "Help": {
        const help = formatter.formatHelpDoc(event.helpDoc)
        return event.reason === "Requested" ? result(`${help}\n`) : say(help)
      }
      case "InvalidInvocation":
        return say(
          [
            ...event.errors.map((error) => `authflow: ${formatter.formatCliError(error)}`),
            `See \`${event.commandPath.join(" ")} --help\`.`,
          ].join("\n"),
        )
      case "Version":
        return result(`${event.name} ${event.version}\n`)
    }
  },
})

/**
 * What effect/cli asks for. The commands read files by themselves (read.ts), nothing is prompted for and no process is
 * started, so none of it needs a real one, which would only cost start-up time.
 */
const services = Layer.mergeAll(
  presenter,
  Layer.succeed(CliConfig.CliConfig, {
    builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions],
  }),
  // Paths stay as they were written: `-` is one, and diagnostics name files as the user did.
  FileSystem.layerNoop({ exists: () => Effect.succeed(false) }),
  Layer.effect(
    Path.Path,
    Effect.map(Path.Path, (path) => ({ ...path, isAbsolute: () => true })),
  ).pipe(Layer.provide(Path.layer)),
  Stdio.layerTest({}),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: Effect.succeed(100),
      rows: Effect.succeed(24),
      size: Effect.die("no terminal size"),
      readInput: Effect.die("nothing is prompted for"),
      readLine: Effect.die("nothing is prompted for"),
      display: () => Effect.void,
    }),
  ),
  Layer.succeed(
    ChildProcessSpawner,
    makeSpawner(() => Effect.die("no process is started")),
  ),
)

type Failure = CliError.CliError | EnvironmentFault | ReadFault | Rejected | Unreadable | UsageFault

const codeOfFailure = (failure: Failure): Effect.Effect<number> => {
  switch (failure._tag) {
    case "Rejected":
      return Effect.succeed(exitCodes.rejected)
    case "EnvironmentFault":
      return Effect.as(
        say([`authflow: ${failure.message}`, ...(failure.hint ? [`  ${failure.hint}`] : [])].join("\n")),
        exitCodes.environment,
      )
    case "ReadFault":
      return Effect.as(say(`authflow: ${failure.message}`), exitCodes.environment)
    case "Unreadable":
      return Effect.succeed(exitCodes.environment)
    case "UsageFault":
      return Effect.as(say(`authflow: ${failure.message}`), exitCodes.usage)
    // Whatever else effect/cli fails with is about the command line, and the presenter has said it.
    default:
      return Effect.succeed(exitCodes.usage)
  }
}

/** A bug: one line and how to see more, never a stack trace at somebody who cannot do anything about it. */
const internalError = (defect: unknown): Effect.Effect<number> => {
  const line = (defect instanceof Error ? `${defect.name}: ${defect.message}` : String(defect)).split("\n")[0]
  const trace = process.env["AUTHFLOW_DEBUG"] === "1" && defect instanceof Error ? [defect.stack ?? ""] : []
  return Effect.as(
    say(
      [
        `authflow: internal error: ${line}`,
        ...trace,
        "  This is a bug, please report it with the command and the file. AUTHFLOW_DEBUG=1 shows where it happened.",
      ].join("\n"),
    ),
    exitCodes.environment,
  )
}

const codeOf = (exit: Exit.Exit<void, Failure>): Effect.Effect<number> =>
  Exit.match(exit, {
    onSuccess: () => Effect.succeed(exitCodes.clean),
    onFailure: (cause) => {
      const failure = Cause.findErrorOption(cause)
      if (failure._tag === "Some") return codeOfFailure(failure.value)
      if (Cause.hasInterruptsOnly(cause)) return Effect.succeed(exitCodes.interrupted)
      return internalError(Cause.squash(cause))
    },
  })

const end = (code: Effect.Effect<number>): never => process.exit(Effect.runSync(code))

process.on("uncaughtException", (error) => end(internalError(error)))

const program = Command.runWith(authflow, { version: manifest.version })(process.argv.slice(2))
Effect.runFork(Effect.provide(program, services)).addObserver((exit) => end(codeOf(exit)))
