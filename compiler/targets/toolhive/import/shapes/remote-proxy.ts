/**
 * Fields of a MCPRemoteProxy's `spec`.
 *
 * @module
 */
import { authzConfig, headerForward, oidcConfigRef, sessionStorage } from "./parts.ts"
import { booleanOr, number, numberOr, object, opaque, reference, string, stringOr } from "./shape.ts"

export const remoteProxy = object({
  allowPrivateEndpoint: booleanOr(false),
  audit: object({
    enabled: booleanOr(false),
  }),
  authServerRef: object({
    kind: stringOr("MCPExternalAuthConfig"),
    name: string,
  }),
  authzConfig: authzConfig,
  authzConfigRef: reference,
  endpointPrefix: string,
  externalAuthConfigRef: reference,
  groupRef: reference,
  headerForward: headerForward,
  oidcConfigRef: oidcConfigRef,
  podTemplateSpec: opaque,
  proxyPort: numberOr(8080),
  remoteUrl: string,
  replicas: number,
  resourceOverrides: opaque,
  resources: opaque,
  serviceAccount: string,
  sessionAffinity: stringOr("ClientIP"),
  sessionStorage: sessionStorage,
  telemetryConfigRef: object({
    name: string,
    serviceName: string,
  }),
  toolConfigRef: reference,
  transport: stringOr("streamable-http"),
  trustProxyHeaders: booleanOr(false),
})
