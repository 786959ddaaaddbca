/** Lowers `sign aws.sigv4`. */
import type { AwsSigV4 } from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"

export const lowerAwsSigv4 = ({ output: { service, region, payload, maxBody } }: StageOf<"aws.sigv4">): AwsSigV4 => ({
  kind: "aws.sigv4",
  service,
  region,
  ...(payload === "unsigned" && { payload }),
  maxBody,
})
