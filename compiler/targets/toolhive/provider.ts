/**
 * `provider … = oidc`: an upstream of the embedded server, or the issuer whose tokens callers bring.
 *
 * @module
 */
import type { Provider } from "../../catalogue/oidc.ts"
import type { Context } from "./context.ts"
import { CALLBACK_PATH } from "./engine.ts"
import { field, type Mapping, mapping } from "./manifest.ts"
import { kubernetesName, labelProblem } from "./names.ts"
import { secretRef } from "./secret-ref.ts"

/** What is refused of a provider, whichever way it is used. */
export const refuseProvider = (provider: Provider, { report }: Context): void => {
  const { algorithms } = provider.fields
  if (algorithms !== undefined) report("AF0816", algorithms.span, { provider: provider.name.value })
}

/** An entry of `upstreamProviders`. `issuer` is the embedded server's own. */
export const upstreamProvider = (provider: Provider, issuer: string, context: Context): Mapping => {
  const { name, fields, client } = provider
  const { report, origin } = context
  const upstream = kubernetesName(name.value)
  const problem = labelProblem(upstream)
  if (problem !== undefined) report("AF0819", name.span, { what: "provider", name: name.value, problem })
  const scopes = client?.scopes ?? []
  const said = fields.authorization_params?.value
  const params = said && [...said].flatMap(([key, { value }]) => field(key, value))
  return mapping(
    field("name", upstream, origin(name.span)),
    field("type", "oidc"),
    field(
      "oidcConfig",
      mapping(
        field("issuerUrl", fields.issuer.value, origin(fields.issuer.span)),
        field("clientId", client?.id, fields.client_id && origin(fields.client_id.span)),
        field("clientSecretRef", fields.client_secret && secretRef(fields.client_secret.value)),
        field(
          "redirectUri",
          `${issuer}${CALLBACK_PATH}`,
          "Where the embedded server really is. ToolHive's default is below the resource's path, which nothing serves.",
        ),
        field("scopes", scopes, fields.scopes && origin(fields.scopes.span)),
        field("subjectClaim", fields.subject_claim?.value, fields.subject_claim && origin(fields.subject_claim.span)),
        field(
          "additionalAuthorizationParams",
          params && { fields: params },
          origin(fields.authorization_params?.span ?? name.span),
        ),
      ),
    ),
  )
}
