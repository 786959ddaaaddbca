/**
 * Why a sandbox does not start.
 *
 * @module
 */
import { Data } from "effect"

/** Something asked the sandbox to listen beyond this machine. It holds generated secrets and lets anyone log in as anyone. */
export class NotLoopback extends Data.TaggedError("NotLoopback")<{ readonly host: string }> {}

/** A loopback port could not be opened. */
export class PortUnavailable extends Data.TaggedError("PortUnavailable")<{
  readonly what: string
  readonly cause: string
}> {}

/** The plan says something that the sandbox has no stand-in for. */
export class NoStandIn extends Data.TaggedError("NoStandIn")<{ readonly what: string; readonly why: string }> {}

export type SandboxFailure = NotLoopback | PortUnavailable | NoStandIn
