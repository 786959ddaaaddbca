/**
 * A flow's stages as one function from a request to the upstream's answer, in the plan's order.
 *
 * Fail closed: that each stage is handed what it consumes is checked when the plan is loaded, and again for each request on
 * the value itself. A request whose credential is not the one the next stage consumes ends there.
 *
 * @module
 */
import { Cause, Clock, Effect, Exit, type Scope } from "effect"
import { type Failure, PipelineBroken, table } from "../failure.ts"
import { type Entry, Journal } from "../journal.ts"
import type { Flow, Stage as PlanStage } from "../plan.ts"
import { PlanUnusable } from "../start-failure.ts"
import type { Credential } from "./credential.ts"
import type { AnySender, AnyStage, Environment, MakeStage, StageEnvironment } from "./environment.ts"
import type { Account, Answer, Exchange } from "./stage.ts"

/** One constructor a kind; the compiler of this code refuses a table that lacks one. */
export type StageMakers = { readonly [Kind in PlanStage["kind"]]: MakeStage<Kind> }

export interface Pipeline {
  readonly flow: string
  /** Label of the sending stage, under which the answer's own end is journaled. */
  readonly sender: string
  readonly run: (exchange: Exchange) => Effect.Effect<Answer, Failure>
}

/** Fails with PlanUnusable when the stages do not compose. */
export const compilePipeline = Effect.fn("Pipeline.compile")(function* (
  flow: Flow,
  makers: StageMakers,
  environment: Environment,
): Effect.fn.Return<Pipeline, PlanUnusable, Scope.Scope> {
  const stages: Array<AnyStage> = []
  let sender: AnySender | undefined
  let held: Credential["_tag"] = "Caller"
  for (const [index, spec] of flow.stages.entries()) {
    const path = `${environment.path}.stages[${index}]`
    const made: AnyStage | AnySender = yield* makeStage(makers, spec, { ...environment, path, flow })
    if (sender !== undefined) {
      return yield* new PlanUnusable({
        path,
        detail: `${made.label} stands after ${sender.label}, which ends the flow`,
      })
    }
    if (!takes(made, held)) {
      const detail = `${made.label} consumes ${consumed(made)} and is given ${held}`
      return yield* new PlanUnusable({ path, detail })
    }
    if (isSender(made)) sender = made
    else {
      stages.push(made)
      held = made.produces
    }
  }
  if (sender === undefined) {
    return yield* new PlanUnusable({ path: environment.path, detail: "the flow does not end in a stage that sends" })
  }
  const last = sender
  const run = Effect.fnUntraced(function* (exchange: Exchange) {
    let credential: Credential = { _tag: "Caller" }
    for (const stage of stages) {
      const made: Produced = yield* journaled(flow.name, stage.label, exchange, runStage(stage, exchange, credential))
      credential = made.credential
    }
    const { answer } = yield* journaled(flow.name, last.label, exchange, runSender(last, exchange, credential))
    return answer
  })
  return { flow: flow.name, sender: last.label, run }
})

const makeStage = <Kind extends PlanStage["kind"]>(
  makers: StageMakers,
  spec: Extract<PlanStage, { readonly kind: Kind }>,
  environment: StageEnvironment,
) => {
  const make: MakeStage<Kind> = makers[spec.kind as Kind]
  return make(spec, environment)
}

const takes = ({ consumes }: Pick<Erased<unknown>, "consumes">, tag: Credential["_tag"]): boolean =>
  [consumes].flat().includes(tag)

const consumed = ({ consumes }: Pick<Erased<unknown>, "consumes">): string => [consumes].flat().join(" or ")

const isSender = (made: AnyStage | AnySender): made is AnySender => made.produces === "Answer"

interface Produced {
  readonly credential: Credential
  readonly account: Account
}

/** The erased view of a stage: TypeScript cannot follow `consumes` to the parameter of `run` across the union. */
interface Erased<Out> {
  readonly label: string
  readonly consumes: Credential["_tag"] | readonly Credential["_tag"][]
  readonly run: (exchange: Exchange, credential: Credential) => Effect.Effect<Out, Failure>
}

const runStage = (stage: AnyStage, exchange: Exchange, credential: Credential): Effect.Effect<Produced, Failure> =>
  Effect.filterOrFail(
    handOver(stage as Erased<Produced>, exchange, credential),
    (produced) => produced.credential._tag === stage.produces,
    (produced) =>
      new PipelineBroken({
        detail: "internal error",
        log: { reason: `${stage.label} produced ${produced.credential._tag} instead of ${stage.produces}` },
      }),
  )

const runSender = (sender: AnySender, exchange: Exchange, credential: Credential) =>
  handOver(
    sender as unknown as Erased<{
      readonly answer: Answer
      readonly account: Account
    }>,
    exchange,
    credential,
  )

const handOver = <Out>(stage: Erased<Out>, exchange: Exchange, credential: Credential): Effect.Effect<Out, Failure> =>
  takes(stage, credential._tag)
    ? // Suspended, so that what a stage throws on the way to its effect is a defect like any other.
      Effect.suspend(() => stage.run(exchange, credential))
    : Effect.fail(
        new PipelineBroken({
          detail: "internal error",
          log: { reason: `${stage.label} consumes ${consumed(stage)} and was given ${credential._tag}` },
        }),
      )

/** Writes the stage's entry whatever becomes of it, and makes a defect a failure of ours. */
const journaled = <Out extends { readonly account: Account }>(
  flow: string,
  stage: string,
  { id }: Exchange,
  run: Effect.Effect<Out, Failure>,
): Effect.Effect<Out, Failure> =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const clock = yield* Clock.Clock
    const from = clock.monotonicTimeNanosUnsafe()
    const write = (what: Pick<Entry, "outcome" | "summary" | "detail">) =>
      journal.write({
        time: new Date(clock.currentTimeMillisUnsafe()).toISOString(),
        request: id,
        flow,
        stage,
        ...what,
        ms: Number(clock.monotonicTimeNanosUnsafe() - from) / 1e6,
      })
    return yield* run.pipe(
      Effect.catchDefect((defect) =>
        Effect.fail(new PipelineBroken({ detail: "internal error", log: { reason: nameOfDefect(defect) } })),
      ),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) write({ outcome: "ok", ...exit.value.account })
          else write(accountOfCause(exit.cause))
        }),
      ),
    )
  }).pipe(Effect.withSpan(stage, { attributes: { "authflow.flow": flow, "authflow.request": id } }))

/** Only the kind of a defect: its message may hold anything. */
const nameOfDefect = (defect: unknown): string => (defect instanceof Error ? defect.name : typeof defect)

const accountOfCause = (cause: Cause.Cause<Failure>): Pick<Entry, "outcome" | "summary" | "detail"> => {
  const failure = cause.reasons.find(Cause.isFailReason)?.error
  return failure === undefined
    ? { outcome: "refused", summary: "given up: the caller left or the proxy is stopping", detail: {} }
    : accountOfFailure(failure)
}

/** What the journal says of a failure. */
export const accountOfFailure = (failure: Failure): Pick<Entry, "outcome" | "summary" | "detail"> => {
  const { status, code, cause } = table[failure._tag]
  return {
    // A 4xx is a refusal, whoever has to mend it; what remains is a failure of ours or of a dependency.
    outcome: cause === "caller" || status < 500 ? "refused" : "failed",
    summary: `${status} ${failure.detail}`.replace(/\s+/g, " "),
    detail: { code, status, ...("log" in failure ? failure.log : {}) },
  }
}
