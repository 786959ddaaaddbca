/**
 * `provider NAME = oauth2`: an OAuth 2.0 provider that is no OpenID provider, such as GitHub. People log in there; who they are,
 * it says with an API of its own or beside its tokens. Nothing is known of its tokens unless the file says it.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { authorizationParams } from "./authorization-params.ts"
import { accessTokenClaims, type Claim, type ClaimSet, claimSet } from "./claims.ts"
import { clientRegistration, saysWhere } from "./client-registration.ts"
import type { DeclarationConstruct, Declared } from "./construct.ts"
import type { Issuer, TokenType } from "./credential.ts"
import { type Fields, optional, required, section, withDefault } from "./field.ts"
import { knownProvider } from "./known-providers.ts"
import { declaredClaims } from "./oidc.ts"
import { flag } from "./scalars.ts"
import { secret } from "./secret.ts"
import { claimTypes } from "./token.ts"
import { identityFromToken, tokenResponse } from "./token-response.ts"
import { httpsUrl, issuerUrl, redirectUri } from "./url.ts"
import { fieldsOf, userinfo } from "./userinfo.ts"
import { block, choice, list, scope, text } from "./values.ts"

const fields = {
  authorization_endpoint: required(httpsUrl, {
    doc: "Where browsers are sent to log in.",
    example: '"https://github.com/login/oauth/authorize"',
  }),
  token_endpoint: required(httpsUrl, {
    doc: "Where we redeem codes and refresh tokens.",
    example: '"https://github.com/login/oauth/access_token"',
  }),
  issuer: optional(issuerUrl, {
    doc: "Its issuer identifier, where it says one in its answers (RFC 9207). Each answer then has to say it.",
    example: '"https://github.com/login/oauth"',
  }),
  client_id: optional(text, {
    doc: "Our client identifier there. Either this or `registration`.",
    example: '"Iv1.0123456789abcdef"',
  }),
  client_secret: optional(secret, {
    doc: "Our client secret there. Leave it out for a public client.",
    example: 'secret("github", key: "client-secret")',
  }),
  registration: optional(clientRegistration, {
    doc: "How we register there by ourselves (RFC 7591), where nobody has done it for us.",
    example: '{ endpoint: "https://auth.example.net/register" }',
  }),
  redirect_uri: optional(redirectUri, {
    doc: "Where it sends browsers back to. A path below the issuer of the server that people log in for when unsaid.",
    example: '"https://auth.example.com/oauth/callback"',
  }),
  scopes: optional(list(scope, { min: 1 }), {
    doc: "Scopes asked for at login. None when unsaid.",
    example: '["read:user", "user:email"]',
  }),
  authorization_params: optional(authorizationParams, {
    doc: "Further parameters of the authorization request, as the provider documents them.",
    example: '{ allow_signup: "false" }',
  }),
  userinfo: optional(userinfo, {
    doc: "How it says who a person is, when asked with the access token. Either this or `identity_from_token`.",
    example: '{ endpoint: "https://api.github.com/user", subject: ["id"], name: ["name", "login"] }',
  }),
  identity_from_token: optional(identityFromToken, {
    doc: "How its token endpoint says who a person is, beside the token. Either this or `userinfo`.",
    example: '{ subject: "authed_user.id" }',
  }),
  token_response: optional(tokenResponse, {
    doc: "Where things are in the token endpoint's answer, when not where OAuth 2.0 has them.",
    example: '{ access_token: "authed_user.access_token" }',
  }),
  access_token: section(
    block({
      format: withDefault(choice(["jwt", "opaque"]), "opaque", {
        doc: "`jwt` when others than the provider can verify it.",
        example: "jwt",
      }),
      issuer: optional(issuerUrl, {
        doc: "`iss` of its access tokens, where its keys are found. Needed when they are JWTs.",
        example: '"https://tokens.example.com"',
      }),
      audience: optional(text, { doc: "`aud` of its access tokens.", example: '"sts.amazonaws.com"' }),
      claims: withDefault(claimTypes, new Map(), {
        doc: "Claims its access tokens hold beyond the protocol's own, with their types.",
        example: "{ groups: strings }",
      }),
    }),
    { doc: "What is known of its access tokens.", example: "{ format: opaque }" },
  ),
  private_network: withDefault(flag, false, {
    doc: "Whether it has an address in a private network. ToolHive connects to none unless this is said.",
    example: "on",
  }),
}

/** A checked provider. */
export interface OAuth2Provider extends Declared<"oauth2", typeof fields> {
  readonly client: {
    /** `undefined` where we register ourselves. */
    readonly id: string | undefined
    readonly secret: { readonly name: string; readonly key: string } | undefined
    readonly scopes: readonly string[]
  }
  /** There is none. */
  readonly idToken: undefined
  readonly accessToken: TokenType
  /** What is known of who a person is, by the provider's own word. */
  readonly userinfo: ClaimSet
}

export const oauth2: DeclarationConstruct<"oauth2", typeof fields, OAuth2Provider> = {
  keyword: "provider",
  kind: "oauth2",
  doc: "An OAuth 2.0 provider without OpenID Connect, such as GitHub: people log in there.",
  fields,
  complete: (declared, scope) => {
    const { name, fields: written } = declared
    const { client_id, client_secret, scopes: asked } = written
    if (!isRegistered(written, name, scope) || !saysWho(written, name, scope)) return undefined
    const { format, issuer: signer, audience, claims } = written.access_token.value
    if (format.value === "opaque" && (claims.value.size > 0 || audience || signer)) {
      scope.report("AF0523", written.access_token.span, { provider: name.value })
      return undefined
    }
    if (format.value === "jwt" && signer === undefined) {
      const notes = ["a JWT is verified with the keys of the issuer that it names"]
      scope.report("AF0302", format.span, { name: "issuer", owner: "this map" }, { notes })
      return undefined
    }
    const openid = asked?.value.find(({ value }) => value === "openid")
    if (openid) scope.report("AF1461", openid.span, { provider: name.value })
    const accessClaims = declaredClaims(accessTokenClaims(name.value), claims.value, name.value, scope)
    const known = identityClaims(written, name.value, scope)
    if (!accessClaims || !known) return undefined
    const by: Issuer = { kind: "oauth2", name, url: signer?.value ?? written.authorization_endpoint.value }
    return {
      ...declared,
      client: {
        id: client_id?.value,
        secret: client_secret?.value,
        scopes: asked?.value.map(({ value }) => value) ?? [],
      },
      idToken: undefined,
      accessToken: {
        kind: "access_token",
        issuer: by,
        format: format.value,
        audience: audience?.value,
        claims: format.value === "jwt" ? accessClaims : new Map(),
        lifetime: undefined,
      },
      userinfo: known,
    }
  },
}

type Written = Fields<typeof fields>

/** Whether we have a registration there or can get one, after reporting. */
const isRegistered = ({ client_id, client_secret, registration }: Written, name: Located<string>, scope: Scope) => {
  if (registration === undefined) {
    if (client_id === undefined) scope.report("AF1452", name.span, { provider: name.value, both: undefined })
    return client_id !== undefined
  }
  const both = client_id ?? client_secret
  if (both) {
    const field = client_id ? "client_id" : "client_secret"
    const related = [{ span: registration.span, message: "the registration brings one" }]
    scope.report("AF1452", both.span, { provider: name.value, both: field }, { related })
    return false
  }
  return saysWhere(registration, scope)
}

/** Whether it is said who people are there, one way, after reporting. Warns of what may be somebody else's tomorrow. */
const saysWho = (written: Written, name: Located<string>, scope: Scope): boolean => {
  const { userinfo: asked, identity_from_token: told, authorization_endpoint, token_endpoint } = written
  const known = knownProvider(authorization_endpoint.value)
  if (asked && told) {
    const related = [{ span: told.span, message: "this says it already" }]
    scope.report("AF1451", asked.span, { provider: name.value }, { related })
    return false
  }
  if (asked === undefined && told === undefined) {
    const end = token_endpoint.span.end
    const edits = known && [
      { span: { start: end, end }, text: `\n  ${known.identity(new URL(authorization_endpoint.value))}` },
    ]
    const fix = edits && { title: "Ask it as it documents", edits }
    scope.report("AF1450", name.span, { provider: name.value }, fix ? { fix } : {})
    return false
  }
  const subject = asked?.value.subject
  const fickle = subject?.value.find(({ value }) => FICKLE.has(value))
  if (subject && fickle) {
    const edits = known && [{ span: subject.span, text: known.subject }]
    const fix = edits && { title: `Write ${known.subject}`, edits }
    scope.report("AF1454", fickle.span, { field: fickle.value, provider: name.value }, fix ? { fix } : {})
  }
  return true
}

/** What people change, and what is given to somebody else after them. */
const FICKLE: ReadonlySet<string> = new Set([
  "login",
  "username",
  "user_name",
  "name",
  "display_name",
  "nickname",
  "handle",
  "email",
  "mail",
  "preferred_username",
  "upn",
])

/** `sub`, and what of `name`, `email` and further fields the provider is known to say. */
const identityClaims = (written: Written, origin: string, scope: Scope): ClaimSet | undefined => {
  const { userinfo: asked, identity_from_token: told } = written
  const claim = (name: string, presence: Claim["presence"]): Claim => ({
    name,
    type: "string",
    presence,
    origin,
    declared: (asked ?? told)?.span,
  })
  const said = asked ? fieldsOf(asked.value) : told?.value
  const names = (["name", "email"] as const).filter((each) => said?.[each] !== undefined)
  const standard = [claim("sub", "always"), ...names.map((each) => claim(each, "sometimes"))]
  return asked ? declaredClaims(standard, asked.value.claims.value, origin, scope) : claimSet(standard)
}
