/**
 * `deploy toolhive { … }` from the fields of a workload that say where and how it runs: those the language has words for, and
 * the rest as it stands.
 *
 * @module
 */
import type { Expression, Stage } from "../../../../grammar/ast.ts"
import { deployments } from "../../../catalogue/index.ts"
import { type Draft, originOf, quoted } from "./draft.ts"
import { carryAll } from "./json.ts"
import type { Resource } from "./resource.ts"
import { shapes } from "./shapes/index.ts"
import { call, from, list, map, number, stage, string, word } from "./syntax.ts"
import { type Tree, type TreeEntry, textOf, valueAt } from "./tree.ts"
import type { Workload } from "./workload.ts"

/** How a field of the workload's `spec` is said in words; `undefined` where it cannot be. */
type Say = (draft: Draft, resource: Resource, tree: Tree) => Expression | undefined

const integer: Say = (draft, resource, tree) => {
  const said = draft.number(resource, tree)
  return said && from(said.origin, number(said.value))
}

const flag: Say = (draft, resource, tree) => {
  if (tree.kind !== "leaf" || typeof tree.value !== "boolean") return undefined
  draft.carry(tree)
  return from(originOf(resource, tree), word(String(tree.value)))
}

const text: Say = (draft, resource, tree) => {
  const said = draft.text(resource, tree)
  return said && quoted(said)
}

const choice =
  (values: Readonly<Record<string, string>>): Say =>
  (draft, resource, tree) => {
    const value = values[textOf(tree) ?? ""]
    if (value === undefined) return undefined
    draft.carry(tree)
    return from(originOf(resource, tree), word(value))
  }

const inner =
  (key: string, say: Say): Say =>
  (draft, resource, tree) => {
    const value = draft.at(tree, key)
    return value && say(draft, resource, value)
  }

const sessionStorage: Say = (draft, resource, tree) => {
  if (draft.peek(resource, tree, "provider")?.value !== "redis") return undefined
  const address = draft.text(resource, tree, "address")
  if (address === undefined) return undefined
  draft.text(resource, tree, "provider")
  const part = (key: string, say: Say) => inner(key, say)(draft, resource, tree)
  return map({
    redis: quoted(address),
    db: part("db", integer),
    key_prefix: part("keyPrefix", text),
    password: draft.secret(resource, draft.at(tree, "passwordRef")),
  })
}

interface Word {
  readonly field: string
  readonly say: Say
}

/** By the field of the proxy. */
const words: Readonly<Record<string, Word>> = {
  replicas: { field: "replicas", say: integer },
  sessionStorage: { field: "session_storage", say: sessionStorage },
  sessionAffinity: { field: "session_affinity", say: choice({ None: "none", ClientIP: "client_ip" }) },
  transport: { field: "transport", say: choice({ sse: "sse", "streamable-http": "streamable_http" }) },
  proxyPort: { field: "proxy_port", say: integer },
  allowPrivateEndpoint: { field: "allow_private_endpoint", say: flag },
  trustProxyHeaders: { field: "trust_proxy_headers", say: flag },
  audit: { field: "audit", say: inner("enabled", flag) },
  serviceAccount: { field: "service_account", say: text },
  groupRef: { field: "group", say: inner("name", text) },
  toolConfigRef: { field: "tools", say: inner("name", text) },
}

/** Of a virtual server's own fields the language has words for these; its group is a part of the flow. */
const VIRTUAL: ReadonlySet<string> = new Set(["replicas", "sessionStorage", "sessionAffinity", "serviceAccount"])
/** Of its entry's fields. */
const ENTRY: ReadonlySet<string> = new Set(["transport", "allowPrivateEndpoint"])

/** What the flow's stages and the names of their objects say, or nobody does. */
const STAGES: ReadonlySet<string> = new Set([
  "image",
  "args",
  "env",
  "secrets",
  "mcpPort",
  "proxyMode",
  "authzConfig",
  "authzConfigRef",
  "rateLimiting",
  "webhookConfigRef",
  "telemetryConfigRef",
  "headerForward",
  "remoteUrl",
  "oidcConfigRef",
  "externalAuthConfigRef",
  "authServerRef",
  "authServerConfig",
  "incomingAuth",
  "outgoingAuth",
])

/** The value is what ToolHive takes when it is not said, or what the target writes anyway. */
const isUsual = ({ resource, server }: Workload, { key, value }: TreeEntry): boolean => {
  if (value.kind !== "leaf") return false
  if (key === "replicas") return server !== undefined && value.value === 1
  if (key === "transport") return value.value === "streamable-http"
  const shape = shapes[resource.kind]
  const field = "fields" in shape ? shape.fields[key] : undefined
  return field !== undefined && "scalar" in field && field.fallback === value.value
}

const SECRET_REF = /secret(?:Key)?Ref$/i

/** The value as it stands; `undefined` where the language has no such value. */
const verbatim = (tree: Tree, key: string): Expression | undefined => {
  if (tree.kind === "leaf") {
    if (typeof tree.value === "string") return string(tree.value)
    if (typeof tree.value === "number") return Number.isSafeInteger(tree.value) ? number(tree.value) : undefined
    return tree.value === null ? undefined : word(String(tree.value))
  }
  if (tree.kind === "sequence") {
    const items = tree.items.map((item) => verbatim(item, key))
    return items.every((item) => item !== undefined) ? list(items) : undefined
  }
  const [name, inside] = [textOf(valueAt(tree, "name")), textOf(valueAt(tree, "key"))]
  if (SECRET_REF.test(key) && tree.entries.length === 2 && name !== undefined && inside !== undefined) {
    return call("secret", { value: string(name) }, { name: "key", value: string(inside) })
  }
  const entries = tree.entries
    .filter(({ value }) => value.kind !== "leaf" || value.value !== null)
    .map((entry) => [entry.key, verbatim(entry.value, entry.key)] as const)
  return entries.every(([, value]) => value !== undefined) ? map(Object.fromEntries(entries)) : undefined
}

const asItStands = (draft: Draft, resource: Resource, { key, value }: TreeEntry): Expression | undefined => {
  if (draft.at(value) === undefined) return undefined
  // How tools are put together is what the target says of a server with one upstream; limits are a stage.
  const kept: Tree =
    key === "config" && value.kind === "mapping"
      ? { ...value, entries: value.entries.filter((entry) => !["aggregation", "rateLimiting"].includes(entry.key)) }
      : value
  if (kept.kind === "mapping" && kept.entries.length === 0 && kept !== value) return undefined
  const expression = verbatim(kept, key)
  if (expression !== undefined) carryAll(draft, kept)
  return expression && from(originOf(resource, value), expression)
}

/** What the workload says of its deployment; `undefined` when that is nothing. */
export const deploymentOf = (
  draft: Draft,
  workload: Workload,
  names: Readonly<Record<string, Expression>>,
): Stage | undefined => {
  const { resource, remote } = workload
  const isVirtual = resource.kind === "VirtualMCPServer"
  if (!Object.hasOwn(deployments, "toolhive")) return undefined
  const said: Record<string, Expression> = {}
  const rest: Record<string, Expression> = {}
  const privately = draft.at(workload.oidc?.spec, "inline", "jwksAllowPrivateIP")
  const allowed = workload.oidc && privately && flag(draft, workload.oidc, privately)
  if (allowed && privately.kind === "leaf" && privately.value === true) said["allow_private_issuer"] = allowed
  const namespace = draft.text(resource, resource.tree, "metadata", "namespace")
  if (namespace !== undefined) said["namespace"] = quoted(namespace)
  const entriesOf = ({ spec }: Resource) => (spec.kind === "mapping" ? spec.entries : [])
  const inWords = (from: Resource, entry: TreeEntry, allowed: (key: string) => boolean): boolean => {
    const known = allowed(entry.key) ? words[entry.key] : undefined
    const expression = known && draft.at(entry.value) && known.say(draft, from, entry.value)
    if (known !== undefined && expression !== undefined) said[known.field] = expression
    return known !== undefined
  }
  for (const entry of entriesOf(resource)) {
    // How MCP is spoken with a container is what `run` says.
    if (entry.key === "transport" && resource.kind === "MCPServer") continue
    if (STAGES.has(entry.key) || draft.isUseless(entry.value) || isUsual(workload, entry)) continue
    if (inWords(resource, entry, (key) => !isVirtual || VIRTUAL.has(key)) || (isVirtual && entry.key === "groupRef"))
      continue
    const expression = asItStands(draft, resource, entry)
    if (expression !== undefined) rest[entry.key] = expression
  }
  Object.assign(said, names)
  for (const entry of remote === resource ? [] : entriesOf(remote)) {
    if (!isUsual({ ...workload, resource: remote }, entry)) inWords(remote, entry, (key) => ENTRY.has(key))
  }
  const isEmpty = Object.keys(said).length === 0 && Object.keys(rest).length === 0
  if (isEmpty) return undefined
  const spec = Object.keys(rest).length > 0 ? map(rest) : undefined
  return from(
    { file: resource.file, span: resource.span },
    stage("deploy", word("toolhive"), { ...said, ...(spec && { spec }) }),
  )
}
