/**
 * `exchange xaa` as type xaa (pkg/vmcp/auth/strategies/xaa.go). Only a VirtualMCPServer runs it.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Flow } from "../../check/program.ts"
import { type Located, values } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { field, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, outgoingAuth } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

interface Client {
  readonly client_id: Located<string> | undefined
  readonly client_secret: Located<SecretRef> | undefined
}

/** resolveClientSecret fails for a client without a secret, and the backend would be dropped. */
const refusePublic = ({ client_id, client_secret }: Client, { report }: Context): void => {
  if (client_id && client_secret === undefined) report("AF0856", client_id.span, { client: client_id.value })
}

export const xaa = (stage: StageOf<"xaa">, flow: Flow, context: Context): Addition => {
  const { origin } = context
  const { subject, scopes } = stage.fields
  const { idp, target } = { idp: stage.fields.idp.value, target: stage.fields.target.value }
  for (const client of [idp, target]) refusePublic(client, context)
  return outgoingAuth(
    "xaa",
    mapping(
      field("subjectProviderName", kubernetesName(subject.value.issuer.name.value), origin(subject.span)),
      field("idpTokenUrl", idp.token_url.value, origin(idp.token_url.span)),
      field("idpClientId", idp.client_id?.value),
      field("idpClientSecretRef", idp.client_secret && secretRef(idp.client_secret.value)),
      field("targetTokenUrl", target.token_url.value, origin(target.token_url.span)),
      field("targetAudience", target.audience.value, origin(target.audience.span)),
      field("targetResource", target.resource?.value),
      field("targetClientId", target.client_id?.value),
      field("targetClientSecretRef", target.client_secret && secretRef(target.client_secret.value)),
      field("scopes", scopes.value.length > 0 ? values(scopes) : undefined),
    ),
    "What the upstream is shown: a token of its own authorization server, got with an ID-JAG",
    flow,
    stage,
    [idp.client_secret, target.client_secret].flatMap((secret) => (secret ? [secret.value] : [])),
    context,
  )
}
