/**
 * Where an authorization server keeps its state, when the plan says so: otherwise whoever runs the plan says.
 *
 * @module
 */
import { Schema } from "effect"
import { Seconds, SecretRef } from "./values.ts"

/** `host:port`; an IPv6 address in brackets. */
const HostPort = Schema.String.check(Schema.isPattern(/^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/))

/** `verify: false` trusts whoever answers. Without `ca` the system's authorities are trusted. */
const Tls = Schema.Struct({ verify: Schema.Boolean, ca: Schema.optionalKey(SecretRef) })

/** Redis or Valkey, 6 or newer. */
export const RedisStorage = Schema.Struct({
  kind: Schema.Literal("redis"),
  /** One server, a node to find a cluster by, or the sentinels that say which server is the master. */
  server: Schema.Union([
    Schema.Struct({ kind: Schema.Literals(["single", "cluster"]), address: HostPort }),
    Schema.Struct({
      kind: Schema.Literal("sentinel"),
      master: Schema.NonEmptyString,
      addresses: Schema.NonEmptyArray(HostPort),
      database: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
      tls: Schema.optionalKey(Tls),
    }),
  ]),
  username: Schema.optionalKey(SecretRef),
  password: SecretRef,
  tls: Schema.optionalKey(Tls),
  timeouts: Schema.Struct({ dial: Seconds, read: Seconds, write: Seconds }),
})
export type RedisStorage = typeof RedisStorage.Type

/** The secrets it refers to. */
export const storageSecrets = ({ server, username, password, tls }: RedisStorage): readonly SecretRef[] =>
  [username, password, tls?.ca, server.kind === "sentinel" ? server.tls?.ca : undefined].filter(
    (ref) => ref !== undefined,
  )
