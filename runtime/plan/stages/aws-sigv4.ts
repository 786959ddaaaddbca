/**
 * `sign aws.sigv4`.
 *
 * @module
 */
import { Schema } from "effect"

/** AWS Signature Version 4 over the request that really leaves. */
export const AwsSigV4 = Schema.Struct({
  kind: Schema.Literal("aws.sigv4"),
  service: Schema.NonEmptyString,
  region: Schema.NonEmptyString,
  /** UNSIGNED-PAYLOAD: the body is no part of the signature, and passes as it comes. Absent: its hash is signed. */
  payload: Schema.optionalKey(Schema.Literal("unsigned")),
  /** A signed body is hashed before it leaves, so it is held in memory: bytes, answered with 413 beyond. */
  maxBody: Schema.Int.check(Schema.isGreaterThan(0)),
})
export type AwsSigV4 = typeof AwsSigV4.Type
