/**
 * Everything outside the proxy that a plan needs, stood in for on this machine: identity providers, STS, MCP servers and
 * every secret. For people with no AWS account, and for tests.
 *
 * All of it listens on 127.0.0.1 and is gone when the scope closes. The plan that comes back is the one that came in with
 * its public URLs moved to loopback and nothing else changed, so what is seen to work here is the file's own pipeline.
 *
 * @module
 */
import type { Layer } from "effect"
import type { Plan } from "../plan.ts"
import type { Secrets } from "../secrets.ts"
import type { Faults } from "./faults.ts"
import type { ReservedPort } from "./loopback.ts"
import type { Person } from "./person.ts"
import type { SeenRequest } from "./seen-request.ts"

export type { SandboxFailure } from "./failure.ts"
export type { Person } from "./person.ts"

/** Something of the file that is not itself here, and what takes its place. */
export interface StandIn {
  /** As the file says it: a public URL, or `secret corp-idp/client-secret`. */
  readonly what: string
  /** A loopback URL, or `generated`. */
  readonly by: string
}

/** A running sandbox. */
export interface Sandbox {
  /** The plan to serve: the given one with its URLs moved to loopback. */
  readonly plan: Plan
  /** Where the proxy must listen for the plan's own origins. The ports are held open until the proxy takes them over. */
  readonly listen: readonly ReservedPort[]
  /** A generated value for every secret the plan names. */
  readonly secrets: Layer.Layer<Secrets>
  readonly people: readonly Person[]
  readonly standIns: readonly StandIn[]
  /** Makes the stand-ins misbehave; for tests, reachable only in this process. */
  readonly faults: Faults
  /** What reached the MCP servers, oldest first, by flow name. */
  readonly seen: (flow: string) => readonly SeenRequest[]
}
