/**
 * The plan target: what authflow's own runtime executes. One file a stage kind beside this one.
 *
 * @module
 */
import type * as Plan from "../../../runtime/plan.ts"
import type { Program } from "../../check/program.ts"
import type { Diagnostic } from "../../diagnostics/diagnostic.ts"
import { type Report, reporter } from "../../diagnostics/report.ts"
import { lowerStage, type StageLowerings, type Target } from "../target.ts"
import { lowerAuthServer } from "./auth-server.ts"
import { lowerAwsSigv4 } from "./aws-sigv4.ts"
import { lowerAwsSts } from "./aws-sts.ts"
import { lowerClientCredentials, lowerJwtBearer, lowerObo, lowerTokenExchange, lowerXaa } from "./exchange.ts"
import { lowerForward } from "./forward.ts"
import { lowerIdentifyAuthServer, lowerIdentifyOidc } from "./identify.ts"
import {
  lowerIdentifyAnyOf,
  lowerIdentifyApiKeys,
  lowerIdentifyClientCertificates,
  lowerIdentifyServiceAccounts,
} from "./identify-callers.ts"
import { lowerInjectBearer, lowerInjectHeader, lowerInjectNone, lowerInjectToken } from "./inject.ts"
import { refuseNotYet, refuseRedirects, refuseServer } from "./not-yet.ts"
import { lowerProvider } from "./provider.ts"
import { checkShared } from "./storage.ts"

/** PLAN_VERSION of runtime/plan.ts, whose types are all that the compiler takes from the runtime. */
const VERSION: Plan.Plan["version"] = 1

interface Context {
  readonly report: Report
}

/** `undefined` after reporting that the runtime has no such stage. */
const lowerings: StageLowerings<Context, Plan.Stage | undefined> = {
  "identify.auth_server": lowerIdentifyAuthServer,
  "identify.oidc": lowerIdentifyOidc,
  "limit.tool_calls": refuseNotYet,
  mutate: refuseNotYet,
  validate: refuseNotYet,
  "authorize.cedar": refuseNotYet,
  "authorize.http": refuseNotYet,
  "authorize.toolhive": refuseNotYet,
  "identify.any_of": lowerIdentifyAnyOf,
  "identify.service_accounts": lowerIdentifyServiceAccounts,
  "identify.api_keys": lowerIdentifyApiKeys,
  "identify.client_certificates": lowerIdentifyClientCertificates,
  "identify.anonymous": () => ({ kind: "identify.anonymous" }),
  "aws.sts": lowerAwsSts,
  "aws.sigv4": lowerAwsSigv4,
  token_exchange: lowerTokenExchange,
  obo: lowerObo,
  xaa: lowerXaa,
  jwt_bearer: lowerJwtBearer,
  client_credentials: lowerClientCredentials,
  "inject.bearer": lowerInjectBearer,
  "inject.header": lowerInjectHeader,
  "inject.token": lowerInjectToken,
  "inject.none": lowerInjectNone,
  forward: (stage, _, { report }) => {
    const { headers } = stage.fields
    if (headers) report("AF0891", headers.span, { construct: "headers" })
    return lowerForward(stage)
  },
  run: refuseNotYet,
}

/** Lowers to the plan as a value; `undefined` when a diagnostic is an error. */
export const lowerPlan = (
  program: Program,
): { readonly plan: Plan.Plan | undefined; readonly diagnostics: readonly Diagnostic[] } => {
  const { report, reported } = reporter(program.uri)
  const flows = program.flows.map((flow): Plan.Flow | undefined => {
    const [first, ...rest] = flow.stages.map((stage) => lowerStage(lowerings, stage, flow, { report }))
    const others = rest.filter((stage) => stage !== undefined)
    if (first === undefined || others.length < rest.length) return undefined
    return { name: flow.name.value, resource: flow.url.value, stages: [first, ...others] }
  })
  for (const server of program.servers) {
    refuseServer(server, report)
    refuseRedirects(server, report)
    checkShared(server, report)
  }
  const [first, ...others] = flows.filter((flow) => flow !== undefined)
  const failed = reported.some(({ severity }) => severity === "error")
  if (failed || first === undefined) return { plan: undefined, diagnostics: reported }
  const plan: Plan.Plan = {
    version: VERSION,
    source: program.uri,
    providers: program.providers.map(lowerProvider),
    servers: program.servers.map(lowerAuthServer),
    flows: [first, ...others],
  }
  return { plan, diagnostics: reported }
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
