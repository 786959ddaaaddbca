/**
 * `storage = { redis: "host:6379", … }`: where an authorization server keeps its logins, codes and tokens, so that they outlive
 * a restart and several pods share them. One server, a cluster, or a set of sentinels.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { type Fields, optional, required, section, withDefault } from "./field.ts"
import { address, kubernetesLabel } from "./kubernetes.ts"
import { flag, integer } from "./scalars.ts"
import { secret } from "./secret.ts"
import { block, duration, list, text } from "./values.ts"

const MAX_INT32 = 2_147_483_647
const SENTINEL_PORT = 26_379

const tls = block({
  ca: optional(secret, {
    doc: "Certificate (PEM) of the authority that signed the server's. The system's authorities when unsaid.",
    example: 'secret("redis-ca", key: "ca.crt")',
  }),
  verify: withDefault(flag, true, {
    doc: "Whether the server's certificate is verified. Without that, whoever answers is trusted with every token.",
    example: "true",
  }),
})

const timeout = (what: string, example: string) =>
  optional(duration({ min: 1, max: 300 }), { doc: `Time to ${what}.`, example })

export const redisStorage = block({
  redis: optional(address, {
    doc: "Host and port of a Redis server, or of a cluster's configuration endpoint. Either this or `sentinel`.",
    example: '"redis.mcp.svc:6379"',
  }),
  cluster: optional(flag, { doc: "`redis` is a cluster.", example: "true" }),
  sentinel: optional(
    block({
      master: required(text, { doc: "Name of the master the sentinels watch.", example: '"mymaster"' }),
      addresses: optional(list(address, { min: 1 }), {
        doc: "Hosts and ports of the sentinels. Either this or `service`.",
        example: '["sentinel-0.mcp.svc:26379"]',
      }),
      service: optional(
        block({
          name: required(kubernetesLabel("a Service"), {
            doc: "Name of the sentinels' Service.",
            example: '"sentinel"',
          }),
          namespace: optional(kubernetesLabel("a namespace"), {
            doc: "Its namespace. The server's own when unsaid.",
            example: '"redis"',
          }),
          port: withDefault(integer({ min: 1, max: 65_535 }), SENTINEL_PORT, { doc: "Its port.", example: "26379" }),
        }),
        { doc: "The Service of the sentinels.", example: '{ name: "sentinel" }' },
      ),
      db: optional(integer({ min: 0, max: MAX_INT32 }), { doc: "Number of the database.", example: "1" }),
    }),
    {
      doc: "Sentinels that say which server is the master.",
      example: '{ master: "mymaster", service: { name: "sentinel" } }',
    },
  ),
  username: optional(secret, { doc: "Name of the ACL user.", example: 'secret("redis", key: "username")' }),
  password: required(secret, { doc: "Password of the ACL user.", example: 'secret("redis", key: "password")' }),
  tls: optional(tls, {
    doc: "Speaks TLS with the server. Plain TCP when unsaid.",
    example: '{ ca: secret("redis-ca", key: "ca.crt") }',
  }),
  sentinel_tls: optional(tls, { doc: "Speaks TLS with the sentinels.", example: "{ verify: true }" }),
  timeouts: section(
    block({
      dial: timeout("connect", "5s"),
      read: timeout("the answer to a command", "3s"),
      write: timeout("send a command", "3s"),
    }),
    { doc: "How long is waited. 5s to connect and 3s for the rest when unsaid.", example: "{ dial: 5s, read: 3s }" },
  ),
})

export type RedisStorage = Fields<(typeof redisStorage)["fields"]>

/** Whether its fields go together, after reporting. */
export const goesTogether = ({ value, span }: Located<RedisStorage>, scope: Scope): boolean => {
  const { redis, cluster, sentinel, sentinel_tls } = value
  let sound = true
  const report: Scope["report"] = (...problem) => {
    sound = false
    scope.report(...problem)
  }
  if ((redis === undefined) === (sentinel === undefined))
    report("AF0314", sentinel?.span ?? span, { names: ["redis", "sentinel"], both: redis !== undefined })
  if (redis === undefined && cluster !== undefined)
    report("AF0313", cluster.span, {
      name: "cluster",
      why: "a cluster is named by `redis`, and sentinels watch no cluster",
    })
  if (sentinel === undefined && sentinel_tls !== undefined)
    report("AF0313", sentinel_tls.span, { name: "sentinel_tls", why: "there are no sentinels to speak with" })
  if (sentinel) {
    const { addresses, service } = sentinel.value
    if ((addresses === undefined) === (service === undefined))
      report("AF0314", service?.span ?? sentinel.span, {
        names: ["addresses", "service"],
        both: addresses !== undefined,
      })
  }
  return sound
}
