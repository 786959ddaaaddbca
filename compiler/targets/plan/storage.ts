/** Lowers where an authorization server keeps its state. */
import type * as Plan from "../../../runtime/plan.ts"
import type { AuthServer } from "../../catalogue/auth-server.ts"
import type { RedisStorage } from "../../catalogue/redis-storage.ts"
import type { Report } from "../../diagnostics/report.ts"
import { values } from "../../source/source.ts"

/** Seconds, as ToolHive has them. */
const DIAL = 5
const ANSWER = 3

export const lowerStorage = (storage: RedisStorage): Plan.RedisStorage => {
  const { username, password, tls, timeouts } = storage
  const { dial, read, write } = timeouts.value
  return {
    kind: "redis",
    server: serverOf(storage),
    ...(username && { username: username.value }),
    password: password.value,
    ...(tls && { tls: lowerTls(tls.value) }),
    timeouts: { dial: dial?.value ?? DIAL, read: read?.value ?? ANSWER, write: write?.value ?? ANSWER },
  }
}

const serverOf = ({ redis, cluster, sentinel, sentinel_tls }: RedisStorage): Plan.RedisStorage["server"] => {
  if (sentinel === undefined) {
    return { kind: cluster?.value === true ? "cluster" : "single", address: redis?.value ?? "" }
  }
  const { master, addresses, service, db } = sentinel.value
  const [first, ...others] = addresses ? values(addresses) : service ? [addressOf(service.value)] : []
  return {
    kind: "sentinel",
    master: master.value,
    // The checker has seen to one of the two.
    addresses: [first ?? "", ...others],
    database: db?.value ?? 0,
    ...(sentinel_tls && { tls: lowerTls(sentinel_tls.value) }),
  }
}

/** The name of a Service, as the DNS of its cluster has it. */
const addressOf = ({
  name,
  namespace,
  port,
}: NonNullable<NonNullable<RedisStorage["sentinel"]>["value"]["service"]>["value"]) =>
  `${name.value}${namespace ? `.${namespace.value}.svc` : ""}:${port.value}`

const lowerTls = ({
  ca,
  verify,
}: NonNullable<RedisStorage["tls"]>["value"]): NonNullable<Plan.RedisStorage["tls"]> => ({
  verify: verify.value,
  ...(ca && { ca: ca.value }),
})

/** Reports what has to be shared beside the state, and is not. */
export const checkShared = ({ fields }: AuthServer, report: Report): void => {
  const { storage, hmac_keys, keys } = fields
  if (storage === undefined) return
  if (hmac_keys.value.length === 0) report("AF1501", storage.span, { field: "hmac_keys" })
  if (keys.value.length === 0) report("AF1501", storage.span, { field: "keys" })
}
