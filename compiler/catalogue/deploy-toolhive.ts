/**
 * `deploy toolhive { … }`: what ToolHive is told of where and how a flow runs. It changes nothing of who gets in, and no other
 * engine reads it.
 *
 * @module
 */
import type { Deployed, DeploymentConstruct } from "./construct.ts"
import { optional, required } from "./field.ts"
import { address, kubernetesLabel, kubernetesObject } from "./kubernetes.ts"
import { flag, integer } from "./scalars.ts"
import { secret } from "./secret.ts"
import { telemetry } from "./telemetry.ts"
import { block, choice, text } from "./values.ts"
import { verbatimMap } from "./verbatim.ts"

const MAX_INT32 = 2_147_483_647

const fields = {
  namespace: optional(kubernetesLabel("a namespace"), {
    doc: "Namespace of all objects of the flow, and of the secrets they refer to. Left to `kubectl` when unsaid.",
    example: '"mcp"',
  }),
  kind: optional(choice(["MCPServer", "MCPRemoteProxy", "VirtualMCPServer"]), {
    doc: "The kind of object that has to carry the flow: an error where it is carried by another. The compiler picks the kind.",
    example: "MCPRemoteProxy",
  }),
  replicas: optional(integer({ min: 0, max: 1000 }), {
    doc: "How many pods. More than one need shared sessions, and an authorization server with shared storage and keys.",
    example: "2",
  }),
  session_storage: optional(
    block({
      redis: required(address, { doc: "Host and port of a Redis server.", example: '"redis.mcp.svc:6379"' }),
      db: optional(integer({ min: 0, max: MAX_INT32 }), { doc: "Number of its database.", example: "1" }),
      key_prefix: optional(text, { doc: "What all keys begin with.", example: '"aws-mcp:"' }),
      password: optional(secret, { doc: "Its password.", example: 'secret("redis", key: "password")' }),
    }),
    {
      doc: "Where MCP sessions are kept. In the memory of each pod when unsaid.",
      example: '{ redis: "redis.mcp.svc:6379" }',
    },
  ),
  session_affinity: optional(choice(["client_ip", "none"]), {
    doc: "`client_ip`: a client's requests go to one pod. `none`: to any, which needs shared sessions.",
    example: "none",
  }),
  transport: optional(choice(["streamable_http", "sse"]), {
    doc: "How MCP is spoken with the upstream. `streamable_http` when unsaid.",
    example: "sse",
  }),
  proxy_port: optional(integer({ min: 1, max: 65_535 }), {
    doc: "Port of the proxy. 8080 when unsaid.",
    example: "9090",
  }),
  allow_private_endpoint: optional(flag, {
    doc: "Lets the upstream be at a private address (RFC 1918, fc00::/7) or below cluster.local. Loopback, link-local and metadata addresses stay refused.",
    example: "true",
  }),
  allow_private_issuer: optional(flag, {
    doc: "Lets the issuer of callers' tokens, its keys and its introspection endpoint be at a private address.",
    example: "true",
  }),
  trust_proxy_headers: optional(flag, {
    doc: "Takes `X-Forwarded-*` for true. Only behind a load balancer that sets them itself.",
    example: "true",
  }),
  audit: optional(flag, { doc: "Writes an audit log.", example: "true" }),
  telemetry: optional(telemetry, {
    doc: "What ToolHive tells of the requests that pass.",
    example: '{ otlp: { endpoint: "otel-collector.observability.svc:4318", traces: on } }',
  }),
  authz_config: optional(kubernetesObject("a MCPAuthzConfig"), {
    doc: "Puts what `authorize` says into a MCPAuthzConfig of this name, instead of into the carrying object.",
    example: '"team-rules"',
  }),
  webhook_config: optional(kubernetesObject("a MCPWebhookConfig"), {
    doc: "Name of the MCPWebhookConfig that `validate` and `mutate` make. Made from the flow's name when unsaid.",
    example: '"request-hooks"',
  }),
  enterprise: optional(flag, {
    doc: "The operator is the vendor's enterprise build, which has a handler for `exchange obo`. The public ones have none.",
    example: "true",
  }),
  service_account: optional(kubernetesObject("a service account"), {
    doc: "Service account of the pods. The operator makes one when unsaid.",
    example: '"mcp-gateway"',
  }),
  group: optional(kubernetesObject("a MCPGroup"), {
    doc: "Name of the MCPGroup the proxy belongs to.",
    example: '"tools"',
  }),
  tools: optional(kubernetesObject("a MCPToolConfig"), {
    doc: "Name of a MCPToolConfig: which tools are shown, under which names.",
    example: '"aws-tools"',
  }),
  spec: optional(verbatimMap, {
    doc: "Fields of the carrying object's spec that authflow has no word for, as they are.",
    example: '{ resources: { limits: { memory: "256Mi" } } }',
  }),
}

/** What ToolHive is told of one flow: the flow's own words before those of the file. */
export type ToolHiveDeployment = Deployed<typeof fields>

export const deployToolhive: DeploymentConstruct<"toolhive", typeof fields> = {
  keyword: "deploy",
  kind: "toolhive",
  doc: "What ToolHive is told of where and how flows run.",
  fields,
}
