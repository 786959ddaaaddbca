/** Lowers `exchange` at token endpoints. */
import type {
  ClientCredentials,
  JwtBearer,
  OAuthClient,
  Obo,
  Subject,
  TokenExchange,
  Xaa,
} from "../../../runtime/plan.ts"
import type { TokenType } from "../../catalogue/credential.ts"
import type { StageOf } from "../../catalogue/index.ts"
import type { AuthenticationMethod } from "../../catalogue/oauth-client.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import { type Located, values } from "../../source/source.ts"
import { tokenRef } from "./token-ref.ts"

/** A token of the caller, or the one that the stage before makes. */
export const subjectOf = (token: TokenType): Subject =>
  token.issuer.kind === "token_endpoint" ? "exchanged" : tokenRef(token)

const methods = {
  basic: "client_secret_basic",
  post: "client_secret_post",
  private_key_jwt: "private_key_jwt",
} as const

const clientOf = (
  id: Located<string>,
  secret: Located<SecretRef> | undefined,
  auth: Located<AuthenticationMethod> | undefined,
): OAuthClient =>
  secret === undefined
    ? { id: id.value, authentication: "none" }
    : { id: id.value, authentication: methods[auth?.value ?? "basic"], secret: secret.value }

export const lowerTokenExchange = ({ fields }: StageOf<"token_exchange">): TokenExchange => {
  const { subject, actor, token_url, client_id, client_secret, client_auth, audience, resource } = fields
  const { subject_token_type, requested_token_type, scopes, header } = fields
  return {
    kind: "token_exchange",
    subject: subjectOf(subject.value),
    subjectType: subject_token_type?.value ?? subject.value.kind,
    ...(actor && { actor: { token: subjectOf(actor.value), type: actor.value.kind } }),
    endpoint: token_url.value,
    ...(client_id && { client: clientOf(client_id, client_secret, client_auth) }),
    ...(audience && { audience: audience.value }),
    ...(resource && { resource: resource.value }),
    scopes: values(scopes),
    ...(requested_token_type && { requestedType: requested_token_type.value }),
    header: header.value,
  }
}

export const lowerObo = ({ fields }: StageOf<"obo">): Obo => {
  const { subject, authority, tenant, client_id, client_secret, client_auth, audience, scopes, cache_skew } = fields
  // Without scopes the audience's default ones are asked for; the checker has one of both.
  const [first = `${audience?.value ?? ""}/.default`, ...others] = values(scopes)
  return {
    kind: "obo",
    subject: subjectOf(subject.value),
    endpoint: `${authority.value}/${tenant.value}/oauth2/v2.0/token`,
    // Entra's documentation has the secret as a parameter.
    client: clientOf(client_id, client_secret, client_auth ?? { ...client_id, value: "post" }),
    scopes: [first, ...others],
    ...(cache_skew && { skew: cache_skew.value }),
  }
}

export const lowerXaa = ({ fields }: StageOf<"xaa">): Xaa => {
  const { subject, idp_token_url, idp_client_id, idp_client_secret, idp_client_auth } = fields
  const { target_token_url, target_client_id, target_client_secret, target_client_auth } = fields
  const { audience, resource, scopes } = fields
  return {
    kind: "xaa",
    subject: subjectOf(subject.value),
    idp: {
      endpoint: idp_token_url.value,
      ...(idp_client_id && { client: clientOf(idp_client_id, idp_client_secret, idp_client_auth) }),
    },
    target: {
      endpoint: target_token_url.value,
      ...(target_client_id && { client: clientOf(target_client_id, target_client_secret, target_client_auth) }),
    },
    audience: audience.value,
    ...(resource && { resource: resource.value }),
    scopes: values(scopes),
  }
}

export const lowerJwtBearer = ({ fields }: StageOf<"jwt_bearer">): JwtBearer => {
  const { subject, token_url, client_id, client_secret, client_auth, resource, scopes } = fields
  return {
    kind: "jwt_bearer",
    subject: subjectOf(subject.value),
    endpoint: token_url.value,
    ...(client_id && { client: clientOf(client_id, client_secret, client_auth) }),
    ...(resource && { resource: resource.value }),
    scopes: values(scopes),
  }
}

export const lowerClientCredentials = ({ fields }: StageOf<"client_credentials">): ClientCredentials => {
  const { token_url, client_id, client_secret, client_auth, audience, resource, scopes } = fields
  return {
    kind: "client_credentials",
    endpoint: token_url.value,
    client: clientOf(client_id, client_secret, client_auth),
    ...(audience && { audience: audience.value }),
    ...(resource && { resource: resource.value }),
    scopes: values(scopes),
  }
}
