/**
 * `identify` of callers that nobody logs in: workloads of a cluster, holders of keys and certificates, tokens of several
 * issuers, and everybody.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigMapRef, Name, SecretRef, Url } from "../values.ts"

/** A Kubernetes cluster as the issuer of its service accounts' tokens. */
export const Cluster = Schema.Struct({
  /** Name of the declaration. */
  name: Name,
  issuer: Url,
  jwksUrl: Schema.optionalKey(Url),
  /** Ask with the pod's own token, and trust the cluster's certificate authority. */
  inCluster: Schema.Boolean,
  algorithms: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** `namespace/name`, or `namespace/*`. Absent: every account. */
  accounts: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
})
export type Cluster = typeof Cluster.Type

/** Requires a token of a Kubernetes service account. */
export const IdentifyServiceAccounts = Schema.Struct({
  kind: Schema.Literal("identify.service_accounts"),
  cluster: Cluster,
  audience: Schema.NonEmptyString,
})
export type IdentifyServiceAccounts = typeof IdentifyServiceAccounts.Type

/** Requires a JWT access token of one of several issuers; `iss` says of which. */
export const IdentifyAnyOf = Schema.Struct({
  kind: Schema.Literal("identify.any_of"),
  /** Name of the declaration, and the issuer of the caller's token in token references. */
  callers: Name,
  issuers: Schema.NonEmptyArray(Schema.Union([Schema.Struct({ provider: Name }), Schema.Struct({ cluster: Cluster })])),
  scopes: Schema.Array(Schema.NonEmptyString),
  audience: Schema.NonEmptyString,
})
export type IdentifyAnyOf = typeof IdentifyAnyOf.Type

/** Requires an API key whose hash is in one of the secrets. */
export const IdentifyApiKeys = Schema.Struct({
  kind: Schema.Literal("identify.api_keys"),
  callers: Name,
  /** As written; `Authorization` carries `Bearer` and the key. */
  header: Schema.NonEmptyString,
  keys: Schema.NonEmptyArray(SecretRef),
})
export type IdentifyApiKeys = typeof IdentifyApiKeys.Type

/** Requires a client certificate that one of the authorities issued. */
export const IdentifyClientCertificates = Schema.Struct({
  kind: Schema.Literal("identify.client_certificates"),
  callers: Name,
  ca: ConfigMapRef,
  subject: Schema.Literals(["common_name", "uri", "dns", "email"]),
  /** Whose word about the certificate is taken, when TLS does not end here. */
  forwarded: Schema.optionalKey(
    Schema.Struct({
      header: Schema.Literals(["client_cert", "xfcc"]),
      /** IP addresses, or ranges of them. */
      proxies: Schema.NonEmptyArray(Schema.NonEmptyString),
    }),
  ),
})
export type IdentifyClientCertificates = typeof IdentifyClientCertificates.Type

/** Lets everybody in. */
export const IdentifyAnonymous = Schema.Struct({ kind: Schema.Literal("identify.anonymous") })
export type IdentifyAnonymous = typeof IdentifyAnonymous.Type
