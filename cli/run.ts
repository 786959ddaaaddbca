/**
 * `authflow run FILE`: runs a file, or a compiled plan, on this machine.
 *
 * Only what is said on the command line and in the file is dealt with here. What listens is in run/host.ts, loaded when the
 * file is known to be good.
 *
 * @module
 */
import * as Command from "effect/cli/Command"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Options, Source } from "../compiler/index.ts"
import { env, file } from "./arguments.ts"
import { report } from "./diagnostics.ts"
import { EnvironmentFault, Rejected, UsageFault } from "./exit-codes.ts"
import { parameterFlags, parameterValues } from "./params.ts"
import { analyzed, optionsOf } from "./program.ts"
import { FileRead, readSource } from "./read.ts"
import { flags, onlyForServing, servingOf } from "./run/flags.ts"
import type { Ended, Request } from "./run/host.ts"
import { hangupReloads, reloading } from "./run/reloading.ts"
import type { Control, Serve } from "./run/serving.ts"
import { untilStopped } from "./run/stop.ts"
import { colour, resultNow, sayNow } from "./terminal.ts"

export const run = Command.make("run", { file, ...flags, ...parameterFlags, env }, (given) => {
  const sandboxed = given.sandbox || given.probe
  const work = Effect.gen(function* () {
    if (sandboxed) yield* onlyForServing(given)
    if (given.watch && given.file === "-") {
      return yield* new UsageFault({ message: "--watch needs a file: `-` never changes" })
    }
    const mode = sandboxed ? undefined : yield* servingOf(given)
    const options = optionsOf(yield* parameterValues(given), given.env)
    const output = { result: resultNow, say: sayNow, color: colour("stdout"), log: given.log }
    const read = Effect.flatMap(readSource(given.file), (source) => planOf(source, options))
    if (mode === undefined) {
      return yield* hosted({ plan: yield* read, output, mode: { kind: given.probe ? "probe" : "sandbox" } })
    }
    const sources = new Set<string>()
    const plan = yield* Effect.provideService(read, FileRead, (name) => sources.add(name))
    // Standard input is there once.
    const again = given.file === "-" ? Effect.succeed(plan) : read
    yield* served(plan, output, mode, (control) =>
      reloading(control, { plan: again, sources: [...sources], watch: given.watch, mode }),
    )
  })
  return sandboxed || !hangupReloads() ? untilStopped(work) : untilStopped(work, undefined, ["SIGINT", "SIGTERM"])
}).pipe(
  Command.withDescription("Run a file, or a compiled plan (.json), on this machine; Ctrl-C drains and ends"),
  Command.withExamples([
    { command: "authflow run gateway.authflow --sandbox", description: "With nothing else to install" },
    { command: "authflow run gateway.authflow --probe", description: "Try it as each person, and end" },
    { command: "authflow run gateway.authflow --listen 127.0.0.1:8080 --secrets /etc/authflow/secrets" },
    {
      command: "authflow run gateway.authflow --listen 0.0.0.0:8443 --tls-cert tls.crt --tls-key tls.key",
      description: "TLS ends here",
    },
  ]),
)

/** Serves, and reloads for as long as it does. */
const served = (
  plan: unknown,
  output: Request["output"],
  mode: Omit<Serve, "started">,
  reloads: (control: Control) => Effect.Effect<never>,
) => {
  const control = Deferred.makeUnsafe<Control>()
  const started = (given: Control) => void Deferred.doneUnsafe(control, Effect.succeed(given))
  return Effect.raceFirst(
    hosted({ plan, output, mode: { ...mode, started } }),
    Effect.flatMap(Deferred.await(control), reloads),
  )
}

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
