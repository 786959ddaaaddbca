/**
 * `exchange` at token endpoints: OAuth grants that make a token of another one, or of nothing but who we are.
 *
 * @module
 */
import { Schema } from "effect"
import { OAuthClient } from "../oauth-client.ts"
import { TokenRef } from "../token-ref.ts"
import { Url } from "../values.ts"

/** A token of the caller, or the one that the stage before this one made. */
export const Subject = Schema.Union([TokenRef, Schema.Literal("exchanged")])
export type Subject = typeof Subject.Type

/** RFC 8693 section 3, without their common prefix. */
const TokenType = Schema.Literals(["access_token", "id_token", "jwt"])

const Scopes = Schema.Array(Schema.NonEmptyString)

/** OAuth 2.0 Token Exchange (RFC 8693). */
export const TokenExchange = Schema.Struct({
  kind: Schema.Literal("token_exchange"),
  subject: Subject,
  subjectType: TokenType,
  /** Who acts for the subject (section 1.1, delegation). */
  actor: Schema.optionalKey(Schema.Struct({ token: Subject, type: TokenType })),
  endpoint: Url,
  client: Schema.optionalKey(OAuthClient),
  audience: Schema.optionalKey(Schema.NonEmptyString),
  resource: Schema.optionalKey(Schema.NonEmptyString),
  scopes: Scopes,
  requestedType: Schema.optionalKey(TokenType),
  /** Header the new token travels in, as `Bearer …`. */
  header: Schema.NonEmptyString,
})
export type TokenExchange = typeof TokenExchange.Type

/** Entra's on-behalf-of flow. `endpoint` is the tenant's token endpoint. */
export const Obo = Schema.Struct({
  kind: Schema.Literal("obo"),
  subject: Subject,
  endpoint: Url,
  client: OAuthClient,
  scopes: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** Seconds before its end from which the new token is taken as expired. */
  skew: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
})
export type Obo = typeof Obo.Type

/** A token endpoint, and who we are there. */
const Endpoint = Schema.Struct({ endpoint: Url, client: Schema.optionalKey(OAuthClient) })

/** Cross-application access: an ID-JAG of the identity provider, and for that a token of the target's server. */
export const Xaa = Schema.Struct({
  kind: Schema.Literal("xaa"),
  subject: Subject,
  idp: Endpoint,
  target: Endpoint,
  /** Issuer of the target's authorization server. */
  audience: Schema.NonEmptyString,
  resource: Schema.optionalKey(Schema.NonEmptyString),
  scopes: Scopes,
})
export type Xaa = typeof Xaa.Type

/** JWT bearer grant (RFC 7523 section 2.1): the subject is the assertion. */
export const JwtBearer = Schema.Struct({
  kind: Schema.Literal("jwt_bearer"),
  subject: Subject,
  endpoint: Url,
  client: Schema.optionalKey(OAuthClient),
  resource: Schema.optionalKey(Schema.NonEmptyString),
  scopes: Scopes,
})
export type JwtBearer = typeof JwtBearer.Type

/** Client credentials grant (RFC 6749 section 4.4): the token is ours, the same for every caller. */
export const ClientCredentials = Schema.Struct({
  kind: Schema.Literal("client_credentials"),
  endpoint: Url,
  client: OAuthClient,
  audience: Schema.optionalKey(Schema.NonEmptyString),
  resource: Schema.optionalKey(Schema.NonEmptyString),
  scopes: Scopes,
})
export type ClientCredentials = typeof ClientCredentials.Type
