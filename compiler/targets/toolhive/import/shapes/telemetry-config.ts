/**
 * Fields of a MCPTelemetryConfig's `spec`.
 *
 * @module
 */
import { booleanOr, configMapKey, list, map, object, secretKey, string, stringOr } from "./shape.ts"

export const telemetryConfig = object({
  openTelemetry: object({
    caBundleRef: configMapKey,
    enabled: booleanOr(false),
    endpoint: string,
    headers: map(string),
    insecure: booleanOr(false),
    metrics: object({
      enabled: booleanOr(false),
    }),
    resourceAttributes: map(string),
    sensitiveHeaders: list(
      object({
        name: string,
        secretKeyRef: secretKey,
      }),
    ),
    tracing: object({
      enabled: booleanOr(false),
      samplingRate: stringOr("0.05"),
    }),
    useLegacyAttributes: booleanOr(true),
  }),
  prometheus: object({
    enabled: booleanOr(false),
  }),
})
