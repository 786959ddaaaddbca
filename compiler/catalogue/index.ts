/**
 * The catalogue: every construct and stage, keyed by kind. Adding one is adding its file here; whatever is keyed by these
 * kinds (each target's lowerings) does not type-check until it knows the new one.
 *
 * @module
 */
import { anyOf, identifyAnyOf } from "./any-of.ts"
import { apiKeys, identifyApiKeys } from "./api-keys.ts"
import { authServer } from "./auth-server.ts"
import { authorizeCedar } from "./authorize-cedar.ts"
import { authorizeHttp } from "./authorize-http.ts"
import { authorizeToolhive } from "./authorize-toolhive.ts"
import { awsSigv4 } from "./aws-sigv4.ts"
import { awsSts } from "./aws-sts.ts"
import { clientCertificates, identifyClientCertificates } from "./client-certificates.ts"
import { clientCredentials } from "./client-credentials.ts"
import type { CheckedStage, StageConstruct } from "./construct.ts"
import { deployToolhive, type ToolHiveDeployment } from "./deploy-toolhive.ts"
import { forward } from "./forward.ts"
import { identifyAuthServer, identifyOidc } from "./identify.ts"
import { identifyAnonymous } from "./identify-anonymous.ts"
import { injectBearer } from "./inject-bearer.ts"
import { injectHeader } from "./inject-header.ts"
import { injectNone } from "./inject-none.ts"
import { injectToken } from "./inject-token.ts"
import { jwtBearer } from "./jwt-bearer.ts"
import { limitToolCalls } from "./limit-tool-calls.ts"
import { oauth2 } from "./oauth2.ts"
import { obo } from "./obo.ts"
import { oidc } from "./oidc.ts"
import { run } from "./run.ts"
import { identifyServiceAccounts, serviceAccounts } from "./service-accounts.ts"
import { tokenExchange } from "./token-exchange.ts"
import { mutate, validate } from "./webhook.ts"
import { xaa } from "./xaa.ts"

/** Kinds of `callers`. One that names others comes after them. */
export const callersKinds = {
  service_accounts: serviceAccounts,
  api_keys: apiKeys,
  client_certificates: clientCertificates,
  any_of: anyOf,
} as const

export const declarations = { oidc, oauth2, auth_server: authServer, ...callersKinds } as const

/** What engines are told, by the name of the engine. */
export const deployments = { toolhive: deployToolhive } as const

export const stages = {
  "identify.auth_server": identifyAuthServer,
  "identify.oidc": identifyOidc,
  "limit.tool_calls": limitToolCalls,
  mutate,
  validate,
  "authorize.cedar": authorizeCedar,
  "authorize.http": authorizeHttp,
  "authorize.toolhive": authorizeToolhive,
  "identify.any_of": identifyAnyOf,
  "identify.service_accounts": identifyServiceAccounts,
  "identify.api_keys": identifyApiKeys,
  "identify.client_certificates": identifyClientCertificates,
  "identify.anonymous": identifyAnonymous,
  "aws.sts": awsSts,
  "aws.sigv4": awsSigv4,
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
  run,
} as const

export type DeclarationKind = keyof typeof declarations
export type StageKind = keyof typeof stages
export type Engine = keyof typeof deployments

/** What is said of a flow to each engine. */
export interface Deployments {
  readonly toolhive: ToolHiveDeployment | undefined
}

/** The checked stage of a kind. */
export type StageOf<K extends StageKind> = {
  [P in K]: (typeof stages)[P] extends StageConstruct<infer Kind, infer T, infer F, infer In, infer Out>
    ? CheckedStage<Kind, T, F, In, Out>
    : never
}[K]

export type { AuthServer, CarriedClaim } from "./auth-server.ts"
export type { Callers } from "./callers.ts"
export type { ToolHiveDeployment } from "./deploy-toolhive.ts"
export type { OAuth2Provider } from "./oauth2.ts"
export type { OidcProvider } from "./oidc.ts"
export type { Provider } from "./provider.ts"
