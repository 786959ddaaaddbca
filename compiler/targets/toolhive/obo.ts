/**
 * `exchange obo` as type obo. ToolHive's resource definition has the type, and a build without the vendor's enterprise handler
 * marks each object of it invalid, with the reason EnterpriseRequired (OBOHandler in
 * cmd/thv-operator/pkg/controllerutil/tokenexchange.go). What the handler does is not public: the fields are those of the
 * definition (OBOConfig in api/v1beta1/mcpexternalauthconfig_types.go), and that it takes them is the operator's word.
 *
 * @module
 */
import { nameOf } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import { values } from "../../source/source.ts"
import { type Carrier, isLoginToken, isSame, nameShown, shownByProxy, subjectProvider } from "./carrier.ts"
import type { Context } from "./context.ts"
import { goDuration } from "./go-duration.ts"
import { field, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, nothing, outgoingAuth } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

export const obo = (stage: StageOf<"obo">, flow: Flow, carrier: Carrier, context: Context): Addition => {
  const { origin, report } = context
  const { subject, tenant, authority, client_id, client_secret, audience, scopes, cache_skew } = stage.fields
  if (flow.deployed.toolhive?.fields.enterprise?.value !== true) {
    report("AF0854", stage.operand.span, {})
    return nothing
  }
  const shown = shownByProxy(flow)
  if (!isSame(subject.value, shown) && !isLoginToken(subject.value, flow))
    report("AF0850", subject.span, { subject: nameOf(subject.value), shown: nameShown(flow) })
  const asked = values(scopes)
  return outgoingAuth(
    "obo",
    mapping(
      field("tenantId", tenant.value, origin(tenant.span)),
      field("authority", authority.value),
      field("clientId", client_id.value, origin(client_id.span)),
      field("clientSecretRef", secretRef(client_secret.value)),
      field("audience", audience?.value),
      field("scopes", asked.length > 0 ? asked : undefined),
      field("subjectTokenProviderName", subjectProvider(subject.value, flow, carrier, kubernetesName)),
      field("cacheSkew", cache_skew && goDuration(cache_skew.value)),
    ),
    `What the upstream is shown: a token that Entra exchanges \`${nameOf(subject.value)}\` for, by the enterprise build's handler`,
    flow,
    stage,
    [client_secret.value],
    context,
  )
}
