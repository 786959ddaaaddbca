/**
 * Kubernetes names from the names of the source: `_` becomes `-`. Nothing is cut or hashed, so that a reader finds again what
 * was written; what does not fit is refused.
 *
 * @module
 */
import { isDnsLabel } from "./crd/metadata.ts"
import { serviceName, virtualServiceName } from "./engine.ts"

export const kubernetesName = (name: string): string => name.replaceAll("_", "-")

/** Objects of one flow. The proxy has the flow's own name, the embedded server that of its declaration. */
export const oidcConfigName = (flow: string): string => `${kubernetesName(flow)}-oidc`
export const awsStsName = (flow: string): string => `${kubernetesName(flow)}-sts`

export const authzName = (flow: string): string => `${kubernetesName(flow)}-authz`
export const webhooksName = (flow: string): string => `${kubernetesName(flow)}-webhooks`
export const telemetryName = (flow: string): string => `${kubernetesName(flow)}-telemetry`

export const outgoingName = (flow: string): string => `${kubernetesName(flow)}-outgoing`
export const entryName = (flow: string): string => `${kubernetesName(flow)}-upstream`

/** The same for a virtual server: its Service is a label as well, and the entry's name becomes one. */
export const virtualNameProblem = (name: string): string | undefined =>
  labelProblem(name) ?? labelProblem(virtualServiceName(name)) ?? labelProblem(entryName(name))

/** Why a flow's name makes no proxy: its Service, and the labels of its pods, are labels of RFC 1123. */
export const proxyNameProblem = (name: string): string | undefined =>
  labelProblem(name) ?? labelProblem(serviceName(name))

/** Why a name is no label of RFC 1123, if it is none. */
export const labelProblem = (name: string): string | undefined => {
  if (isDnsLabel(name)) return undefined
  return name.length > 63
    ? `\`${name}\` is longer than the 63 characters of a Kubernetes name`
    : `\`${name}\` is no Kubernetes name, which ends with a letter or a digit`
}
