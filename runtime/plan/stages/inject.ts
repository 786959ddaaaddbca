/**
 * `inject`: what the upstream is shown without an exchange.
 *
 * @module
 */
import { Schema } from "effect"
import { TokenRef } from "../token-ref.ts"
import { SecretRef } from "../values.ts"

/** One bearer token for every caller, from a secret. */
export const InjectBearer = Schema.Struct({ kind: Schema.Literal("inject.bearer"), token: SecretRef })
export type InjectBearer = typeof InjectBearer.Type

/** One header for every caller, its whole value from a secret. */
export const InjectHeader = Schema.Struct({
  kind: Schema.Literal("inject.header"),
  name: Schema.NonEmptyString,
  value: SecretRef,
})
export type InjectHeader = typeof InjectHeader.Type

/** An access token of the caller's login, as it is. `passthrough`: it may be the one the caller came with. */
export const InjectToken = Schema.Struct({
  kind: Schema.Literal("inject.token"),
  token: TokenRef,
  passthrough: Schema.Boolean,
})
export type InjectToken = typeof InjectToken.Type

/** The upstream is shown no credential. */
export const InjectNone = Schema.Struct({ kind: Schema.Literal("inject.none") })
export type InjectNone = typeof InjectNone.Type
