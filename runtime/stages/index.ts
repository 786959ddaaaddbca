/**
 * The stages this runtime has: one constructor a kind of the plan. A kind without one does not type-check.
 *
 * @module
 */
import { Effect } from "effect"
import type { Environment, MakeStage } from "../pipeline/environment.ts"
import type { StageMakers } from "../pipeline/pipeline.ts"
import { possession } from "../resource-server/possession.ts"
import { PlanUnusable } from "../start-failure.ts"
import { awsSigV4 } from "./aws-sigv4.ts"
import { awsSts } from "./aws-sts.ts"
import { clientCredentials } from "./client-credentials.ts"
import { forward } from "./forward.ts"
import { identifyAnonymous } from "./identify-anonymous.ts"
import { identifyAnyOf } from "./identify-any-of.ts"
import { identifyApiKeys } from "./identify-api-keys.ts"
import { identifyAuthServer } from "./identify-auth-server.ts"
import { identifyClientCertificates } from "./identify-client-certificates.ts"
import { identifyOidc, type Verify, verifierOf } from "./identify-oidc.ts"
import { clusterVerifier, identifyServiceAccounts } from "./identify-service-accounts.ts"
import { injectBearer, injectHeader, injectNone, injectToken } from "./inject.ts"
import { jwtBearer } from "./jwt-bearer.ts"
import { obo } from "./obo.ts"
import { tokenExchange } from "./token-exchange.ts"
import { xaa } from "./xaa.ts"

const ofServer: MakeStage<"identify.auth_server"> = (spec, { servers, path, flow }) => {
  const server = servers.get(spec.server)
  return server === undefined
    ? Effect.fail(new PlanUnusable({ path, detail: `there is no server ${spec.server}` }))
    : Effect.succeed(identifyAuthServer(spec, server, possession(flow.resource)))
}

const providerOf = (name: string, { plan, path }: Pick<Environment, "plan" | "path">) => {
  const provider = plan.providers.find((each) => each.name === name)
  return provider?.kind !== "oidc"
    ? Effect.fail(new PlanUnusable({ path, detail: `there is no OpenID provider ${name}` }))
    : Effect.succeed(provider)
}

const ofProvider: MakeStage<"identify.oidc"> = Effect.fn("IdentifyOidc.make")(function* (spec, environment) {
  const provider = yield* providerOf(spec.provider, environment)
  const verify = yield* verifierOf(provider, environment)
  return identifyOidc(spec, provider, verify, possession(environment.flow.resource))
})

const ofCluster: MakeStage<"identify.service_accounts"> = (spec, { env, flow }) =>
  Effect.succeed(identifyServiceAccounts(spec, clusterVerifier(spec.cluster, env), possession(flow.resource)))

const ofAny: MakeStage<"identify.any_of"> = Effect.fn("IdentifyAnyOf.make")(function* (spec, environment) {
  const issuers = new Map<string, Verify>()
  for (const each of spec.issuers) {
    if ("cluster" in each) issuers.set(each.cluster.issuer, clusterVerifier(each.cluster, environment.env))
    else {
      const provider = yield* providerOf(each.provider, environment)
      issuers.set(provider.issuer, yield* verifierOf(provider, environment))
    }
  }
  return identifyAnyOf(spec, issuers, possession(environment.flow.resource))
})

export const stages: StageMakers = {
  "identify.auth_server": ofServer,
  "identify.oidc": ofProvider,
  "identify.any_of": ofAny,
  "identify.service_accounts": ofCluster,
  "identify.api_keys": identifyApiKeys,
  "identify.client_certificates": identifyClientCertificates,
  "identify.anonymous": identifyAnonymous,
  "aws.sts": awsSts,
  "aws.sigv4": awsSigV4,
  token_exchange: tokenExchange,
  obo,
  xaa,
  jwt_bearer: jwtBearer,
  client_credentials: clientCredentials,
  "inject.bearer": injectBearer,
  "inject.header": injectHeader,
  "inject.token": injectToken,
  "inject.none": injectNone,
  forward,
}
