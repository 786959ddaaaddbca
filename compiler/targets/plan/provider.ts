/** Lowers a provider. */
import type {
  ClientRegistration,
  OAuth2Provider as PlanOAuth2Provider,
  OidcProvider as PlanOidcProvider,
  Provider as PlanProvider,
  UserinfoRequest,
} from "../../../runtime/plan.ts"
import type { ClaimSet } from "../../catalogue/claims.ts"
import type { OAuth2Provider, OidcProvider, Provider } from "../../catalogue/index.ts"
import { fieldsOf, type Userinfo } from "../../catalogue/userinfo.ts"
import type { Located } from "../../source/source.ts"

export const lowerProvider = (provider: Provider): PlanProvider =>
  provider.kind === "oidc" ? lowerOidc(provider) : lowerOAuth2(provider)

const lowerOidc = (provider: OidcProvider): PlanOidcProvider => {
  const { name, fields, client, algorithms } = provider
  const [first = "RS256", ...others] = algorithms
  const { endpoint, ...asking } = fields.userinfo.value
  const introspected = fields.introspection?.value
  return {
    name: name.value,
    kind: "oidc",
    issuer: fields.issuer.value,
    ...(client && {
      client: {
        id: client.id,
        ...(client.secret && { secret: client.secret }),
        scopes: client.scopes,
        ...login(provider),
      },
    }),
    ...(fields.subject_claim && { subjectClaim: fields.subject_claim.value }),
    ...(endpoint && { userinfo: request({ ...asking, endpoint }) }),
    accessToken: accessToken(provider),
    ...(introspected && {
      introspection: {
        url: introspected.url.value,
        ...(introspected.client_id &&
          introspected.client_secret && {
            client: { id: introspected.client_id.value, secret: introspected.client_secret.value },
          }),
      },
    }),
    ...(fields.jwks_url && { jwksUrl: fields.jwks_url.value }),
    ...(fields.ca && { ca: fields.ca.value }),
    algorithms: [first, ...others],
    claims: claims(provider),
  }
}

const lowerOAuth2 = (provider: OAuth2Provider): PlanOAuth2Provider => {
  const { name, fields, client } = provider
  const { userinfo, identity_from_token: told, token_response: response } = fields
  return {
    name: name.value,
    kind: "oauth2",
    ...(fields.issuer && { issuer: fields.issuer.value }),
    authorizationEndpoint: fields.authorization_endpoint.value,
    tokenEndpoint: fields.token_endpoint.value,
    client: {
      ...(client.id !== undefined && { id: client.id }),
      ...(client.secret && { secret: client.secret }),
      ...(fields.registration && { registration: registration(fields.registration.value) }),
      scopes: client.scopes,
      ...login(provider),
    },
    // The checker has seen to it that one of them is there.
    identity: userinfo
      ? { from: "userinfo", request: request(userinfo.value) }
      : {
          from: "token_response",
          subject: told?.value.subject.value ?? "",
          ...said("name", told?.value.name),
          ...said("email", told?.value.email),
        },
    ...(response && {
      tokenResponse: {
        accessToken: response.value.access_token.value,
        ...said("refreshToken", response.value.refresh_token),
        ...said("expiresIn", response.value.expires_in),
        ...said("scope", response.value.scope),
      },
    }),
    accessToken: accessToken(provider),
    claims: claims(provider),
  }
}

const said = <Name extends string, T>(name: Name, value: Located<T> | undefined): { readonly [K in Name]?: T } =>
  value === undefined ? {} : ({ [name]: value.value } as { readonly [K in Name]: T })

const login = ({ fields: { authorization_params: params, redirect_uri } }: Provider) => ({
  ...(params && { params: Object.fromEntries([...params.value].map(([name, { value }]) => [name, value])) }),
  ...said("redirectUri", redirect_uri),
})

const request = (userinfo: Userinfo): UserinfoRequest => {
  const { subject, name, email } = fieldsOf(userinfo)
  const headers = [...(userinfo.headers?.value ?? [])].map(([header, { value }]) => [header, value])
  return {
    endpoint: userinfo.endpoint.value,
    method: userinfo.method.value === "post" ? "POST" : "GET",
    headers: Object.fromEntries(headers),
    subject,
    name,
    email,
  }
}

const registration = (fields: NonNullable<OAuth2Provider["fields"]["registration"]>["value"]): ClientRegistration => ({
  ...said("discovery", fields.discovery),
  ...said("endpoint", fields.endpoint),
  ...said("initialAccessToken", fields.initial_access_token),
  ...said("softwareId", fields.software_id),
  ...said("softwareStatement", fields.software_statement),
})

const accessToken = ({ kind, accessToken: { format, issuer, audience } }: Provider) => ({
  format,
  ...(kind === "oauth2" && format === "jwt" && { issuer: issuer.url }),
  ...(audience !== undefined && { audience }),
})

const claims = ({ idToken, accessToken: { claims: access }, userinfo }: Provider) => ({
  idToken: declared(idToken?.claims),
  accessToken: declared(access),
  userinfo: declared(userinfo),
})

/** The claims that the file declares; the standards' own go without saying. */
const declared = (claims: ClaimSet | undefined): readonly string[] =>
  [...(claims?.values() ?? [])].filter((claim) => claim.declared !== undefined).map(({ name }) => name)
