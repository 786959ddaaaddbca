/**
 * Values that Kubernetes and its neighbours give the shape of.
 *
 * @module
 */
import type { ValueType } from "./field.ts"
import { pattern, scalar } from "./values.ts"

/** RFC 1123 label: what a namespace, a Service and most objects can be called. */
export const kubernetesLabel = (what: string): ValueType<string> =>
  pattern(
    what,
    /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "it is at most 63 lower-case letters, digits and `-`, and begins and ends with a letter or digit",
  )

/** RFC 1123 subdomain: what a custom resource or a service account can be called. */
export const kubernetesObject = (what: string): ValueType<string> =>
  pattern(
    what,
    /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "it is lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit",
  )

const PORT = 65_535

/** `host:port`, without a scheme. */
export const address: ValueType<string> = scalar("string", "a host and port (a string)", (value, { span }, scope) => {
  const [, host = "", port = ""] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(value) ?? []
  if (host !== "" && Number(port) >= 1 && Number(port) <= PORT) return value
  const hint = 'it is a host, a colon and a port, such as "redis.mcp.svc:6379"'
  scope.report("AF0312", span, { what: "a host and port", value, hint })
  return undefined
})
