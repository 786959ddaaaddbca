/**
 * The stages this runtime has: one constructor a kind of the plan. A kind without one does not type-check.
 *
 * @module
 */
import { Effect } from "effect"
import type { MakeStage } from "../pipeline/environment.ts"
import type { StageMakers } from "../pipeline/pipeline.ts"
import { PlanUnusable } from "../start-failure.ts"
import { awsSigV4 } from "./aws-sigv4.ts"
import { awsSts } from "./aws-sts.ts"
import { forward } from "./forward.ts"
import { identifyAuthServer } from "./identify-auth-server.ts"
import { identifyOidc } from "./identify-oidc.ts"
import { injectBearer, injectHeader, injectNone, injectToken } from "./inject.ts"

const ofServer: MakeStage<"identify.auth_server"> = (spec, { servers, path }) => {
  const server = servers.get(spec.server)
  return server === undefined
    ? Effect.fail(new PlanUnusable({ path, detail: `there is no server ${spec.server}` }))
    : Effect.succeed(identifyAuthServer(spec, server))
}

const ofProvider: MakeStage<"identify.oidc"> = (spec, { plan, path }) => {
  const provider = plan.providers.find(({ name }) => name === spec.provider)
  return provider === undefined
    ? Effect.fail(new PlanUnusable({ path, detail: `there is no provider ${spec.provider}` }))
    : Effect.succeed(identifyOidc(spec, provider))
}

export const stages: StageMakers = {
  "identify.auth_server": ofServer,
  "identify.oidc": ofProvider,
  "aws.sts": awsSts,
  "aws.sigv4": awsSigV4,
  "inject.bearer": injectBearer,
  "inject.header": injectHeader,
  "inject.token": injectToken,
  "inject.none": injectNone,
  forward,
}
