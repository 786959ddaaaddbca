/**
 * Fields of a MCPOIDCConfig's `spec`.
 *
 * @module
 */
import { boolean, booleanOr, configMapKey, object, secretKey, string, stringOr } from "./shape.ts"

export const oidcConfig = object({
  inline: object({
    caBundleRef: configMapKey,
    clientId: string,
    clientSecretRef: secretKey,
    insecureAllowHTTP: booleanOr(false),
    introspectionUrl: string,
    issuer: string,
    jwksAllowPrivateIP: booleanOr(false),
    jwksAuthTokenPath: string,
    jwksUrl: string,
    protectedResourceAllowPrivateIP: booleanOr(false),
  }),
  kubernetesServiceAccount: object({
    introspectionUrl: string,
    issuer: stringOr("https://kubernetes.default.svc"),
    jwksUrl: string,
    namespace: string,
    serviceAccount: string,
    useClusterAuth: boolean,
  }),
  type: string,
})
