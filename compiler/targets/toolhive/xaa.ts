/**
 * `exchange xaa` as type xaa (pkg/vmcp/auth/strategies/xaa.go). Only a VirtualMCPServer runs it.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow } from "../../check/program.ts"
import { type Located, values } from "../../source/source.ts"
import { refuseFields } from "./chain.ts"
import type { Context } from "./context.ts"
import { field, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, outgoingAuth } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

/** resolveClientSecret fails for a client without a secret, and the backend would be dropped. */
const refusePublic = (
  id: Located<string> | undefined,
  secret: Located<SecretRef> | undefined,
  { report }: Context,
): void => {
  if (id && secret === undefined) report("AF0856", id.span, { client: id.value })
}

export const xaa = (stage: StageOf<"xaa">, flow: Flow, context: Context): Addition => {
  const { origin } = context
  const { subject, audience, resource, scopes } = stage.fields
  const { idp_token_url, idp_client_id, idp_client_secret } = stage.fields
  const { target_token_url, target_client_id, target_client_secret } = stage.fields
  const { idp_client_auth, target_client_auth } = stage.fields
  refuseFields({ idp_client_auth, target_client_auth }, context)
  refusePublic(idp_client_id, idp_client_secret, context)
  refusePublic(target_client_id, target_client_secret, context)
  return outgoingAuth(
    "xaa",
    mapping(
      field("subjectProviderName", kubernetesName(subject.value.issuer.name.value), origin(subject.span)),
      field("idpTokenUrl", idp_token_url.value, origin(idp_token_url.span)),
      field("idpClientId", idp_client_id?.value, idp_client_id && origin(idp_client_id.span)),
      field("idpClientSecretRef", idp_client_secret && secretRef(idp_client_secret.value)),
      field("targetTokenUrl", target_token_url.value, origin(target_token_url.span)),
      field("targetClientId", target_client_id?.value, target_client_id && origin(target_client_id.span)),
      field("targetClientSecretRef", target_client_secret && secretRef(target_client_secret.value)),
      field("targetAudience", audience.value, origin(audience.span)),
      field("targetResource", resource?.value, resource && origin(resource.span)),
      field("scopes", scopes.value.length > 0 ? values(scopes) : undefined, origin(scopes.span)),
    ),
    "What the upstream is shown: a token of its own authorization server, got with an ID-JAG",
    flow,
    stage,
    [idp_client_secret, target_client_secret].flatMap((secret) => (secret ? [secret.value] : [])),
    context,
  )
}
