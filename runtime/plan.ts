/**
 * The runtime plan: what a checked program lowers to, and all that the runtime knows of it.
 *
 * The plan is data (JSON), versioned, self-contained. It holds references to secrets and never their values, so it may be
 * committed, shipped and printed. It is the only thing the compiler and the runtime share. Durations are whole seconds,
 * URLs are absolute, every name a stage refers to (`provider`, `server`) is declared in the same plan.
 *
 * Its parts are in the files of plan/, one file a stage in plan/stages/.
 *
 * @module
 */
import { Schema } from "effect"
import { AuthServer } from "./plan/auth-server.ts"
import { Provider } from "./plan/provider.ts"
import { AwsSigV4 } from "./plan/stages/aws-sigv4.ts"
import { AwsSts } from "./plan/stages/aws-sts.ts"
import { ClientCredentials, JwtBearer, Obo, TokenExchange, Xaa } from "./plan/stages/exchange.ts"
import { Forward } from "./plan/stages/forward.ts"
import { IdentifyAuthServer, IdentifyOidc } from "./plan/stages/identify.ts"
import {
  IdentifyAnonymous,
  IdentifyAnyOf,
  IdentifyApiKeys,
  IdentifyClientCertificates,
  IdentifyServiceAccounts,
} from "./plan/stages/identify-callers.ts"
import { InjectBearer, InjectHeader, InjectNone, InjectToken } from "./plan/stages/inject.ts"
import { Name, Url } from "./plan/values.ts"

export * from "./plan/auth-server.ts"
export * from "./plan/oauth-client.ts"
export * from "./plan/provider.ts"
export * from "./plan/role-rules.ts"
export * from "./plan/stages/aws-sigv4.ts"
export * from "./plan/stages/aws-sts.ts"
export * from "./plan/stages/exchange.ts"
export * from "./plan/stages/forward.ts"
export * from "./plan/stages/identify.ts"
export * from "./plan/stages/identify-callers.ts"
export * from "./plan/stages/inject.ts"
export * from "./plan/storage.ts"
export * from "./plan/token-ref.ts"
export * from "./plan/values.ts"

/** The version this runtime reads. A plan of another version is refused at load, never guessed at. */
export const PLAN_VERSION = 1

/** One stage. `kind` selects the file in runtime/stages. */
export const Stage = Schema.Union([
  IdentifyAuthServer,
  IdentifyOidc,
  IdentifyAnyOf,
  IdentifyServiceAccounts,
  IdentifyApiKeys,
  IdentifyClientCertificates,
  IdentifyAnonymous,
  AwsSts,
  AwsSigV4,
  TokenExchange,
  Obo,
  Xaa,
  JwtBearer,
  ClientCredentials,
  InjectBearer,
  InjectHeader,
  InjectToken,
  InjectNone,
  Forward,
])
export type Stage = typeof Stage.Type

/** One protected resource: the way a request takes from the caller to the upstream. */
export const Flow = Schema.Struct({
  name: Name,
  /** The public URL clients call; also the RFC 8707 resource and RFC 9728 identifier. */
  resource: Url,
  stages: Schema.NonEmptyArray(Stage),
})
export type Flow = typeof Flow.Type

export const Plan = Schema.Struct({
  version: Schema.Literal(PLAN_VERSION),
  /** The file it was compiled from, as the user named it. */
  source: Schema.String,
  providers: Schema.Array(Provider),
  servers: Schema.Array(AuthServer),
  flows: Schema.NonEmptyArray(Flow),
})
export type Plan = typeof Plan.Type
