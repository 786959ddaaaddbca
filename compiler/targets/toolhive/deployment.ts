/**
 * What `deploy toolhive` says, put into the objects that carry the flow: a field of ours becomes the operator's own, and
 * `spec` is put beside what authflow writes, never over it.
 *
 * @module
 */
import type { ToolHiveDeployment } from "../../catalogue/index.ts"
import { isVerbatimMap, type Verbatim, type VerbatimMap } from "../../catalogue/verbatim.ts"
import type { Flow } from "../../check/program.ts"
import type { Located } from "../../source/source.ts"
import type { Carrier } from "./carrier.ts"
import type { Context } from "./context.ts"
import { PROXY_PORT, VIRTUAL_PORT } from "./engine.ts"
import { type Field, field, isMapping, type Manifest, type Mapping, mapping, put, type Value } from "./manifest.ts"
import { secretRef } from "./secret-ref.ts"

type Words = ToolHiveDeployment["fields"]
type Word = Exclude<
  keyof Words,
  "namespace" | "kind" | "enterprise" | "authz_config" | "webhook_config" | "telemetry" | "spec"
>
type Kind = Carrier["kind"]

/**
 * Where a word goes: a field of the object that carries the flow, of the virtual server's entry for the upstream, or of what is
 * said inline of the issuer of callers' tokens.
 */
interface Place {
  readonly on: "carrier" | "entry" | "issuer"
  readonly key: string
}

const carrier = (key: string): Place => ({ on: "carrier", key })
const entry = (key: string): Place => ({ on: "entry", key })
const everywhere = (key: string) => ({
  MCPServer: carrier(key),
  MCPRemoteProxy: carrier(key),
  VirtualMCPServer: carrier(key),
})
const onProxies = (key: string) => ({
  ...everywhere(key),
  VirtualMCPServer: undefined,
})
const issuer = (key: string): Place => ({ on: "issuer", key })

/**
 * Fields of MCPServerSpec, MCPRemoteProxySpec, VirtualMCPServerSpec and MCPServerEntrySpec (cmd/thv-operator/api/v1beta1). A kind without a
 * place has nothing like it. A virtual server's group is its own, made by authflow.
 */
const places: Readonly<Record<Word, Readonly<Record<Kind, Place | undefined>>>> = {
  replicas: everywhere("replicas"),
  session_storage: everywhere("sessionStorage"),
  session_affinity: everywhere("sessionAffinity"),
  transport: { MCPServer: undefined, MCPRemoteProxy: carrier("transport"), VirtualMCPServer: entry("transport") },
  proxy_port: onProxies("proxyPort"),
  allow_private_endpoint: {
    MCPServer: undefined,
    MCPRemoteProxy: carrier("allowPrivateEndpoint"),
    VirtualMCPServer: entry("allowPrivateEndpoint"),
  },
  allow_private_issuer: {
    MCPServer: issuer("jwksAllowPrivateIP"),
    MCPRemoteProxy: issuer("jwksAllowPrivateIP"),
    VirtualMCPServer: issuer("jwksAllowPrivateIP"),
  },
  trust_proxy_headers: onProxies("trustProxyHeaders"),
  audit: { MCPServer: carrier("audit"), MCPRemoteProxy: carrier("audit"), VirtualMCPServer: carrier("config") },
  service_account: everywhere("serviceAccount"),
  group: onProxies("groupRef"),
  tools: onProxies("toolConfigRef"),
}

const words = Object.keys(places) as readonly Word[]

/** Fields that say who gets in and what the upstream is shown: the flow's own stages say it, or nothing does. */
const OWN: ReadonlySet<string> = new Set([
  "image",
  "remoteUrl",
  "oidcConfig",
  "oidcConfigRef",
  "externalAuthConfigRef",
  "authServerRef",
  "authServerConfig",
  "incomingAuth",
  "outgoingAuth",
])

const named = (name: string): Mapping => mapping(field("name", name))

/** Fields that a word or stage of its own says. */
const SAID: Readonly<Record<string, string>> = {
  authzConfig: "authorize",
  authzConfigRef: "authorize",
  rateLimiting: "limit tool_calls",
  webhookConfigRef: "validate` and `mutate",
  headerForward: "headers` of `forward",
  telemetryConfigRef: "telemetry",
  args: "args` of `run",
  env: "env` of `run",
  secrets: "env` of `run",
  mcpPort: "port` of `run",
  proxyMode: "clients` of `run",
}

/** A word's value as the operator has it; `undefined` where it was not said. */
const lowered = (word: Word, said: Words, kind: Kind): Value | undefined => {
  switch (word) {
    case "session_storage": {
      const storage = said.session_storage?.value
      return (
        storage &&
        mapping(
          field("provider", "redis"),
          field("address", storage.redis.value),
          field("db", storage.db?.value),
          field("keyPrefix", storage.key_prefix?.value),
          field("passwordRef", storage.password && secretRef(storage.password.value)),
        )
      )
    }
    case "session_affinity":
      return said.session_affinity && (said.session_affinity.value === "none" ? "None" : "ClientIP")
    case "transport":
      return said.transport?.value.replace("_", "-")
    case "audit": {
      if (said.audit === undefined) return undefined
      const enabled = mapping(field("enabled", said.audit.value))
      return kind === "VirtualMCPServer" ? mapping(field("audit", enabled)) : enabled
    }
    case "group":
    case "tools":
      return said[word] && named(said[word].value)
    default:
      return said[word]?.value
  }
}

const verbatimValue = (value: Verbatim): Value => {
  if (typeof value !== "object") return value
  if (!isVerbatimMap(value)) return value.map(verbatimValue)
  return { fields: [...value.entries].flatMap(([key, { value: inner }]) => field(key, verbatimValue(inner))) }
}

/** The first field of `spec` that authflow writes, says or refuses to have said otherwise, if any is. */
const collision = (
  { entries }: VerbatimMap,
  there: readonly Field[],
  path: string,
): { readonly at: Located<Verbatim>; readonly path: string } | undefined => {
  for (const [key, value] of entries) {
    const own = there.find((each) => each.key === key)
    if (own === undefined) continue
    const inner =
      isMapping(own.value) && isVerbatimMap(value.value)
        ? collision(value.value, own.value.fields, `${path}.${key}`)
        : { at: value, path: `${path}.${key}` }
    if (inner !== undefined) return inner
  }
  return undefined
}

const putVerbatim = (
  spec: Located<VerbatimMap>,
  carried: readonly Field[],
  kind: Kind,
  { report, origin }: Context,
) => {
  let sound = true
  for (const [key, { span }] of spec.value.entries) {
    const word = words.find((each) => places[each][kind]?.on === "carrier" && places[each][kind]?.key === key)
    // A virtual server's `config` is the whole of its configuration, and audit is only a part of it.
    const instead = word === "audit" && kind === "VirtualMCPServer" ? undefined : (word ?? SAID[key])
    if (instead === undefined && !OWN.has(key)) continue
    sound = false
    report("AF0831", span, { field: `spec.${key}`, instead })
  }
  const config = spec.value.entries.get("config")?.value
  const limits = config !== undefined && isVerbatimMap(config) ? config.entries.get("rateLimiting") : undefined
  if (limits !== undefined && kind === "VirtualMCPServer") {
    sound = false
    report("AF0831", limits.span, {
      field: "spec.config.rateLimiting",
      instead: SAID["rateLimiting"],
    })
  }
  const met = sound ? collision(spec.value, carried, "spec") : undefined
  if (met) report("AF0831", met.at.span, { field: met.path, instead: undefined })
  if (!sound || met) return carried
  report("AF0832", spec.span, { kind })
  const [first, ...rest] = [...spec.value.entries].flatMap(([key, { value }]) => field(key, verbatimValue(value)))
  const remarked = first && { ...first, comment: `${origin(spec.span)}, as it stands there` }
  return remarked ? put(carried, [remarked, ...rest]) : carried
}

/** Why several pods would not be one: what each of them has to itself. */
const apart = (flow: Flow, said: Words): readonly string[] => {
  const [identify] = flow.stages
  const server = identify.kind === "identify.auth_server" ? identify.operand.value : undefined
  return [
    ...(said.session_storage ? [] : ["MCP sessions, without `session_storage`"]),
    ...(server && !server.fields.storage ? [`logins and tokens of \`${server.name.value}\``] : []),
    ...(server && server.fields.keys.value.length === 0 ? [`signing keys of \`${server.name.value}\``] : []),
  ]
}

const whyOf = (flow: Flow, carrier: Carrier, asked: Kind): string => {
  if (carrier.kind === "MCPServer") return "the flow ends in `run`, and the others run no container"
  if (asked === "MCPServer") return `it runs a container, and the flow ends in \`${flow.stages.at(-1)?.kind}\``
  return carrier.kind === "VirtualMCPServer"
    ? carrier.why
    : "ToolHive has what the flow shows its upstream nowhere else"
}

/** Names of objects that no flow makes. */
const refuseIdleNames = (
  { stages }: Flow,
  said: Words,
  { program, report }: Pick<Context, "program" | "report">,
): void => {
  const makers = {
    authz_config: ["authorize.cedar", "authorize.http"],
    webhook_config: ["validate", "mutate"],
  } as const
  for (const name of ["authz_config", "webhook_config"] as const) {
    const { span } = said[name] ?? {}
    const kinds: readonly string[] = makers[name]
    const isMade = program.flows.some(
      (flow) =>
        flow.deployed.toolhive?.fields[name]?.span === span && flow.stages.some(({ kind }) => kinds.includes(kind)),
    )
    if (span !== undefined && !isMade && !stages.some(({ kind }) => kinds.includes(kind)))
      report("AF1339", span, { name, stage: kinds.map((kind) => kind.replace(".", " ")).join("` or `") })
  }
}

const refuse = (flow: Flow, carrier: Carrier, said: Words, { report, program }: Context): void => {
  const { kind, replicas } = said
  if (kind !== undefined && kind.value !== carrier.kind) {
    const why = whyOf(flow, carrier, kind.value)
    report("AF0835", kind.span, { asked: kind.value, kind: carrier.kind, why })
  }
  for (const word of words) {
    const value = said[word]
    if (value !== undefined && places[word][carrier.kind] === undefined)
      report("AF0834", value.span, { field: word, kind: carrier.kind })
  }
  refuseIdleNames(flow, said, { program, report })
  const outside = flow.stages[0].kind === "identify.oidc" || flow.stages[0].kind === "identify.auth_server"
  if (said.allow_private_issuer !== undefined && !outside)
    report("AF0834", said.allow_private_issuer.span, { field: "allow_private_issuer", kind: "flow without an issuer" })
  const own = apart(flow, said)
  if (replicas !== undefined && replicas.value > 1 && own.length > 0)
    report("AF0833", replicas.span, { replicas: replicas.value, own })
}

/** The flow's objects, with what its deployment says of them. `manifests` are each after those they refer to. */
export const deploy = (
  flow: Flow,
  carrier: Carrier,
  manifests: readonly Manifest[],
  context: Context,
): readonly Manifest[] => {
  const { toolhive } = flow.deployed
  if (toolhive === undefined) return manifests
  const said = toolhive.fields
  refuse(flow, carrier, said, context)
  const fieldsOn = (on: Place["on"]): readonly Field[] =>
    words.flatMap((word) => {
      const place = places[word][carrier.kind]
      const span = said[word]?.span
      return place?.on === on && span ? field(place.key, lowered(word, said, carrier.kind), context.origin(span)) : []
    })
  return manifests.map((manifest) => {
    const namespace = said.namespace?.value
    if (manifest.kind === "MCPServerEntry")
      return { ...manifest, namespace, spec: { fields: put(manifest.spec.fields, fieldsOn("entry")) } }
    if (manifest.kind === "MCPOIDCConfig") {
      const inline = fieldsOn("issuer")
      const fields =
        inline.length > 0 ? put(manifest.spec.fields, field("inline", { fields: inline })) : manifest.spec.fields
      return { ...manifest, namespace, spec: { fields } }
    }
    if (manifest.kind !== carrier.kind) return { ...manifest, namespace }
    const worded = put(manifest.spec.fields, fieldsOn("carrier"))
    const fields = said.spec ? putVerbatim(said.spec, worded, carrier.kind, context) : worded
    return { ...manifest, namespace, spec: { fields } }
  })
}

/** The port of the Service that is made for the flow. */
export const portOf = ({ deployed: { toolhive } }: Flow, { kind }: Carrier): number =>
  kind === "VirtualMCPServer" ? VIRTUAL_PORT : (toolhive?.fields.proxy_port?.value ?? PROXY_PORT)

/** The secrets that a deployment refers to. */
export const deploymentSecrets = ({ deployed: { toolhive } }: Flow) => {
  const password = toolhive?.fields.session_storage?.value.password
  return password === undefined ? [] : [password.value]
}
