/**
 * How far a request has come, and how a stage went.
 *
 * @module
 */
import type { StageKind, StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import type { Refusal, RuleAccount, UpstreamHeader } from "./account.ts"
import type { Caller } from "./caller.ts"
import type { Identified } from "./identify.ts"

/** What is known so far of a request on its way. */
export interface Progress {
  readonly flow: Flow
  readonly caller: Caller
  /** Epoch milliseconds. */
  readonly now: number
  readonly identified?: Identified
  readonly role?: string
  readonly session?: string
  readonly subject?: string
  readonly upstream?: readonly UpstreamHeader[]
}

export interface Passed {
  readonly summary: string
  readonly notes?: readonly string[]
  readonly rules?: readonly RuleAccount[]
  readonly progress: Progress
}

export interface Stopped {
  readonly refusal: Refusal
  readonly notes?: readonly string[]
  readonly rules?: readonly RuleAccount[]
}

export type Evaluate<K extends StageKind> = (stage: StageOf<K>, progress: Progress) => Passed | Stopped
