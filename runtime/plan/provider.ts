/**
 * The providers: where people log in, or whose tokens callers bring.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigMapRef, Name, SecretRef, Url } from "./values.ts"

/** An upstream OpenID provider: people log in there, or it issues the tokens that callers present. */
export const OidcProvider = Schema.Struct({
  name: Name,
  kind: Schema.Literal("oidc"),
  issuer: Url,
  /** Absent when the provider only issues tokens to callers and nobody logs in through us. */
  client: Schema.optionalKey(
    Schema.Struct({
      id: Schema.NonEmptyString,
      secret: Schema.optionalKey(SecretRef),
      scopes: Schema.Array(Schema.NonEmptyString),
    }),
  ),
  /** What the operator declared of its access tokens. `opaque`: nobody but the provider can read them. */
  accessToken: Schema.Struct({
    format: Schema.Literals(["jwt", "opaque"]),
    audience: Schema.optionalKey(Schema.NonEmptyString),
  }),
  /** Where callers' opaque tokens are asked about (RFC 7662). */
  introspection: Schema.optionalKey(
    Schema.Struct({
      url: Url,
      client: Schema.optionalKey(Schema.Struct({ id: Schema.NonEmptyString, secret: SecretRef })),
    }),
  ),
  /** Where its keys are, when not where its metadata says. */
  jwksUrl: Schema.optionalKey(Url),
  /** Certificates (PEM) of authorities, for verifying callers' tokens. Those of the machine when absent. */
  ca: Schema.optionalKey(ConfigMapRef),
  /** JWS algorithms accepted from this issuer, pinned (RFC 8725 section 3.1). */
  algorithms: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** Claims the operator says its tokens carry, for the sandbox's stand-in and for `trace`. */
  claims: Schema.Struct({
    idToken: Schema.Array(Schema.NonEmptyString),
    accessToken: Schema.Array(Schema.NonEmptyString),
    userinfo: Schema.Array(Schema.NonEmptyString),
  }),
})
export type OidcProvider = typeof OidcProvider.Type
