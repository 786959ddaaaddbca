/**
 * `authflow run FILE`: runs a file, or a compiled plan, on this machine.
 *
 * Only what is said on the command line and in the file is dealt with here. What listens is in run/host.ts, loaded when the
 * file is known to be good.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Options, Source } from "../compiler/index.ts"
import { env, file, params, parseParams } from "./arguments.ts"
import { report } from "./diagnostics.ts"
import { EnvironmentFault, Rejected, UsageFault } from "./exit-codes.ts"
import { analyzed, optionsOf } from "./program.ts"
import { readSource } from "./read.ts"
import { parseAddress } from "./run/address.ts"
import type { Ended, Request } from "./run/host.ts"
import { untilStopped } from "./run/stop.ts"
import { colour, resultNow, sayNow } from "./terminal.ts"

const DEFAULT_ADDRESS = "127.0.0.1:8080"

const sandbox = Flag.Boolean("sandbox").pipe(
  Flag.withDefault(false),
  Flag.withDescription(
    "Stand in for everything outside: identity provider, AWS STS, MCP server, secrets; loopback only",
  ),
)
const probe = Flag.Boolean("probe").pipe(
  Flag.withDefault(false),
  Flag.withDescription(
    "Play an MCP client as each person of the sandbox, say how it went, and end (implies --sandbox)",
  ),
)
const listen = Flag.String("listen").pipe(
  Flag.withMetavar("HOST:PORT"),
  Flag.optional,
  Flag.withDescription(`Where to listen, ${DEFAULT_ADDRESS} unless said otherwise; TLS has to end in front of it`),
)
const listenAny = Flag.Boolean("listen-any").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Allow --listen to name an address that other machines can reach"),
)
const secrets = Flag.Directory("secrets").pipe(
  Flag.withMetavar("DIR"),
  Flag.optional,
  Flag.withDescription("Directory with one file a secret, NAME/KEY; the environment is looked at first"),
)
const log = Flag.Literals("log", ["text", "json"]).pipe(
  Flag.withDefault("text"),
  Flag.withDescription("How each request's way through the stages is written to stdout"),
)

export const run = Command.make(
  "run",
  { file, sandbox, probe, listen, listenAny, secrets, log, params, env },
  (given) =>
    untilStopped(
      Effect.gen(function* () {
        const sandboxed = given.sandbox || given.probe
        if (sandboxed && (Option.isSome(given.listen) || given.listenAny || Option.isSome(given.secrets))) {
          return yield* new UsageFault({
            message: "the sandbox makes its own addresses and secrets; leave out --listen, --listen-any and --secrets",
          })
        }
        const address = yield* parseAddress(
          Option.getOrElse(given.listen, () => DEFAULT_ADDRESS),
          given.listenAny,
        )
        const values = yield* parseParams(given.params)
        const source = yield* readSource(given.file)
        const plan = yield* planOf(source, optionsOf(values, given.env))
        yield* hosted({
          plan,
          output: { result: resultNow, say: sayNow, color: colour("stdout"), log: given.log },
          mode: given.probe
            ? { kind: "probe" }
            : given.sandbox
              ? { kind: "sandbox" }
              : { kind: "serve", address, listenAny: given.listenAny, secrets: Option.getOrUndefined(given.secrets) },
        })
      }),
    ),
).pipe(
  Command.withDescription("Run a file, or a compiled plan (.json), on this machine; Ctrl-C drains and ends"),
  Command.withExamples([
    { command: "authflow run gateway.authflow --sandbox", description: "With nothing else to install" },
    { command: "authflow run gateway.authflow --probe", description: "Try it as each person, and end" },
    { command: "authflow run gateway.authflow --listen 127.0.0.1:8080 --secrets /etc/authflow/secrets" },
  ]),
)

/** The plan as JSON text or as a value: the runtime decodes either and trusts neither. */
const planOf = Effect.fnUntraced(function* (source: Source, options: Options) {
  if (source.uri.endsWith(".json")) {
    if (Object.keys(options.params ?? {}).length === 0 && options.env === undefined) return source.text
    return yield* new UsageFault({
      message: `${source.uri} is a compiled plan, its parameters have their values already`,
    })
  }
  const { program, diagnostics, sources } = yield* analyzed(source, options)
  yield* report(diagnostics, sources)
  if (program === undefined) return yield* Effect.die("no program and no error")
  const { targets } = yield* Effect.promise(() => import("../compiler/targets/index.ts"))
  const { plan, diagnostics: refusals } = targets.plan.lowerPlan(program)
  yield* report(refusals, sources)
  return plan ?? (yield* Effect.die("no plan and no error"))
})

/** Runs the host until it ends; interrupting it makes it drain, and waits for that. */
const hosted = (request: Request): Effect.Effect<void, EnvironmentFault | Rejected> =>
  Effect.flatMap(
    Effect.callback<Ended>((resume) => {
      const controller = new AbortController()
      const ended = import("./run/host.ts").then(({ host }) => host(request, controller.signal))
      ended.then(
        (value) => resume(Effect.succeed(value)),
        (defect: unknown) => resume(Effect.die(defect)),
      )
      return Effect.promise(() => {
        controller.abort()
        return ended
      })
    }),
    (ended): Effect.Effect<void, EnvironmentFault | Rejected> => {
      switch (ended.kind) {
        case "stopped":
          return Effect.void
        case "probed":
          return ended.ok ? Effect.void : Effect.fail(new Rejected())
        case "fault":
          return Effect.fail(new EnvironmentFault(ended))
      }
    },
  )
