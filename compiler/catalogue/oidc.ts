/**
 * `provider NAME = oidc`: an OpenID Connect provider. People log in there, or it issues the tokens that callers present.
 *
 * @module
 */
import type { ClaimSet } from "./claims.ts"
import type { DeclarationConstruct, Declared } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { optional, required, section, withDefault } from "./field.ts"
import { secret } from "./secret.ts"
import { block, choice, claimTypes, issuerUrl, list, scope, text } from "./values.ts"

/** JWS algorithms an issuer may sign with: asymmetric only, `none` never (RFC 8725 section 3.1). */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const

const fields = {
  issuer: required(issuerUrl, {
    doc: "The provider's issuer URL, exactly as its discovery document and its tokens say it.",
    example: '"https://idp.example.com"',
  }),
  client_id: optional(text, {
    doc: "Our client identifier there. Needed where people log in at this provider through a server of ours.",
    example: '"mcp-gateway"',
  }),
  client_secret: optional(secret, {
    doc: "Our client secret there. Leave it out for a public client.",
    example: 'secret("corp-idp", key: "client-secret")',
  }),
  scopes: withDefault(list(scope), [], {
    doc: "Scopes asked for at login. `openid` gives an ID token, `offline_access` a refresh token.",
    example: '["openid", "email", "offline_access"]',
  }),
  id_token: section(
    block({
      claims: withDefault(claimTypes, new Map(), {
        doc: "Claims its ID tokens hold beyond those the scopes bring, with their types.",
        example: "{ groups: strings }",
      }),
    }),
    { doc: "What is known of its ID tokens.", example: "{ claims: { groups: strings } }" },
  ),
  access_token: section(
    block({
      format: withDefault(choice(["jwt", "opaque"]), "opaque", {
        doc: "`jwt` when others than the provider can verify it. Most providers' access tokens are opaque.",
        example: "jwt",
      }),
      audience: optional(text, { doc: "`aud` of its access tokens.", example: '"sts.amazonaws.com"' }),
      claims: withDefault(claimTypes, new Map(), {
        doc: "Claims its access tokens hold beyond the protocol's own, with their types.",
        example: "{ groups: strings, email: string }",
      }),
    }),
    { doc: "What is known of its access tokens.", example: '{ format: jwt, audience: "sts.amazonaws.com" }' },
  ),
  userinfo: section(
    block({
      claims: withDefault(claimTypes, new Map(), {
        doc: "Claims its userinfo answer holds beyond those the scopes bring, with their types.",
        example: "{ groups: strings }",
      }),
    }),
    { doc: "What is known of its userinfo answer.", example: "{ claims: { groups: strings } }" },
  ),
  algorithms: withDefault(list(choice(ALGORITHMS)), [], {
    doc: "Signature algorithms accepted from this issuer.",
    example: "[RS256]",
  }),
}

/** A checked provider. */
export interface Provider extends Declared<"oidc", typeof fields> {
  /** Our registration there; `undefined` when nobody logs in through us. */
  readonly client:
    | {
        readonly id: string
        readonly secret: { readonly name: string; readonly key: string } | undefined
        readonly scopes: readonly string[]
      }
    | undefined
  readonly idToken: TokenType | undefined
  readonly accessToken: TokenType
  readonly userinfo: ClaimSet
  readonly algorithms: readonly string[]
}

export const oidc: DeclarationConstruct<"oidc", typeof fields, Provider> = {
  keyword: "provider",
  kind: "oidc",
  doc: "An OpenID Connect provider: people log in there, or it issues the tokens that callers present.",
  fields,
  complete: () => undefined,
}
