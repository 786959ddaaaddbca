/**
 * The plan target: what authflow's own runtime executes. One file a stage kind beside this one.
 *
 * @module
 */
import type * as Plan from "../../../runtime/plan.ts"
import type { Program } from "../../check/program.ts"
import type { Diagnostic } from "../../diagnostics/diagnostic.ts"
import { lowerStage, type StageLowerings, type Target } from "../target.ts"
import { lowerAuthServer } from "./auth-server.ts"
import { lowerAwsSigv4 } from "./aws-sigv4.ts"
import { lowerAwsSts } from "./aws-sts.ts"
import { lowerForward } from "./forward.ts"
import { lowerIdentifyAuthServer, lowerIdentifyOidc } from "./identify.ts"
import { lowerProvider } from "./oidc.ts"

/** PLAN_VERSION of runtime/plan.ts, whose types are all that the compiler takes from the runtime. */
const VERSION: Plan.Plan["version"] = 1

const lowerings: StageLowerings<undefined, Plan.Stage> = {
  "identify.auth_server": lowerIdentifyAuthServer,
  "identify.oidc": lowerIdentifyOidc,
  "aws.sts": lowerAwsSts,
  "aws.sigv4": lowerAwsSigv4,
  forward: lowerForward,
}

/** Lowers to the plan as a value; `undefined` when a diagnostic is an error. Today's runtime runs all that can be said. */
export const lowerPlan = (
  program: Program,
): { readonly plan: Plan.Plan | undefined; readonly diagnostics: readonly Diagnostic[] } => {
  const [first, ...others] = program.flows.map((flow): Plan.Flow => {
    const [identify, ...rest] = flow.stages
    const lower = (stage: (typeof flow.stages)[number]) => lowerStage(lowerings, stage, flow, undefined)
    return { name: flow.name.value, resource: flow.url.value, stages: [lower(identify), ...rest.map(lower)] }
  })
  if (first === undefined) return { plan: undefined, diagnostics: [] }
  const plan: Plan.Plan = {
    version: VERSION,
    source: program.uri,
    providers: program.providers.map(lowerProvider),
    servers: program.servers.map(lowerAuthServer),
    flows: [first, ...others],
  }
  return { plan, diagnostics: [] }
}

export const plan: Target & { readonly lowerPlan: typeof lowerPlan } = {
  name: "plan",
  title: "authflow's own runtime",
  lowerPlan,
  lower: (program) => {
    const { plan: lowered, diagnostics } = lowerPlan(program)
    const text = `${JSON.stringify(lowered, null, 2)}\n`
    return { artifacts: lowered ? [{ path: "plan.json", text }] : [], diagnostics }
  },
}
