/**
 * `telemetry` of a deployment as a MCPTelemetryConfig.
 *
 * @module
 */
import type { SecretRef } from "../../catalogue/secret.ts"
import type { SentHeaders } from "../../catalogue/sent-headers.ts"
import type { Telemetry } from "../../catalogue/telemetry.ts"
import type { Flow } from "../../check/program.ts"
import type { Context } from "./context.ts"
import { API_VERSION } from "./engine.ts"
import { type Field, field, type Mapping, mapping, type Value } from "./manifest.ts"
import { telemetryName } from "./names.ts"
import { type Addition, nothing } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

/** Headers with values that the file says, and those with values from secrets. */
export const splitHeaders = (headers: SentHeaders | undefined) => {
  const plain: Field[] = []
  const secret: (readonly [name: string, ref: SecretRef])[] = []
  for (const [name, { value }] of headers ?? []) {
    if (typeof value === "string") plain.push(...field(name, value))
    else secret.push([name, value])
  }
  return { plain: plain.length > 0 ? { fields: plain } : undefined, secret }
}

const some = (items: readonly Mapping[]): Value | undefined => (items.length > 0 ? items : undefined)

const openTelemetry = (said: NonNullable<Telemetry["otlp"]>["value"]): Mapping => {
  const { endpoint, insecure, ca, headers, traces, sampling, metrics, attributes, legacy_attributes } = said
  const { plain, secret } = splitHeaders(headers?.value)
  const reference = ca && mapping(field("name", ca.value.config_map.value), field("key", ca.value.key.value))
  return mapping(
    field("enabled", true),
    field("endpoint", endpoint.value),
    field("insecure", insecure?.value),
    field("caBundleRef", reference && mapping(field("configMapRef", reference))),
    field("headers", plain),
    field(
      "sensitiveHeaders",
      some(secret.map(([name, ref]) => mapping(field("name", name), field("secretKeyRef", secretRef(ref))))),
    ),
    field(
      "tracing",
      traces.value ? mapping(field("enabled", true), field("samplingRate", sampling?.value)) : undefined,
    ),
    field("metrics", metrics.value ? mapping(field("enabled", true)) : undefined),
    field(
      "resourceAttributes",
      attributes && {
        fields: [...attributes.value].flatMap(([name, { value }]) => field(name, value)),
      },
    ),
    field("useLegacyAttributes", legacy_attributes?.value),
  )
}

/** What the flow's deployment says of telemetry. */
export const telemetry = ({ name: flow, deployed }: Flow, { origin }: Context): Addition => {
  const said = deployed.toolhive?.fields.telemetry
  if (said === undefined) return nothing
  const { name: called, service, otlp, prometheus } = said.value
  const name = called?.value ?? telemetryName(flow.value)
  const isOurs = otlp !== undefined || prometheus !== undefined
  return {
    ...nothing,
    manifests: isOurs
      ? [
          {
            comment: `What is told of the requests that pass, ${origin(said.span)}`,
            apiVersion: API_VERSION,
            kind: "MCPTelemetryConfig",
            name,
            spec: mapping(
              field("openTelemetry", otlp && openTelemetry(otlp.value)),
              field("prometheus", prometheus && mapping(field("enabled", prometheus.value))),
            ),
          },
        ]
      : [],
    incoming: field(
      "telemetryConfigRef",
      mapping(field("name", name), field("serviceName", service?.value)),
      origin(said.span),
    ),
    secrets: splitHeaders(otlp?.value.headers?.value).secret.map(([, ref]) => ref),
  }
}
