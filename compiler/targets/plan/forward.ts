/** Lowers `forward`. */
import type { Forward } from "../../../runtime/plan.ts"
import type { StageOf } from "../../catalogue/index.ts"

export const lowerForward = ({ operand, fields }: StageOf<"forward">): Forward => ({
  kind: "forward",
  url: operand.value,
  timeout: fields.timeout.value,
})
