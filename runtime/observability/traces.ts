/**
 * Traces by OTLP, where the environment names a collector as OpenTelemetry's specification has it
 * (OTEL_EXPORTER_OTLP_ENDPOINT and its kin). Where it names none, nothing is sent anywhere.
 *
 * A span is a request or a stage of it. Its attributes are the flow and the request id, and no claim or token.
 *
 * @module
 */
import { ConfigProvider, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { type OtlpExporter, OtlpSerialization, OtlpTracer } from "effect/observability"
import { Traced } from "./traced.ts"

export const traces = (env: Readonly<Record<string, string | undefined>>): Layer.Layer<OtlpExporter.Flusher> => {
  const named = env["OTEL_SERVICE_NAME"] || /(^|,)\s*service\.name=/.test(env["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
  return OtlpTracer.layerFromConfig(named ? {} : { resource: { serviceName: "authflow" } }).pipe(
    Layer.merge(
      Layer.succeed(
        Traced,
        env["OTEL_EXPORTER_OTLP_ENDPOINT"] !== undefined || env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] !== undefined,
      ),
    ),
    Layer.provide([FetchHttpClient.layer, OtlpSerialization.layerJson]),
    // The specification's default, where Effect's is to export nothing.
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { OTEL_TRACES_EXPORTER: "otlp", ...env } }))),
  )
}
