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

/** A confidential client that exchanges tokens of people for its own use (RFC 8693), within these bounds. */
export const DelegateClient = Schema.Struct({
  id: Schema.NonEmptyString,
  secret: SecretRef,
  scopes: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** Resources (RFC 8707) it may ask for. */
  audiences: Schema.NonEmptyArray(Url),
})
export type DelegateClient = typeof DelegateClient.Type

/** An outside issuer whose tokens are taken in exchange for ours. */
export const TrustedIssuer = Schema.Struct({
  /** `iss`, exactly. */
  issuer: Url,
  /** Its key set; by its metadata where absent. */
  jwks: Schema.optionalKey(Url),
  /** It is on a private network. Otherwise nothing but public addresses is asked for its keys. */
  privateNetwork: Schema.Boolean,
  /** RFC 8693: its tokens for this audience may be exchanged. */
  delegation: Schema.optionalKey(
    Schema.Struct({
      audience: Schema.NonEmptyString,
      /** Delegate clients that may; `*` for all of them. */
      delegates: Schema.NonEmptyArray(Schema.NonEmptyString),
      /** The claim that says whom it was issued to, and who that may be. */
      actorClaim: Schema.NonEmptyString,
      actors: Schema.Array(Schema.NonEmptyString),
      /** CEL over `claims`: any other that may. */
      actorMatches: Schema.optionalKey(Schema.NonEmptyString),
      /** Its `may_act` may name the delegate. */
      mayAct: Schema.Boolean,
    }),
  ),
  /** RFC 7523: assertions of these subjects are taken for access to these resources, with no client involved. */
  assertions: Schema.optionalKey(
    Schema.Struct({
      /** Of `exp` less `iat`. */
      maxAge: Seconds,
      /** `aud`; the token endpoint where empty. */
      audiences: Schema.Array(Url),
      subjects: Schema.NonEmptyArray(
        Schema.Struct({ subject: Schema.NonEmptyString, resources: Schema.NonEmptyArray(Url) }),
      ),
    }),
  ),
  /** draft-ietf-oauth-identity-assertion-authz-grant: ID-JAGs that these delegate clients bring; `*` for all of them. */
  idJag: Schema.optionalKey(Schema.Struct({ clients: Schema.NonEmptyArray(Schema.NonEmptyString), maxAge: Seconds })),
})
export type TrustedIssuer = typeof TrustedIssuer.Type

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
  delegates: Schema.optionalKey(Schema.Array(DelegateClient)),
  trustedIssuers: Schema.optionalKey(Schema.Array(TrustedIssuer)),
  tokens: Schema.Struct({ access: Seconds, refresh: Seconds, code: Seconds, delegated: Schema.optionalKey(Seconds) }),
  claims: Schema.Array(CarriedClaim),
  /** Signing keys (PEM), the first signs, all verify. Empty: an ephemeral ES256 key, only accepted in the sandbox. */
  keys: Schema.Array(SecretRef),
  /** Symmetric keys for cookies and opaque artefacts, newest first. Empty: ephemeral. */
  hmacKeys: Schema.Array(SecretRef),
  /** Absent: where whoever runs the plan says, in a file or in memory. */
  storage: Schema.optionalKey(RedisStorage),
})
export type AuthServer = typeof AuthServer.Type
