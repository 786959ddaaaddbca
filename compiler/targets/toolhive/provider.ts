/**
 * `provider`: an upstream of the embedded server, or the issuer whose tokens callers bring.
 *
 * @module
 */
import type { OAuth2Provider, OidcProvider, Provider } from "../../catalogue/index.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import { asked, type Userinfo } from "../../catalogue/userinfo.ts"
import { type Located, values } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { CALLBACK_PATH } from "./engine.ts"
import { field, type Mapping, mapping } from "./manifest.ts"
import { kubernetesName, labelProblem } from "./names.ts"
import { secretRef } from "./secret-ref.ts"

/** What is refused of a provider, whichever way it is used. */
export const refuseProvider = (provider: Provider, { report }: Context): void => {
  const name = provider.name.value
  if (provider.kind === "oauth2") {
    const { issuer } = provider.fields
    if (issuer) report("AF1458", issuer.span, { provider: name })
    return
  }
  const { algorithms, userinfo } = provider.fields
  if (algorithms !== undefined) report("AF0816", algorithms.span, { provider: name })
  for (const [field, span] of asked(userinfo.value)) report("AF1459", span, { provider: name, field })
}

/** Secrets that the operator has to find for the provider. */
export const providerSecrets = (provider: Provider): readonly SecretRef[] => {
  const { client_secret } = provider.fields
  const token = provider.kind === "oauth2" ? provider.fields.registration?.value.initial_access_token : undefined
  return [client_secret, token].flatMap((each) => (each ? [each.value] : []))
}

/** Where the provider sends browsers back to. */
export const redirectUriOf = ({ fields: { redirect_uri } }: Provider, issuer: string): string =>
  redirect_uri?.value ?? `${issuer}${CALLBACK_PATH}`

/** An entry of `upstreamProviders`. `issuer` is the embedded server's own. */
export const upstreamProvider = (provider: Provider, issuer: string, context: Context): Mapping => {
  const { name } = provider
  const { report, origin } = context
  const upstream = kubernetesName(name.value)
  const problem = labelProblem(upstream)
  if (problem !== undefined) report("AF0819", name.span, { what: "provider", name: name.value, problem })
  return mapping(
    field("name", upstream, origin(name.span)),
    field("type", provider.kind),
    provider.kind === "oidc"
      ? field("oidcConfig", oidcConfig(provider, issuer, context))
      : field("oauth2Config", oauth2Config(provider, issuer, context)),
  )
}

const redirect = (provider: Provider, issuer: string, { origin }: Context) =>
  field(
    "redirectUri",
    redirectUriOf(provider, issuer),
    provider.fields.redirect_uri
      ? origin(provider.fields.redirect_uri.span)
      : "Where the embedded server really is. ToolHive's default is below the resource's path, which nothing serves.",
  )

const texts = (said: Located<ReadonlyMap<string, Located<string>>> | undefined): Mapping | undefined =>
  said && { fields: [...said.value].flatMap(([key, { value }]) => field(key, value)) }

const params = ({ name, fields: { authorization_params: said } }: Provider, { origin }: Context) =>
  field("additionalAuthorizationParams", texts(said), origin(said?.span ?? name.span))

const oidcConfig = (provider: OidcProvider, issuer: string, context: Context): Mapping => {
  const { fields, client } = provider
  const { origin } = context
  return mapping(
    field("issuerUrl", fields.issuer.value, origin(fields.issuer.span)),
    field("clientId", client?.id, fields.client_id && origin(fields.client_id.span)),
    field("clientSecretRef", fields.client_secret && secretRef(fields.client_secret.value)),
    redirect(provider, issuer, context),
    field("scopes", client?.scopes ?? [], fields.scopes && origin(fields.scopes.span)),
    field("subjectClaim", fields.subject_claim?.value, fields.subject_claim && origin(fields.subject_claim.span)),
    params(provider, context),
  )
}

const oauth2Config = (provider: OAuth2Provider, issuer: string, context: Context): Mapping => {
  const { fields, client } = provider
  const { origin } = context
  const { userinfo, identity_from_token: told, token_response: response, registration } = fields
  return mapping(
    field("authorizationEndpoint", fields.authorization_endpoint.value, origin(fields.authorization_endpoint.span)),
    field("tokenEndpoint", fields.token_endpoint.value),
    field("clientId", client.id, fields.client_id && origin(fields.client_id.span)),
    field("clientSecretRef", fields.client_secret && secretRef(fields.client_secret.value)),
    field("dcrConfig", registration && dcrConfig(registration.value), registration && origin(registration.span)),
    redirect(provider, issuer, context),
    field("scopes", fields.scopes && client.scopes, fields.scopes && origin(fields.scopes.span)),
    params(provider, context),
    field("userInfo", userinfo && userInfo(userinfo.value), userinfo && origin(userinfo.span)),
    field(
      "identityFromToken",
      told &&
        mapping(
          field("subjectPath", told.value.subject.value),
          field("namePath", told.value.name?.value),
          field("emailPath", told.value.email?.value),
        ),
      told && origin(told.span),
    ),
    field(
      "tokenResponseMapping",
      response &&
        mapping(
          field("accessTokenPath", response.value.access_token.value),
          field("refreshTokenPath", response.value.refresh_token?.value),
          field("expiresInPath", response.value.expires_in?.value),
          field("scopePath", response.value.scope?.value),
        ),
      response && origin(response.span),
    ),
    field("allowPrivateIPs", fields.private_network.value || undefined, origin(fields.private_network.span)),
  )
}

type Registration = NonNullable<OAuth2Provider["fields"]["registration"]>["value"]

const dcrConfig = (registration: Registration): Mapping =>
  mapping(
    field("discoveryUrl", registration.discovery?.value),
    field("registrationEndpoint", registration.endpoint?.value),
    field(
      "initialAccessTokenRef",
      registration.initial_access_token && secretRef(registration.initial_access_token.value),
    ),
    field("softwareId", registration.software_id?.value),
    field("softwareStatement", registration.software_statement?.value),
  )

const userInfo = ({ endpoint, method, headers, subject, name, email }: Userinfo): Mapping => {
  const fields = mapping(
    field("subjectFields", subject && values(subject)),
    field("nameFields", name && values(name)),
    field("emailFields", email && values(email)),
  )
  return mapping(
    field("endpointUrl", endpoint.value),
    field("httpMethod", method.value === "post" ? "POST" : undefined),
    field("additionalHeaders", texts(headers)),
    field("fieldMapping", fields.fields.length > 0 ? fields : undefined),
  )
}
