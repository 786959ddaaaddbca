/**
 * The proxy itself.
 *
 * @module
 */
import { Data } from "effect"
import type { Log, Rows } from "./row.ts"

/** We are stopping and take no new request. */
export class Draining extends Data.TaggedError("Draining")<{ readonly detail: string }> {}
/** A stage was handed a credential it does not consume, or signing failed: a defect of ours, never passed on. */
export class PipelineBroken extends Data.TaggedError("PipelineBroken")<{
  readonly detail: string
  readonly log?: Log
}> {}

export type ProcessFailure = Draining | PipelineBroken

export const processRows: Rows<ProcessFailure> = {
  Draining: {
    status: 503,
    code: "draining",
    title: "Shutting down",
    retry: true,
    cause: "outage",
    remedy: "Send it again; another instance, or the next one, answers.",
  },
  PipelineBroken: {
    status: 500,
    code: "pipeline-broken",
    title: "Internal error",
    retry: false,
    cause: "outage",
    remedy: "A defect of ours: report it with the request id and the journal's entries.",
  },
}
