/**
 * `provider NAME = oidc`: an OpenID Connect provider. People log in there, or it issues the tokens that callers present.
 *
 * @module
 */
import { nearest } from "../check/names.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { authorizationParams } from "./authorization-params.ts"
import {
  accessTokenClaims,
  type Claim,
  type ClaimSet,
  type ClaimType,
  claimSet,
  idTokenClaims,
  introspectionClaims,
  userinfoClaims,
} from "./claims.ts"
import { configMap } from "./config-map.ts"
import type { DeclarationConstruct, Declared } from "./construct.ts"
import type { Issuer, TokenType } from "./credential.ts"
import { type Fields, optional, required, section, withDefault } from "./field.ts"
import { secret } from "./secret.ts"
import { claimTypes } from "./token.ts"
import { httpsUrl, issuerUrl, redirectUri } from "./url.ts"
import { isAsked, userinfoOverride } from "./userinfo.ts"
import { block, choice, list, pattern, scope, text } from "./values.ts"

/** JWS algorithms an issuer may sign with: asymmetric only, `none` never (RFC 8725 section 3.1). */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const

/** What issuers sign with in the field. */
const DEFAULT_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]

/** What ToolHive takes for the name of a claim here (pkg/authserver/upstream/oidc.go). */
const claimName = pattern(
  "a claim",
  /^(?=.{1,128}$)[A-Za-z_][A-Za-z0-9_]*$/,
  "it is letters, digits and `_`, at most 128 of them",
)

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
  redirect_uri: optional(redirectUri, {
    doc: "Where it sends browsers back to. A path below the issuer of the server that people log in for when unsaid.",
    example: '"https://auth.example.com/oauth/callback"',
  }),
  scopes: optional(list(scope, { min: 1 }), {
    doc: "Scopes asked for at login. `openid` gives an ID token, `offline_access` a refresh token. `openid` alone when unsaid.",
    example: '["openid", "email", "offline_access"]',
  }),
  subject_claim: optional(claimName, {
    doc: "Claim of its ID tokens that says who a person is there, where `sub` does not. Needed where `sub` differs for each client.",
    example: '"oid"',
  }),
  authorization_params: optional(authorizationParams, {
    doc: "Further parameters of the authorization request, as the provider documents them.",
    example: '{ access_type: "offline" }',
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
  userinfo: section(userinfoOverride, {
    doc: "What is known of its userinfo answer, and which endpoint is asked if not its own.",
    example: "{ claims: { groups: strings } }",
  }),
  introspection: optional(
    block({
      url: required(httpsUrl, {
        doc: "Its introspection endpoint.",
        example: '"https://idp.example.com/oauth/introspect"',
      }),
      client_id: optional(text, { doc: "What we are called there.", example: '"mcp-resource"' }),
      client_secret: optional(secret, {
        doc: "Our secret there.",
        example: 'secret("corp-idp", key: "introspection")',
      }),
    }),
    {
      doc: "Opaque tokens that callers bring are verified by asking the provider (RFC 7662).",
      example: '{ url: "https://idp.example.com/oauth/introspect", client_id: "mcp-resource" }',
    },
  ),
  jwks_url: optional(httpsUrl, {
    doc: "Where its keys are, if not where its discovery document says.",
    example: '"https://idp.example.com/keys"',
  }),
  ca: optional(configMap, {
    doc: "Certificates (PEM) of the authorities that its servers are trusted by, when callers' tokens are verified. Those of the machine when unsaid.",
    example: 'config_map("corp-ca", key: "ca.crt")',
  }),
  algorithms: optional(list(choice(ALGORITHMS), { min: 1 }), {
    doc: "Signature algorithms accepted from this issuer. RS256, PS256, ES256 and EdDSA when unsaid.",
    example: "[RS256]",
  }),
}

/** A checked provider. */
export interface OidcProvider extends Declared<"oidc", typeof fields> {
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

export const oidc: DeclarationConstruct<"oidc", typeof fields, OidcProvider> = {
  keyword: "provider",
  kind: "oidc",
  doc: "An OpenID Connect provider: people log in there, or it issues the tokens that callers present.",
  fields,
  complete: (declared, scope) => {
    const { name, fields: written } = declared
    const { client_id, client_secret, scopes: asked, subject_claim, authorization_params, redirect_uri } = written
    if (client_id === undefined) {
      const { endpoint } = written.userinfo.value
      const forLogin = {
        client_secret,
        redirect_uri,
        scopes: asked,
        subject_claim,
        authorization_params,
        userinfo: endpoint,
      }
      const [needing, span] =
        Object.entries(forLogin).flatMap(([field, value]) => (value ? [[field, value.span] as const] : []))[0] ?? []
      if (needing !== undefined && span) {
        const why = `\`${needing}\` is for logging people in there, and that needs our client identifier`
        scope.report("AF0302", span, { name: "client_id", owner: `provider ${name.value}` }, { notes: [why] })
        return undefined
      }
    }
    if (!isAsked(written.userinfo.value, scope)) return undefined
    const { format, audience, claims } = written.access_token.value
    const { introspection } = written
    if (introspection && format.value === "jwt") {
      scope.report("AF1402", introspection.span, { provider: name.value })
      return undefined
    }
    if (introspection && !namesUs(introspection, scope)) return undefined
    if (format.value === "opaque" && !introspection && (claims.value.size > 0 || audience)) {
      scope.report("AF0523", written.access_token.span, { provider: name.value })
      return undefined
    }
    const scopes = asked?.value.map(({ value }) => value) ?? ["openid"]
    const issuer: Issuer = { kind: "oidc", name, url: written.issuer.value }
    const known = client_id ? scopes : []
    const idClaims = declaredClaims(
      idTokenClaims(known, name.value),
      written.id_token.value.claims.value,
      name.value,
      scope,
    )
    const infoClaims = declaredClaims(
      userinfoClaims(known, name.value),
      written.userinfo.value.claims.value,
      name.value,
      scope,
    )
    const standard = introspection ? introspectionClaims(name.value) : accessTokenClaims(name.value)
    const accessClaims = declaredClaims(standard, claims.value, name.value, scope)
    if (!idClaims || !infoClaims || !accessClaims) return undefined
    if (subject_claim && !isSubject(subject_claim, idClaims, name.value, scope)) return undefined
    return {
      ...declared,
      client: client_id && { id: client_id.value, secret: client_secret?.value, scopes },
      idToken:
        client_id && scopes.includes("openid")
          ? {
              kind: "id_token",
              issuer,
              format: "jwt",
              audience: client_id.value,
              claims: idClaims,
              lifetime: undefined,
            }
          : undefined,
      accessToken: {
        kind: "access_token",
        issuer,
        format: format.value,
        audience: audience?.value,
        claims: format.value === "jwt" || introspection ? accessClaims : new Map(),
        lifetime: undefined,
      },
      userinfo: infoClaims,
      algorithms: written.algorithms?.value.map(({ value }) => value) ?? DEFAULT_ALGORITHMS,
    }
  },
}

/** Whether a client identifier and a secret come together, after reporting (RFC 6749 section 2.3.1). */
const namesUs = (
  { value: { client_id, client_secret }, span }: NonNullable<Fields<typeof fields>["introspection"]>,
  scope: Scope,
): boolean => {
  if ((client_id === undefined) === (client_secret === undefined)) return true
  const name = client_id === undefined ? "client_id" : "client_secret"
  const notes = ["we prove to the introspection endpoint who we are with both of them (RFC 7662 section 2.1)"]
  scope.report("AF0302", span, { name, owner: "introspection" }, { notes })
  return false
}

/** Whether its ID tokens are known to hold the claim, as one string, after reporting. */
const isSubject = ({ value, span }: Located<string>, claims: ClaimSet, provider: string, scope: Scope): boolean => {
  const claim = claims.get(value)
  if (claim === undefined) {
    const notes = [`declare it: \`id_token = { claims: { ${value}: string } }\``]
    const meant = nearest(value, [...claims.keys()])
    scope.report("AF0507", span, { claim: value, token: `${provider}.id_token`, meant }, { notes })
  } else if (claim.type !== "string") scope.report("AF0526", span, { claim: value, type: claim.type })
  return claim?.type === "string"
}

/** Standard claims and declared ones together, or `undefined` after reporting a declaration that contradicts a standard. */
export const declaredClaims = (
  standard: readonly Claim[],
  declared: ReadonlyMap<string, Located<ClaimType>>,
  origin: string,
  scope: Scope,
): ClaimSet | undefined => {
  const known = claimSet(standard)
  const added: Claim[] = []
  let agreed = true
  for (const [name, { value: type, span }] of declared) {
    const specified = known.get(name)
    if (specified && specified.type !== type) {
      agreed = false
      scope.report("AF0512", span, { claim: name, declared: type, standard: specified.type })
    } else added.push({ name, type, presence: specified?.presence ?? "sometimes", origin, declared: span })
  }
  return agreed ? claimSet(standard, added) : undefined
}
