/**
 * Values that many parts of the plan hold.
 *
 * @module
 */
import { Schema } from "effect"

/** How the plan names its parts. */
export const Name = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]*$/))

/** A duration. */
export const Seconds = Schema.Int.check(Schema.isGreaterThan(0))

/** A reference to a secret: `name` and `key` as in a Kubernetes Secret. The value is looked up when the runtime starts. */
export const SecretRef = Schema.Struct({ name: Schema.NonEmptyString, key: Schema.NonEmptyString })
export type SecretRef = typeof SecretRef.Type

/** A file that is no secret: `name` and `key` as in a Kubernetes ConfigMap. Looked up like a secret. */
export const ConfigMapRef = Schema.Struct({ name: Schema.NonEmptyString, key: Schema.NonEmptyString })
export type ConfigMapRef = typeof ConfigMapRef.Type

/** Absolute https URL, or http on a loopback address (RFC 8252 section 7.3; the sandbox runs there). */
export const Url = Schema.String.check(
  Schema.isPattern(/^(https:\/\/[^\s/?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)([/?#]\S*)?$/),
)
