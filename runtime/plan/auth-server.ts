/**
 * The embedded authorization servers.
 *
 * @module
 */
import { Schema } from "effect"
import { RedisStorage } from "./storage.ts"
import { Name, Seconds, SecretRef, Url } from "./values.ts"

/** A claim our own authorization server puts in its tokens, and where it takes it from at login. */
export const CarriedClaim = Schema.Struct({
  claim: Schema.NonEmptyString,
  provider: Name,
  from: Schema.Literals(["id_token", "userinfo"]),
  source: Schema.NonEmptyString,
})
export type CarriedClaim = typeof CarriedClaim.Type

/** A client that the operator has registered. With a secret it is confidential, without one public (PKCE in either case). */
export const KnownClient = Schema.Struct({
  id: Schema.NonEmptyString,
  /** What the consent page calls it. */
  name: Schema.optionalKey(Schema.NonEmptyString),
  redirectUris: Schema.NonEmptyArray(Schema.NonEmptyString),
  secret: Schema.optionalKey(SecretRef),
})
export type KnownClient = typeof KnownClient.Type

/** The embedded authorization server (RFC 6749/OAuth 2.1, RFC 8414). */
export const AuthServer = Schema.Struct({
  name: Name,
  kind: Schema.Literal("auth_server"),
  issuer: Url,
  /** Providers a person logs in at, in this order; the first one is the identity. */
  login: Schema.NonEmptyArray(Name),
  /** Where the upstream providers send the browser back to. */
  redirectUri: Url,
  registration: Schema.Literals(["dynamic", "none"]),
  /** Client ID Metadata Documents are read, and so many kept; `lifetime` where an answer says none. Absent: not read. */
  metadataDocuments: Schema.optionalKey(
    Schema.Struct({ size: Schema.Int.check(Schema.isGreaterThan(0)), lifetime: Seconds }),
  ),
  /** Clients that register may have a secret; those with one of `redirects` have to. Absent: public clients only. */
  confidential: Schema.optionalKey(Schema.Struct({ redirects: Schema.Array(Url) })),
  knownClients: Schema.optionalKey(Schema.Array(KnownClient)),
  tokens: Schema.Struct({ access: Seconds, refresh: Seconds, code: Seconds }),
  claims: Schema.Array(CarriedClaim),
  /** Signing keys (PEM), the first signs, all verify. Empty: an ephemeral ES256 key, only accepted in the sandbox. */
  keys: Schema.Array(SecretRef),
  /** Symmetric keys for cookies and opaque artefacts, newest first. Empty: ephemeral. */
  hmacKeys: Schema.Array(SecretRef),
  /** Absent: where whoever runs the plan says, in a file or in memory. */
  storage: Schema.optionalKey(RedisStorage),
})
export type AuthServer = typeof AuthServer.Type
