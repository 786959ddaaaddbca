/**
 * `exchange token_exchange` as type tokenExchange (pkg/oauthproto/tokenexchange, pkg/vmcp/auth/strategies/tokenexchange.go).
 *
 * @module
 */
import { nameOf } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"
import { values } from "../../source/source.ts"
import { type Carrier, isLoginToken, isSame, nameShown, shownByProxy, subjectProvider } from "./carrier.ts"
import { refuseFields } from "./chain.ts"
import { type Context, isSaid } from "./context.ts"
import { field, mapping } from "./manifest.ts"
import { kubernetesName } from "./names.ts"
import { type Addition, outgoingAuth } from "./outgoing.ts"
import { secretRef } from "./secret-ref.ts"

type TokenExchange = StageOf<"token_exchange">

const refuse = (stage: TokenExchange, flow: Flow, context: Context): void => {
  const { report } = context
  const { subject, header, actor, resource, requested_token_type, client_auth } = stage.fields
  const basic = client_auth?.value === "basic"
  refuseFields({ actor, resource, requested_token_type, ...(basic ? {} : { client_auth }) }, context)
  // A second exchange is refused as such.
  if (subject.value.issuer.kind === "token_endpoint") return
  const shown = shownByProxy(flow)
  if (!isSame(subject.value, shown) && !isLoginToken(subject.value, flow)) {
    report("AF0850", subject.span, {
      subject: nameOf(subject.value),
      shown: nameShown(flow),
    })
  }
  // externalTokenHeaderName: a proxy leaves the subject in Authorization, the vMCP converter drops the field.
  if (header.value.toLowerCase() !== "authorization") report("AF0851", header.span, { header: header.value })
}

export const tokenExchange = (stage: TokenExchange, flow: Flow, carrier: Carrier, context: Context): Addition => {
  refuse(stage, flow, context)
  const { origin } = context
  const { subject, token_url, audience, scopes, client_id, client_secret, subject_token_type } = stage.fields
  return outgoingAuth(
    "tokenExchange",
    mapping(
      field("tokenUrl", token_url.value, origin(token_url.span)),
      field("audience", audience?.value, audience && origin(audience.span)),
      field("clientId", client_id?.value, client_id && origin(client_id.span)),
      field("clientSecretRef", client_secret && secretRef(client_secret.value)),
      field("scopes", isSaid(scopes.span, stage.span) && scopes.value.length > 0 ? values(scopes) : undefined),
      field("subjectTokenType", subject_token_type?.value ?? subject.value.kind, origin(subject.span)),
      field("subjectProviderName", subjectProvider(subject.value, flow, carrier, kubernetesName)),
    ),
    `What the upstream is shown: a token exchanged for \`${nameOf(subject.value)}\``,
    flow,
    stage,
    client_secret ? [client_secret.value] : [],
    context,
  )
}
