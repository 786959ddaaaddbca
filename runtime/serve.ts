/**
 * Runs a plan: listens, and hands every request to the site it is for. Closing the scope drains and stops.
 *
 * @module
 */
import type { Server as NetServer } from "node:net"
import { Effect, type Scope } from "effect"
import type { Plan } from "./plan.ts"
import type { Secrets } from "./secrets.ts"
import { ListenFailed, type StartFailure } from "./start-failure.ts"

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

/**
 * Starts a plan. A function instead of a plan is given the bound addresses first, so that public URLs may name ports the
 * system chose; nothing is answered until it returns.
 */
export const serve: (
  plan: Plan | ((bound: ReadonlyArray<Address>) => Plan),
  options: ServeOptions,
) => Effect.Effect<Running, StartFailure, Secrets | Scope.Scope> = Effect.fn("serve")(function* (_plan, options) {
  const first = options.listen[0]
  return yield* new ListenFailed({ host: first?.host ?? "", port: first?.port ?? 0, detail: "not wired yet" })
})
