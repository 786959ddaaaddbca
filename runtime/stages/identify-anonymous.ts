/**
 * `identify anonymous`: everybody gets in, and nobody has a name.
 *
 * @module
 */
import { Effect } from "effect"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage } from "../pipeline/stage.ts"

const stage: Stage<"Caller", "Anonymous"> = {
  label: "identify anonymous",
  consumes: "Caller",
  produces: "Anonymous",
  run: () => Effect.succeed({ credential: { _tag: "Anonymous" }, account: { summary: "everybody", detail: {} } }),
}

export const identifyAnonymous: MakeStage<"identify.anonymous"> = () => Effect.succeed(stage)
