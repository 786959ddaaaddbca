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
import { type Entry, harmless, Journal } from "../journal.ts"
import { Traced } from "../observability/traced.ts"
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
  const traced = yield* Traced
  const run = Effect.fnUntraced(function* (exchange: Exchange) {
    const write = yield* writer(flow.name, exchange.id)
    let label = last.label
    let from = write.now()
    const steps = Effect.gen(function* () {
      let credential: Credential = { _tag: "Caller" }
      for (const stage of stages) {
        label = stage.label
        from = write.now()
        const work = runStage(stage, exchange, credential)
        // What is known already is there without waiting: then nothing of the fiber's machinery is needed.
        const exit = done(work) ?? (yield* Effect.exit(span(work, traced, label, flow.name, exchange.id)))
        const made = yield* settle(exit, label, from, write)
        credential = made.credential
      }
      label = last.label
      from = write.now()
      const sent = span(runSender(last, exchange, credential), traced, label, flow.name, exchange.id)
      const { answer } = yield* settle(yield* Effect.exit(sent), label, from, write)
      return answer
    })
    return yield* Effect.onInterrupt(steps, () => Effect.sync(() => write.entry(label, from, GIVEN_UP)))
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

const runStage = (stage: AnyStage, exchange: Exchange, credential: Credential): Effect.Effect<Produced, Failure> => {
  const work = handOver(stage as unknown as Erased<Produced>, exchange, credential)
  const exit = done(work)
  if (exit === undefined) return Effect.flatMap(work, (produced) => declared(stage, produced))
  return Exit.isSuccess(exit) ? declared(stage, exit.value) : exit
}

/** The outcome of an effect that has one without being run. */
const done = <A, E>(work: Effect.Effect<A, E>): Exit.Exit<A, E> | undefined =>
  Exit.isExit(work) ? (work as Exit.Exit<A, E>) : undefined

const declared = (stage: AnyStage, produced: Produced): Exit.Exit<Produced, Failure> =>
  produced.credential._tag === stage.produces
    ? Exit.succeed(produced)
    : broken(`${stage.label} produced ${produced.credential._tag} instead of ${stage.produces}`)

const runSender = (sender: AnySender, exchange: Exchange, credential: Credential) =>
  handOver(
    sender as unknown as Erased<{
      readonly answer: Answer
      readonly account: Account
    }>,
    exchange,
    credential,
  )

const handOver = <Out>(stage: Erased<Out>, exchange: Exchange, credential: Credential): Effect.Effect<Out, Failure> => {
  if (!takes(stage, credential._tag)) {
    return broken(`${stage.label} consumes ${consumed(stage)} and was given ${credential._tag}`)
  }
  try {
    return stage.run(exchange, credential)
  } catch (defect) {
    // What a stage throws on the way to its effect is a defect like any other.
    return Exit.die(defect)
  }
}

const broken = (reason: string): Exit.Exit<never, Failure> =>
  Exit.fail(new PipelineBroken({ detail: "internal error", log: { reason } }))

/** A stage's span, where anybody looks at spans. */
const span = <A, E>(
  work: Effect.Effect<A, E>,
  traced: boolean,
  stage: string,
  flow: string,
  request: string,
): Effect.Effect<A, E> =>
  traced
    ? Effect.withSpan(work, stage, {
        attributes: { "authflow.flow": flow, "authflow.request": request },
        captureStackTrace: false,
      })
    : work

interface Writer {
  /** Of the monotonic clock. */
  readonly now: () => bigint
  readonly entry: (stage: string, from: bigint, what: Pick<Entry, "outcome" | "summary" | "detail">) => void
}

const writer = (flow: string, request: string): Effect.Effect<Writer> =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const clock = yield* Clock.Clock
    const now = () => clock.monotonicTimeNanosUnsafe()
    return {
      now,
      entry: (stage, from, { outcome, summary, detail }) =>
        journal.write({
          time: new Date(clock.currentTimeMillisUnsafe()).toISOString(),
          request,
          flow,
          stage,
          outcome,
          ...harmless({ summary, detail }),
          ms: Number(now() - from) / 1e6,
        }),
    }
  })

/** Writes the stage's entry whatever became of it, and makes a defect a failure of ours. */
const settle = <Out extends { readonly account: Account }>(
  exit: Exit.Exit<Out, Failure>,
  stage: string,
  from: bigint,
  write: Writer,
): Exit.Exit<Out, Failure> => {
  if (Exit.isSuccess(exit)) {
    const { summary, detail } = exit.value.account
    write.entry(stage, from, { outcome: "ok", summary, detail })
    return exit
  }
  const failure = failureOf(exit.cause)
  // Without one it was given up, which is told once, for the request.
  if (failure === undefined) return exit
  write.entry(stage, from, accountOfFailure(failure))
  return Exit.fail(failure)
}

const failureOf = ({ reasons }: Cause.Cause<Failure>): Failure | undefined => {
  const defect = reasons.find(Cause.isDieReason)
  return defect === undefined
    ? reasons.find(Cause.isFailReason)?.error
    : new PipelineBroken({ detail: "internal error", log: { reason: nameOfDefect(defect.defect) } })
}

/** Only the kind of a defect: its message may hold anything. */
const nameOfDefect = (defect: unknown): string => (defect instanceof Error ? defect.name : typeof defect)

const GIVEN_UP = {
  outcome: "refused",
  summary: "given up: the caller left or the proxy is stopping",
  detail: {},
} as const

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
