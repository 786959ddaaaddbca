/**
 * Starts the runtime and, in the sandbox, what stands in for the world around it.
 *
 * It is bundled apart from the rest of the command line, with a copy of Effect of its own, so that `authflow check` does not
 * load what only the runtime needs of it. Therefore its interface is plain data and a promise, and no Effect crosses it.
 *
 * @module
 */
import { Cause, Effect, Exit } from "effect"
import { Journal, loadPlan, type StartFailure, serve } from "../../runtime/index.ts"
import type { Entry } from "../../runtime/journal.ts"
import { type SandboxFailure, sandbox } from "../../runtime/sandbox/index.ts"
import { probe } from "../../runtime/sandbox/probe/index.ts"
import { sandboxBanner } from "./banner.ts"
import { probeTable } from "./probe-table.ts"
import { type Serve, serving } from "./serving.ts"
import { type LogFormat, stageLines } from "./stage-lines.ts"

/** How the host shows things. */
export interface Output {
  /** Writes a part of the result. */
  readonly result: (text: string) => void
  /** Tells the person at the terminal something, in whole lines. */
  readonly say: (text: string) => void
  /** May the result be coloured? */
  readonly color: boolean
  readonly log: LogFormat
}

export interface Request {
  /** A plan as JSON text or as a value; it is decoded here. */
  readonly plan: unknown
  readonly output: Output
  readonly mode: { readonly kind: "sandbox" } | { readonly kind: "probe" } | Serve
}

/** How it ended. `stopped`: asked to by the signal, and drained. */
export type Ended =
  | { readonly kind: "stopped" }
  | { readonly kind: "probed"; readonly ok: boolean }
  | { readonly kind: "fault"; readonly message: string; readonly hint?: string }

/** Runs until the probe is done, the start fails, or the signal aborts; settles when all is drained. Rejects on a defect. */
export const host = async (request: Request, signal: AbortSignal): Promise<Ended> => {
  const exit = await Effect.runPromiseExit(started(request), { signal })
  if (Exit.isSuccess(exit)) return exit.value
  const failure = Cause.findErrorOption(exit.cause)
  if (failure._tag === "Some") return { kind: "fault", ...describe(failure.value) }
  if (Cause.hasInterruptsOnly(exit.cause)) return { kind: "stopped" }
  throw Cause.squash(exit.cause)
}

const started = ({ plan, output, mode }: Request): Effect.Effect<Ended, StartFailure | SandboxFailure> => {
  const line = stageLines(output.log, output.color)
  const show = (entry: Entry) => output.result(line(entry))
  const work =
    mode.kind === "serve"
      ? serving(plan, mode, { say: output.say, show }, (failure) => worded(describe(failure)))
      : sandboxed(plan, output, mode).pipe(Effect.provideService(Journal, { write: show }))
  return Effect.scoped(work)
}

const sandboxed = Effect.fnUntraced(function* (given: unknown, output: Output, mode: Exclude<Request["mode"], Serve>) {
  const plan = yield* loadPlan(given)
  const box = yield* sandbox(plan)
  yield* serve(box.plan, { listen: box.listen, sandbox: true }).pipe(Effect.provide(box.secrets))
  if (mode.kind === "sandbox") {
    output.say(sandboxBanner(box))
    return yield* Effect.never
  }
  const report = yield* probe(box)
  output.result(output.log === "json" ? `${JSON.stringify(report)}\n` : `\n${probeTable(report, output.color)}`)
  return { kind: "probed", ok: report.ok } as const
})

const worded = ({ message, hint }: { readonly message: string; readonly hint?: string }): string =>
  hint === undefined ? message : `${message}\n  ${hint}`

const describe = (failure: StartFailure | SandboxFailure): { readonly message: string; readonly hint?: string } => {
  switch (failure._tag) {
    case "NotLoopback":
      return { message: `the sandbox only listens on this machine, and ${failure.host} is not it` }
    case "PortUnavailable":
      return { message: `no port for ${failure.what}: ${failure.cause}` }
    case "NoStandIn":
      return { message: `the sandbox cannot stand in for ${failure.what}: ${failure.why}` }
    case "SecretsMissing":
      return {
        message: `${failure.missing.length === 1 ? "a secret is" : `${failure.missing.length} secrets are`} missing`,
        hint: [
          ...failure.missing.map(({ ref, looked }) => `${ref.name}/${ref.key}: looked for ${looked.join(", and ")}`),
          "--secrets DIR names a directory to look in; --sandbox runs without any.",
        ].join("\n  "),
      }
    default:
      return { message: failure.message }
  }
}
