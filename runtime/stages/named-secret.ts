/**
 * A value that the plan names and a stage needs from the start.
 *
 * @module
 */
import { Effect } from "effect"
import type { Environment } from "../pipeline/environment.ts"
import type { SecretRef } from "../plan.ts"
import { PlanUnusable } from "../start-failure.ts"

export const refName = ({ name, key }: SecretRef): string => `${name}/${key}`

export const namedSecret = (ref: SecretRef, { secrets, path }: Pick<Environment, "secrets" | "path">) =>
  Effect.mapError(
    secrets.get(ref),
    ({ looked }) =>
      new PlanUnusable({ path, detail: `there is no secret ${refName(ref)}: looked for ${looked.join(", ")}` }),
  )
