/**
 * Fields of a VirtualMCPServer's `spec`.
 *
 * @module
 */
import { embeddedAuthServer } from "./embedded-auth-server.ts"
import { authzConfig, oidcConfigRef, sessionStorage } from "./parts.ts"
import { list, map, number, object, opaque, reference, string, stringOr } from "./shape.ts"

export const virtualServer = object({
  authServerConfig: embeddedAuthServer,
  config: opaque,
  embeddingServerRef: opaque,
  groupRef: reference,
  imagePullSecrets: opaque,
  incomingAuth: object({
    authzConfig: authzConfig,
    authzConfigRef: reference,
    oidcConfigRef: oidcConfigRef,
    type: string,
  }),
  outgoingAuth: object({
    backends: map(
      object({
        externalAuthConfigRef: reference,
        type: string,
      }),
    ),
    default: object({
      externalAuthConfigRef: reference,
      type: string,
    }),
    source: stringOr("discovered"),
  }),
  passthroughHeaders: list(string),
  podTemplateSpec: opaque,
  replicas: number,
  serviceAccount: string,
  serviceType: stringOr("ClusterIP"),
  sessionAffinity: stringOr("ClientIP"),
  sessionStorage: sessionStorage,
  telemetryConfigRef: object({
    name: string,
    serviceName: string,
  }),
})
