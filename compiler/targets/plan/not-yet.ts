/** Stages that today's runtime has no counterpart of: refused, never left out. */

import { stages } from "../../catalogue/index.ts"
import type { Stage } from "../../check/program.ts"
import type { Report } from "../../diagnostics/report.ts"

/** Reports the stage. */
export const refuseNotYet = (
  { kind, operand: { span } }: Stage,
  _: unknown,
  { report }: { readonly report: Report },
): undefined => {
  const { verb, operand } = stages[kind]
  const construct = operand.by === "kind" ? `${verb} ${operand.name}` : verb
  report("AF0891", span, { construct })
}
