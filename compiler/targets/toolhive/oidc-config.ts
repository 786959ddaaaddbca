/**
 * Who the caller must be, as a MCPOIDCConfig: the issuer whose tokens the proxy accepts.
 *
 * @module
 */

import type { OidcProvider, StageOf } from "../../catalogue/index.ts"
import { CLUSTER_ISSUER, type ServiceAccounts } from "../../catalogue/service-accounts.ts"
import type { Flow } from "../../check/program.ts"
import type { Located } from "../../source/source.ts"
import { type Context, isSaid } from "./context.ts"
import { API_VERSION } from "./engine.ts"
import { type Field, field, type Manifest, type Mapping, mapping } from "./manifest.ts"
import { oidcConfigName } from "./names.ts"
import { type Addition, nothing } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

const manifest = (flow: Flow, type: string, block: Mapping, context: Context): Manifest => ({
  comment: `Whose tokens are accepted, ${context.origin(flow.stages[0].span)}`,
  apiVersion: API_VERSION,
  kind: "MCPOIDCConfig",
  name: oidcConfigName(flow.name.value),
  spec: mapping(field("type", type), field(type, block)),
})

export const oidcConfig = (flow: Flow, issuer: Located<string>, context: Context): Manifest =>
  manifest(flow, "inline", mapping(field("issuer", issuer.value, context.origin(issuer.span))), context)

/** The issuer with all that is said of how its tokens are verified. */
export const providerConfig = (flow: Flow, { fields }: OidcProvider, context: Context): Manifest => {
  const { issuer, jwks_url, introspection, ca } = fields
  const { origin } = context
  const said = (key: string, value: Located<string> | undefined): readonly Field[] =>
    field(key, value?.value, value && origin(value.span))
  const asked = introspection?.value
  const reference = ca && mapping(field("name", ca.value.name), field("key", ca.value.key))
  const block = mapping(
    said("issuer", issuer),
    said("jwksUrl", jwks_url),
    said("introspectionUrl", asked?.url),
    said("clientId", asked?.client_id),
    field("clientSecretRef", asked?.client_secret && secretRef(asked.client_secret.value)),
    field(
      "caBundleRef",
      reference && mapping(field("configMapRef", reference)),
      ca && `${origin(ca.span)}; the ConfigMap must be in the namespace`,
    ),
  )
  return manifest(flow, "inline", block, context)
}

/** A cluster's own tokens. */
export const serviceAccountsConfig = (flow: Flow, { fields, name }: ServiceAccounts, context: Context): Manifest => {
  const { issuer, jwks_url, in_cluster, accounts } = fields
  const { origin, report } = context
  // `namespace` and `serviceAccount` are read by nothing (pkg/oidc/resolver.go): every account of the cluster would get in.
  if (accounts) report("AF1411", accounts.span, { callers: name.value })
  const block = mapping(
    field("issuer", issuer.value, isSaid(issuer.span, name.span) ? origin(issuer.span) : CLUSTER_ISSUER_REMARK),
    field("jwksUrl", jwks_url?.value, jwks_url && origin(jwks_url.span)),
    field("useClusterAuth", in_cluster.value),
  )
  return manifest(flow, "kubernetesServiceAccount", block, context)
}

const CLUSTER_ISSUER_REMARK = `The issuer of a cluster's tokens, unless it was set up otherwise: ${CLUSTER_ISSUER}`

type Unknown = StageOf<"identify.any_of" | "identify.api_keys" | "identify.client_certificates">

/** Reports callers that ToolHive cannot tell from others. */
export const refuseCallers = (stage: Unknown, _: Flow, { context }: { readonly context: Context }): Addition => {
  const { name, kind } = stage.operand.value
  context.report("AF1410", stage.operand.span, { callers: name.value, kind })
  return nothing
}
