/**
 * Runs a plan: listens, and hands every request to the site it is for. Closing the scope drains and stops.
 *
 * @module
 */
import type { Server } from "node:http"
import type { Server as NetServer } from "node:net"
import { Effect, FiberSet, type Redacted, Result, type Scope } from "effect"
import { type AuthServer, make as makeAuthServer } from "./auth-server/index.ts"
import { compilePipeline, type Pipeline } from "./pipeline/pipeline.ts"
import type { Plan, SecretRef } from "./plan.ts"
import { type Gate, handle } from "./proxy/handler.ts"
import { listen } from "./proxy/listener.ts"
import { makeSites } from "./proxy/sites.ts"
import { SecretMissing, Secrets } from "./secrets.ts"
import { stages } from "./stages/index.ts"
import { ListenFailed, PlanUnusable, SecretsMissing, type StartFailure } from "./start-failure.ts"

/** Where the runtime listens; `port` is the one the system gave when 0 was asked for. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** An address to listen on, or one that somebody holds already. */
export interface ListenOn extends Address {
  /**
   * A server that is bound to this address and listening: its handle is taken over (`http.Server.listen(socket)`), so that
   * no other process can take the port in between. Whoever made it closes it too.
   */
  readonly socket?: NetServer
}

export interface ServeOptions {
  /** One handler serves them all. Loopback only, unless `allowNonLoopback`. */
  readonly listen: ReadonlyArray<ListenOn>
  /** Seconds that requests in flight are given when stopping. Default 10. */
  readonly drainSeconds?: number
  /** Listen on addresses that others can reach. The runtime speaks plain HTTP: TLS has to end in front of it. */
  readonly allowNonLoopback?: boolean
  /** Accept ephemeral signing keys (a plan without `keys`): tokens then die with the process. */
  readonly sandbox?: boolean
  /** Where AWS_ENDPOINT_URL_STS is read from. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Running {
  readonly addresses: ReadonlyArray<Address>
  /** Takes no new request, lets those in flight finish within the time, then closes. Safe to run more than once. */
  readonly drain: Effect.Effect<void>
}

const DRAIN_SECONDS = 10

/** Starts a plan. Closing the scope drains first. */
export const serve = Effect.fn("serve")(function* (
  plan: Plan,
  options: ServeOptions,
): Effect.fn.Return<Running, StartFailure, Secrets | Scope.Scope> {
  yield* checkAddresses(options)
  yield* checkNames(plan)
  const secrets = yield* resolveSecrets(plan)
  const servers = yield* startServers(plan, options).pipe(Effect.provideService(Secrets, secrets))
  const env = options.env ?? process.env
  const pipelines = new Map<string, Pipeline>()
  for (const [index, flow] of plan.flows.entries()) {
    const environment = { plan, path: `flows[${index}]`, servers, env }
    pipelines.set(flow.name, yield* compilePipeline(flow, stages, environment))
  }
  const sites = yield* makeSites(plan, servers, pipelines)

  const gate: Gate = { draining: false, relays: new Set() }
  const fibers = yield* FiberSet.make<void, never>()
  const run = yield* FiberSet.runtime(fibers)<never>()
  const listeners = yield* Effect.forEach(options.listen, (on) =>
    listen(on, (request, response) => {
      const fiber = run(handle(sites, gate, request, response))
      // The connection's close, not the answer's: an answer that waits behind another one on its connection has no close.
      const { socket } = request
      const leave = () => fiber.interruptUnsafe()
      socket.once("close", leave)
      fiber.addObserver(() => socket.off("close", leave))
    }),
  )
  const drain = yield* Effect.cached(
    drainAll(
      listeners.map(({ server }) => server),
      gate,
      fibers,
      options.drainSeconds ?? DRAIN_SECONDS,
    ),
  )
  yield* Effect.addFinalizer(() => drain)
  return { addresses: listeners.map(({ address }) => address), drain }
})

const checkAddresses = (options: ServeOptions): Effect.Effect<void, ListenFailed> => {
  const open = options.allowNonLoopback === true ? undefined : options.listen.find(({ host }) => !isLoopback(host))
  return open === undefined
    ? Effect.void
    : Effect.fail(
        new ListenFailed({
          host: open.host,
          port: open.port,
          detail: "others could reach this address, which has to be allowed explicitly; TLS has to end in front of it",
        }),
      )
}

/** A name stands for one thing: where two share one, either could be meant. */
const checkNames = Effect.fnUntraced(function* (plan: Plan) {
  const groups = { flows: plan.flows, issuers: [...plan.providers, ...plan.servers] }
  for (const [path, named] of Object.entries(groups)) {
    const names = named.map(({ name }) => name)
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined) return yield* new PlanUnusable({ path, detail: `the name ${twice} is there twice` })
  }
})

/** `localhost` is left out: a hosts file may point it elsewhere. */
const isLoopback = (host: string): boolean => host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

/** Looks up every secret of the plan, and reports all that are missing at once. */
const resolveSecrets = Effect.fn("serve.resolveSecrets")(function* (plan: Plan) {
  const secrets = yield* Secrets
  const refs = new Map<string, SecretRef>()
  const add = (ref: SecretRef | undefined) => {
    if (ref !== undefined) refs.set(keyOf(ref), ref)
  }
  for (const provider of plan.providers) add(provider.client?.secret)
  for (const server of plan.servers) for (const ref of [...server.keys, ...server.hmacKeys]) add(ref)
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

/** The plan's authorization servers, each told of the flows that identify with it. */
const startServers = Effect.fn("serve.startServers")(function* (plan: Plan, options: ServeOptions) {
  const servers = new Map<string, AuthServer>()
  for (const config of plan.servers) {
    const flows = plan.flows.flatMap((flow) =>
      flow.stages.flatMap((stage) =>
        stage.kind === "identify.auth_server" && stage.server === config.name
          ? [{ name: flow.name, resource: stage.audience, scopes: stage.scopes }]
          : [],
      ),
    )
    const ephemeralKeys = options.sandbox === true
    servers.set(config.name, yield* makeAuthServer(config, { providers: plan.providers, flows, ephemeralKeys }))
  }
  return servers
})

/** Streams of events with no end of their own end now, the rest gets its time; what is left then is broken off. */
const drainAll = Effect.fn("serve.drain")(function* (
  servers: readonly Server[],
  gate: Gate,
  fibers: FiberSet.FiberSet<void, never>,
  seconds: number,
) {
  gate.draining = true
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve())),
  )
  for (const open of [...gate.relays]) if (open.endless) open.finish()
  // Interruptible although drain is not, or its time could not run out.
  const answered = Effect.interruptible(FiberSet.awaitEmpty(fibers))
  yield* Effect.timeoutOption(answered, `${seconds} seconds`)
  // A cut does no harm to events: whoever reads them reconnects, and sees that the stream did not break.
  for (const open of [...gate.relays]) if (open.events) open.finish()
  yield* Effect.timeoutOption(answered, "250 millis")
  yield* FiberSet.clear(fibers)
  for (const server of servers) server.closeAllConnections()
  yield* Effect.promise(() => Promise.all(closed))
}, Effect.uninterruptible)
