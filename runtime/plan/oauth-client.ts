/**
 * Who we are at a token endpoint (RFC 6749 section 2.3).
 *
 * @module
 */
import { Schema } from "effect"
import { SecretRef } from "./values.ts"

/** A client of ours. Without a `secret` it is a public one; `private_key_jwt` signs with a key in PEM (RFC 7523 section 2.2). */
export const OAuthClient = Schema.Struct({
  id: Schema.NonEmptyString,
  authentication: Schema.Literals(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]),
  secret: Schema.optionalKey(SecretRef),
})
export type OAuthClient = typeof OAuthClient.Type
