/**
 * `telemetry` of a deployment from the MCPTelemetryConfig that a workload refers to.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import { type Draft, originOf, quoted } from "./draft.ts"
import type { Policy } from "./policy.ts"
import type { Resource } from "./resource.ts"
import { from, map, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** Headers by name: those with values, and those with values from secrets. */
export const headersOf = (
  draft: Draft,
  resource: Resource,
  plain: Tree | undefined,
  secret: Tree | undefined,
  keys: { readonly name: string; readonly ref: string },
): Expression | undefined => {
  const said: Record<string, Expression> = {}
  for (const { key, value } of plain?.kind === "mapping" ? plain.entries : []) {
    const text = draft.text(resource, value)
    if (text !== undefined) said[key] = quoted(text)
  }
  for (const each of secret?.kind === "sequence" ? secret.items : []) {
    const name = draft.text(resource, each, keys.name)
    const value = draft.secret(resource, draft.at(each, keys.ref))
    if (name !== undefined && value !== undefined) said[name.value] = value
  }
  return Object.keys(said).length > 0 ? map(said) : undefined
}

const flag = (draft: Draft, tree: Tree | undefined, ...path: readonly string[]): boolean | undefined => {
  const found = draft.at(tree, ...path)
  if (found?.kind !== "leaf" || typeof found.value !== "boolean") return undefined
  draft.carry(found)
  return found.value
}

const onOff = (value: boolean | undefined): Expression | undefined =>
  value === undefined ? undefined : word(value ? "on" : "off")

const otlp = (draft: Draft, config: Resource, tree: Tree): Expression | undefined => {
  if (flag(draft, tree, "enabled") !== true) return undefined
  const text = (...path: readonly string[]) => {
    const said = draft.text(config, tree, ...path)
    return said && quoted(said)
  }
  const endpoint = text("endpoint")
  if (endpoint === undefined) return undefined
  const ca = {
    config_map: text("caBundleRef", "configMapRef", "name"),
    key: text("caBundleRef", "configMapRef", "key"),
  }
  const attributes = draft.at(tree, "resourceAttributes")
  const traces = flag(draft, tree, "tracing", "enabled")
  const keys = { name: "name", ref: "secretKeyRef" }
  return from(
    originOf(config, tree),
    map({
      endpoint,
      insecure: onOff(flag(draft, tree, "insecure")),
      ca: ca.config_map === undefined ? undefined : map(ca),
      headers: headersOf(draft, config, draft.at(tree, "headers"), draft.at(tree, "sensitiveHeaders"), keys),
      traces: traces === true ? word("on") : undefined,
      sampling: traces === true ? text("tracing", "samplingRate") : undefined,
      metrics: flag(draft, tree, "metrics", "enabled") === true ? word("on") : undefined,
      attributes: headersOf(draft, config, attributes, undefined, keys),
      legacy_attributes: onOff(flag(draft, tree, "useLegacyAttributes")),
    }),
  )
}

export const importTelemetry = (draft: Draft, resource: Resource): Policy | undefined => {
  const reference = draft.at(resource.spec, "telemetryConfigRef")
  const name = draft.text(resource, reference, "name")
  if (reference === undefined || name === undefined) return undefined
  const service = draft.text(resource, reference, "serviceName")
  const config = draft.catalog.find(resource, "MCPTelemetryConfig", name.value)
  const told = config && draft.at(config.spec, "openTelemetry")
  const telemetry = map({
    name: quoted(name),
    service: service && quoted(service),
    otlp: config && told && otlp(draft, config, told),
    prometheus: config && onOff(flag(draft, config.spec, "prometheus", "enabled")),
  })
  return {
    stages: () => [],
    others: config ? [{ resource: config, compiled: () => name.value }] : [],
    deploy: { telemetry: from(originOf(resource, reference), telemetry) },
  }
}
