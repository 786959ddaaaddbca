/**
 * Fields of a MCPServerEntry's `spec`.
 *
 * @module
 */
import { headerForward } from "./parts.ts"
import { booleanOr, configMapKey, object, reference, string } from "./shape.ts"

export const serverEntry = object({
  allowPrivateEndpoint: booleanOr(false),
  caBundleRef: configMapKey,
  externalAuthConfigRef: reference,
  groupRef: reference,
  headerForward: headerForward,
  remoteUrl: string,
  transport: string,
})
