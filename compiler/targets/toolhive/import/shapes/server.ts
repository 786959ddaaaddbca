/**
 * Fields of a MCPServer's `spec`.
 *
 * @module
 */
import { authzConfig, oidcConfigRef, rateLimiting, sessionStorage } from "./parts.ts"
import { booleanOr, number, numberOr, object, opaque, reference, string, stringOr } from "./shape.ts"

export const server = object({
  args: opaque,
  audit: object({
    enabled: booleanOr(false),
  }),
  authServerRef: object({
    kind: stringOr("MCPExternalAuthConfig"),
    name: string,
  }),
  authzConfig: authzConfig,
  authzConfigRef: reference,
  backendReplicas: number,
  endpointPrefix: string,
  env: opaque,
  externalAuthConfigRef: reference,
  groupRef: reference,
  image: string,
  mcpPort: number,
  oidcConfigRef: oidcConfigRef,
  permissionProfile: opaque,
  podTemplateSpec: opaque,
  proxyMode: stringOr("streamable-http"),
  proxyPort: numberOr(8080),
  rateLimiting: rateLimiting,
  replicas: number,
  resourceOverrides: opaque,
  resources: opaque,
  secrets: opaque,
  serviceAccount: string,
  sessionAffinity: stringOr("ClientIP"),
  sessionStorage: sessionStorage,
  telemetryConfigRef: object({
    name: string,
    serviceName: string,
  }),
  toolConfigRef: reference,
  transport: stringOr("stdio"),
  trustProxyHeaders: booleanOr(false),
  volumes: opaque,
  webhookConfigRef: reference,
})
