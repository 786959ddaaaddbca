/**
 * `telemetry = { otlp: { … }, prometheus: on }`: what an engine tells of the requests that pass: traces and metrics.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import { type Fields, optional, required, type ValueType, withDefault } from "./field.ts"
import { kubernetesObject } from "./kubernetes.ts"
import { flag } from "./scalars.ts"
import { sentHeaders } from "./sent-headers.ts"
import { block, map, pattern, text } from "./values.ts"

const endpoint = pattern(
  "an OTLP endpoint",
  /^(https?:\/\/)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\/[^\s?#]*)?$/,
  'it is a host and a port, such as "otel-collector.observability.svc:4318"',
)

/** ToolHive reads it as text; the CRD's own pattern. */
const ratio = pattern("a share", /^(0(\.\d+)?|1(\.0+)?)$/, 'it is a number from 0 to 1 in quotes, such as "0.05"')

const otlp = block({
  endpoint: required(endpoint, {
    doc: "Where traces and metrics are sent (OTLP over HTTP).",
    example: '"otel-collector.observability.svc:4318"',
  }),
  insecure: optional(flag, { doc: "Sends them without TLS.", example: "true" }),
  ca: optional(
    block({
      config_map: required(kubernetesObject("a ConfigMap"), {
        doc: "The ConfigMap that holds the certificate (PEM).",
        example: '"otel-ca"',
      }),
      key: required(text, { doc: "Its key.", example: '"ca.crt"' }),
    }),
    {
      doc: "Authority that signed the collector's certificate.",
      example: '{ config_map: "otel-ca", key: "ca.crt" }',
    },
  ),
  headers: optional(sentHeaders, {
    doc: "Headers for the collector. Credentials are secrets.",
    example: '{ "X-Api-Key": secret("otel", key: "api-key") }',
  }),
  traces: withDefault(flag, false, {
    doc: "Whether traces are sent.",
    example: "on",
  }),
  sampling: optional(ratio, {
    doc: "Share of the requests that are traced. 0.05 when unsaid.",
    example: '"0.1"',
  }),
  metrics: withDefault(flag, false, {
    doc: "Whether metrics are sent.",
    example: "on",
  }),
  attributes: optional(map(text, 'a map of attributes, such as `{ "deployment.environment": "prod" }`'), {
    doc: "Attributes that all of it has.",
    example: '{ "deployment.environment": "prod" }',
  }),
  legacy_attributes: optional(flag, {
    doc: "Whether attributes have their names from before OpenTelemetry's conventions for MCP as well. They have when unsaid.",
    example: "off",
  }),
})

const telemetryBlock = block({
  name: optional(kubernetesObject("a MCPTelemetryConfig"), {
    doc: "Name of the MCPTelemetryConfig. With nothing else said, it is one that is kept elsewhere. Made from the flow's name when unsaid.",
    example: '"gateway-telemetry"',
  }),
  service: optional(text, {
    doc: "`service.name` of this flow. Made from its name when unsaid.",
    example: '"orders"',
  }),
  otlp: optional(otlp, {
    doc: "Sends traces and metrics to a collector.",
    example: '{ endpoint: "otel-collector.observability.svc:4318", traces: on }',
  }),
  prometheus: optional(flag, {
    doc: "Serves metrics for Prometheus at `/metrics`.",
    example: "on",
  }),
})

export type Telemetry = Fields<(typeof telemetryBlock)["fields"]>

export const telemetry: ValueType<Telemetry> = {
  ...telemetryBlock,
  check: (expression, scope) => {
    const said = telemetryBlock.check(expression, scope)
    if (said === undefined) return undefined
    if (said.name === undefined && said.otlp === undefined && said.prometheus === undefined) {
      scope.report("AF1317", expression.span, {})
      return undefined
    }
    return said.otlp === undefined || hasEffect(said.otlp.value, scope) ? said : undefined
  },
}

const hasEffect = (said: Fields<(typeof otlp)["fields"]>, scope: Scope): boolean => {
  const { endpoint: to, traces, metrics, sampling, insecure, ca, attributes } = said
  let sound = true
  const report: Scope["report"] = (...problem) => {
    sound = false
    scope.report(...problem)
  }
  if (!traces.value && !metrics.value) report("AF1318", to.span, {})
  else if (sampling && !traces.value)
    report("AF0313", sampling.span, {
      name: "sampling",
      why: "no traces are sent unless `traces` is on",
    })
  if (ca && insecure?.value) report("AF0313", ca.span, { name: "ca", why: "`insecure` speaks no TLS" })
  const service = attributes?.value.get("service.name")
  if (service)
    report("AF0313", service.span, {
      name: "service.name",
      why: "each flow has its own: `service`",
    })
  return sound
}
