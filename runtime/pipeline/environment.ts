/**
 * What a stage is made from, besides its own part of the plan.
 *
 * @module
 */
import type { Effect, Scope } from "effect"
import type { AuthServer } from "../auth-server/auth-server.ts"
import type { Flow, Plan, Stage as PlanStage } from "../plan.ts"
import type { Secrets } from "../secrets.ts"
import type { PlanUnusable } from "../start-failure.ts"
import type { Credential } from "./credential.ts"
import type { Sender, Stage, StageOfSeveral } from "./stage.ts"

export interface Environment {
  readonly plan: Plan
  /** Where the stage stands in the plan, for messages: `flows[0].stages[1]`. */
  readonly path: string
  /** The plan's authorization servers, running. */
  readonly servers: ReadonlyMap<string, AuthServer>
  readonly secrets: Secrets["Service"]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The same, and the flow that the stage is of. */
export interface StageEnvironment extends Environment {
  readonly flow: Flow
}

type Tag = Credential["_tag"]

/** Any stage, as a union: each member's `run` still takes exactly what the member consumes. */
export type AnyStage =
  | { [In in Tag]: { [Out in Tag]: Stage<In, Out> }[Tag] }[Tag]
  | { [Out in Tag]: StageOfSeveral<"Principal" | "Anonymous", Out> }[Tag]
/** Any sender: it may take several tags, and `run` still takes exactly those. */
export type AnySender = Omit<Sender<Tag>, "run"> & { readonly run: Sender<never>["run"] }

/** Makes the stages of one kind. What it acquires lives as long as the runtime. */
export type MakeStage<Kind extends PlanStage["kind"]> = (
  spec: Extract<PlanStage, { readonly kind: Kind }>,
  environment: StageEnvironment,
) => Effect.Effect<AnyStage | AnySender, PlanUnusable, Scope.Scope>
