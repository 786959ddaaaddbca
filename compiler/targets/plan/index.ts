/**
 * The plan target: what authflow's own runtime executes.
 *
 * @module
 */
import type { Plan } from "../../../runtime/plan.ts"
import type { Program } from "../../check/program.ts"
import type { Diagnostic } from "../../diagnostics/diagnostic.ts"
import type { Target } from "../target.ts"

/** Lowers to the plan as a value; `undefined` when a diagnostic is an error. */
export const lowerPlan = (
  _program: Program,
): { readonly plan: Plan | undefined; readonly diagnostics: readonly Diagnostic[] } => ({
  plan: undefined,
  diagnostics: [],
})

export const plan: Target & { readonly lowerPlan: typeof lowerPlan } = {
  name: "plan",
  title: "authflow's own runtime",
  lowerPlan,
  lower: (program) => {
    const { plan: lowered, diagnostics } = lowerPlan(program)
    return {
      artifacts: lowered ? [{ path: "plan.json", text: `${JSON.stringify(lowered, null, 2)}\n` }] : [],
      diagnostics,
    }
  },
}
