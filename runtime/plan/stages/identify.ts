/**
 * `identify`: who may call.
 *
 * @module
 */
import { Schema } from "effect"
import { Name } from "../values.ts"

/** Requires a bearer access token issued by one of our own authorization servers for this flow's resource. */
export const IdentifyAuthServer = Schema.Struct({
  kind: Schema.Literal("identify.auth_server"),
  server: Name,
  scopes: Schema.Array(Schema.NonEmptyString),
  audience: Schema.NonEmptyString,
})
export type IdentifyAuthServer = typeof IdentifyAuthServer.Type

/** Requires a bearer JWT access token (RFC 9068 shape where offered) of an outside issuer. */
export const IdentifyOidc = Schema.Struct({
  kind: Schema.Literal("identify.oidc"),
  provider: Name,
  scopes: Schema.Array(Schema.NonEmptyString),
  audience: Schema.NonEmptyString,
})
export type IdentifyOidc = typeof IdentifyOidc.Type
