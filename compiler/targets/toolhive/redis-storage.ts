/**
 * Where an embedded authorization server keeps its state, as `embeddedAuthServer.storage`.
 *
 * @module
 */
import type { RedisStorage } from "../../catalogue/redis-storage.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import { goDuration } from "./go-duration.ts"
import { field, type Mapping, mapping } from "./manifest.ts"
import { secretRef } from "./secret-ref.ts"

const tlsOf = (tls: RedisStorage["tls"]): Mapping | undefined =>
  tls &&
  mapping(
    field("caCertSecretRef", tls.value.ca && secretRef(tls.value.ca.value)),
    field("insecureSkipVerify", tls.value.verify.value ? undefined : true),
  )

const sentinelOf = (sentinel: RedisStorage["sentinel"]): Mapping | undefined => {
  if (sentinel === undefined) return undefined
  const { master, addresses, service, db } = sentinel.value
  return mapping(
    field("masterName", master.value),
    field(
      "sentinelAddrs",
      addresses?.value.map(({ value }) => value),
    ),
    field(
      "sentinelService",
      service &&
        mapping(
          field("name", service.value.name.value),
          field("namespace", service.value.namespace?.value),
          field("port", service.value.port.value),
        ),
    ),
    field("db", db?.value),
  )
}

const seconds = (duration: { readonly value: number } | undefined) => duration && goDuration(duration.value)

export const redisStorage = (storage: RedisStorage): Mapping => {
  const { redis, cluster, sentinel, username, password, tls, sentinel_tls, timeouts } = storage
  return mapping(
    field("type", "redis"),
    field(
      "redis",
      mapping(
        field("addr", redis?.value),
        field("clusterMode", cluster?.value),
        field("sentinelConfig", sentinelOf(sentinel)),
        field(
          "aclUserConfig",
          mapping(
            field("usernameSecretRef", username && secretRef(username.value)),
            field("passwordSecretRef", secretRef(password.value)),
          ),
        ),
        field("tls", tlsOf(tls)),
        field("sentinelTls", tlsOf(sentinel_tls)),
        field("dialTimeout", seconds(timeouts.value.dial)),
        field("readTimeout", seconds(timeouts.value.read)),
        field("writeTimeout", seconds(timeouts.value.write)),
      ),
    ),
  )
}

/** The secrets it refers to. */
export const storageSecrets = ({ username, password, tls, sentinel_tls }: RedisStorage): readonly SecretRef[] =>
  [username, password, tls?.value.ca, sentinel_tls?.value.ca].flatMap((each) => (each ? [each.value] : []))
