/**
 * `sign aws.sigv4`: part of the awsSts configuration (aws-sts.ts), which has no fields for the rest of it.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import type { Context } from "./context.ts"
import { MAX_BODY } from "./engine.ts"

export const refuseAwsSigv4 = ({ fields }: StageOf<"aws.sigv4">, flow: Flow, { report }: Context): void => {
  const { region, payload, max_body } = fields
  const exchange = flow.stages.find((stage) => stage.kind === "aws.sts")?.fields.region.value
  if (region !== undefined && exchange !== undefined && region.value !== exchange) {
    report("AF0811", region.span, { sign: region.value, exchange })
  }
  if (payload.value === "unsigned") {
    report("AF1803", payload.span, {})
    return
  }
  if (max_body.value !== MAX_BODY) report("AF0810", max_body.span, { bytes: max_body.value, max: MAX_BODY })
}
