/**
 * Runs a plan: listens, and hands every request to the site it is for. Closing the scope drains and stops.
 *
 * @module
 */
import type { Server as NetServer } from "node:net"
import { Effect, FiberSet, Result, type Scope, Semaphore } from "effect"
import { states } from "./auth-server/storage/index.ts"
import { type Generation, retire, startGeneration } from "./generation.ts"
import type { Plan } from "./plan.ts"
import { handle } from "./proxy/handler.ts"
import { listen, type Server } from "./proxy/listener.ts"
import { checkCertificate, type ServerCertificate } from "./proxy/server-certificate.ts"
import type { Secrets } from "./secrets.ts"
import { CertificateUnusable, ListenFailed, type StartFailure } from "./start-failure.ts"

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
  /** Listen on addresses that others can reach, although without `certificate` TLS has to end in front of the proxy. */
  readonly allowNonLoopback?: boolean
  /** With it the proxy speaks TLS. Run at the start and again at each reload. */
  readonly certificate?: Effect.Effect<ServerCertificate, CertificateUnusable>
  /** Accept ephemeral signing keys (a plan without `keys`): tokens then die with the process. */
  readonly sandbox?: boolean
  /** Directory that authorization servers keep their state in, unless the plan says where. Without it: in memory. */
  readonly state?: string
  /** Origins of web pages that may call the flows (CORS), beside each flow's own. None unless said. */
  readonly origins?: readonly string[]
  /** Where AWS_ENDPOINT_URL_STS is read from. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Running {
  readonly addresses: ReadonlyArray<Address>
  /**
   * Takes another plan, and its secrets anew, for all requests from now on; those under way are finished by the plan they began
   * with. When it fails the plan that runs goes on as it was. Once draining it does nothing.
   */
  readonly reload: (plan: Plan) => Effect.Effect<void, StartFailure>
  /** Does it take new requests? */
  readonly ready: () => boolean
  /** How many requests are under way. */
  readonly inFlight: () => number
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
  const scope = yield* Effect.scope
  // A reload is asked for from outside, and works with the journal, tracer and secrets that the start was given.
  const context = yield* Effect.context<Secrets>()
  const stateOf = yield* states(options.state)
  const start = (plan: Plan) =>
    startGeneration(plan, {
      sandbox: options.sandbox === true,
      env: options.env ?? process.env,
      origins: new Set(options.origins ?? []),
      stateOf,
    }).pipe(Effect.provideContext(context))

  const certificate = yield* takeCertificate(options)
  let current = yield* start(plan)
  const generations = new Set([current])
  yield* Effect.addFinalizer(() => Effect.forEach(generations, ({ close }) => close, { discard: true }))
  const listeners = yield* Effect.forEach(options.listen, (on) =>
    listen(on, certificate, (request, response) => {
      const { sites, gate, run } = current
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
      generations,
      options.drainSeconds ?? DRAIN_SECONDS,
    ),
  )
  yield* Effect.addFinalizer(() => drain)

  const one = Semaphore.makeUnsafe(1)
  const reload = (plan: Plan) =>
    Effect.gen(function* () {
      if (current.gate.draining) return
      const renewed = yield* takeCertificate(options)
      const next = yield* start(plan)
      const before = current
      current = next
      if (renewed !== undefined) for (const { renew } of listeners) renew(renewed)
      generations.add(next)
      const leave = Effect.sync(() => generations.delete(before))
      yield* Effect.forkIn(Effect.ensuring(retire(before), leave), scope)
    }).pipe(Effect.uninterruptible, one.withPermit)
  return {
    addresses: listeners.map(({ address }) => address),
    reload,
    ready: () => !current.gate.draining,
    inFlight: () => [...generations].reduce((sum, { inFlight }) => sum + inFlight(), 0),
    drain,
  }
})

const takeCertificate = Effect.fnUntraced(function* ({ certificate }: ServeOptions) {
  if (certificate === undefined) return undefined
  const taken = yield* certificate
  return yield* Result.match(checkCertificate(taken), {
    onSuccess: () => Effect.succeed(taken),
    onFailure: (detail) => Effect.fail(new CertificateUnusable({ detail })),
  })
})

const checkAddresses = (options: ServeOptions): Effect.Effect<void, ListenFailed> => {
  const allowed = options.allowNonLoopback === true || options.certificate !== undefined
  const open = allowed ? undefined : options.listen.find(({ host }) => !isLoopback(host))
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

/** `localhost` is left out: a hosts file may point it elsewhere. */
const isLoopback = (host: string): boolean => host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)

/** Streams of events with no end of their own end now, the rest gets its time; what is left then is broken off. */
const drainAll = Effect.fn("serve.drain")(function* (
  servers: readonly Server[],
  generations: ReadonlySet<Generation>,
  seconds: number,
) {
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => (server.listening ? server.close(() => resolve()) : resolve())),
  )
  const all = [...generations]
  const relays = () => all.flatMap(({ gate }) => [...gate.relays])
  for (const { gate } of all) gate.draining = true
  for (const open of relays()) if (open.endless) open.finish()
  // Interruptible although drain is not, or its time could not run out.
  const answered = Effect.interruptible(Effect.forEach(all, ({ fibers }) => FiberSet.awaitEmpty(fibers)))
  yield* Effect.timeoutOption(answered, `${seconds} seconds`)
  // A cut does no harm to events: whoever reads them reconnects, and sees that the stream did not break.
  for (const open of relays()) if (open.events) open.finish()
  yield* Effect.timeoutOption(answered, "250 millis")
  for (const { fibers } of all) yield* FiberSet.clear(fibers)
  for (const server of servers) server.closeAllConnections()
  yield* Effect.promise(() => Promise.all(closed))
}, Effect.uninterruptible)
