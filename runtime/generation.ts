/**
 * One plan in operation: its authorization servers, its pipelines and what is served where. A running proxy has one at a time
 * that takes requests, and for a while after a reload the ones before it, which finish theirs.
 *
 * @module
 */
import { Effect, Exit, type Fiber, FiberSet, type Redacted, Result, Scope } from "effect"
import { type AuthServer, make as makeAuthServer } from "./auth-server/index.ts"
import type { StateOf } from "./auth-server/storage/index.ts"
import { compilePipeline, type Pipeline } from "./pipeline/pipeline.ts"
import { secretRefs } from "./plan/secret-refs.ts"
import { type Flow, type Plan, type SecretRef, tokenRefs } from "./plan.ts"
import type { Gate } from "./proxy/handler.ts"
import { makeSites, type Sites } from "./proxy/sites.ts"
import { SecretMissing, Secrets } from "./secrets.ts"
import { stages } from "./stages/index.ts"
import { PlanUnusable, SecretsMissing, type StartFailure } from "./start-failure.ts"

export interface Generation {
  readonly sites: Sites
  readonly gate: Gate
  /** Requests under way. */
  readonly fibers: FiberSet.FiberSet<void, never>
  readonly inFlight: () => number
  /** Starts the work of a request. */
  readonly run: (work: Effect.Effect<void>) => Fiber.Fiber<void>
  /** Ends what it holds, at once: to be run when no request is under way any more. */
  readonly close: Effect.Effect<void>
}

export interface GenerationOptions {
  /** Accept ephemeral signing keys (a plan without `keys`): tokens then die with the process. */
  readonly sandbox: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Origins of web pages that may call flows, beside a flow's own. */
  readonly origins: ReadonlySet<string>
  /** The state of an authorization server: it outlives the generation. */
  readonly stateOf: StateOf
}

/** Starts what a plan needs. When it fails, nothing of it is left. */
export const startGeneration = Effect.fn("Generation.start")(function* (
  plan: Plan,
  options: GenerationOptions,
): Effect.fn.Return<Generation, StartFailure, Secrets> {
  const scope = yield* Scope.make()
  const close = Scope.close(scope, Exit.void)
  const made = Effect.gen(function* () {
    yield* checkNames(plan)
    const secrets = yield* resolveSecrets(plan)
    const servers = yield* startServers(plan, options).pipe(Effect.provideService(Secrets, secrets))
    const pipelines = new Map<string, Pipeline>()
    for (const [index, flow] of plan.flows.entries()) {
      const environment = { plan, path: `flows[${index}]`, servers, secrets, env: options.env }
      pipelines.set(flow.name, yield* compilePipeline(flow, stages, environment))
    }
    const sites = yield* makeSites(plan, servers, pipelines, options.origins)
    const fibers = yield* FiberSet.make<void, never>()
    const run = yield* FiberSet.runtime(fibers)<never>()
    const inFlight = () => Effect.runSync(FiberSet.size(fibers))
    return { sites, fibers, inFlight, run, gate: { draining: false, relays: new Set() }, close } satisfies Generation
  })
  return yield* made.pipe(
    Effect.provideService(Scope.Scope, scope),
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : close)),
  )
})

/**
 * Lets a generation that takes no more requests finish those it has, however long they take, and ends it. Streams of events
 * with no end of their own end now: whoever reads them reconnects, and then meets the generation that took its place.
 */
export const retire = Effect.fn("Generation.retire")(function* ({ gate, fibers, close }: Generation) {
  for (const open of [...gate.relays]) if (open.endless) open.finish()
  yield* FiberSet.awaitEmpty(fibers)
  yield* close
})

/** A name stands for one thing: where two share one, either could be meant. */
const checkNames = Effect.fnUntraced(function* (plan: Plan) {
  const groups = { flows: plan.flows, issuers: [...plan.providers, ...plan.servers] }
  for (const [path, named] of Object.entries(groups)) {
    const names = named.map(({ name }) => name)
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined) return yield* new PlanUnusable({ path, detail: `the name ${twice} is there twice` })
  }
})

/** Looks up every secret of the plan, and reports all that are missing at once. */
const resolveSecrets = Effect.fn("Generation.resolveSecrets")(function* (plan: Plan) {
  const secrets = yield* Secrets
  const refs = new Map(secretRefs(plan).map((ref) => [keyOf(ref), ref]))
  const values = new Map<string, Result.Result<Redacted.Redacted<string>, SecretMissing>>()
  for (const [key, ref] of refs) values.set(key, yield* Effect.result(secrets.get(ref)))
  const missing = [...values.values()].filter(Result.isFailure).map(({ failure }) => failure)
  if (missing.length > 0) return yield* new SecretsMissing({ missing })
  return Secrets.of({
    get: (ref) => Effect.suspend(() => Effect.fromResult(values.get(keyOf(ref)) ?? Result.fail(notNamed(ref)))),
  })
})

const keyOf = (ref: SecretRef): string => JSON.stringify([ref.name, ref.key])

const notNamed = (ref: SecretRef) => new SecretMissing({ ref, looked: ["the secrets that the plan names"] })

/** The issuers whose tokens the flow's stages show to somebody. Of them, the server knows those that people log in at. */
const loginsOf = ({ stages }: Flow): readonly string[] => [...new Set(tokenRefs(stages).map(({ issuer }) => issuer))]

/** The plan's authorization servers, each told of the flows that identify with it. */
const startServers = Effect.fn("Generation.startServers")(function* (plan: Plan, options: GenerationOptions) {
  const servers = new Map<string, AuthServer>()
  for (const config of plan.servers) {
    const flows = plan.flows.flatMap((flow) =>
      flow.stages.flatMap((stage) =>
        stage.kind === "identify.auth_server" && stage.server === config.name
          ? [{ name: flow.name, resource: stage.audience, scopes: stage.scopes, logins: loginsOf(flow) }]
          : [],
      ),
    )
    const dependencies = {
      providers: plan.providers,
      flows,
      ephemeralKeys: options.sandbox,
      ...(options.sandbox ? { strangers: { loopback: true } } : {}),
      ...(yield* options.stateOf(config)),
    }
    servers.set(config.name, yield* makeAuthServer(config, dependencies))
  }
  return servers
})
