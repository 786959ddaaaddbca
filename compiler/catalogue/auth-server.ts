/**
 * `server NAME = auth_server`: the embedded authorization server that MCP clients talk OAuth to (OAuth 2.1, RFC 8414). People
 * log in at its providers; it issues JWT access tokens for the flows behind it.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { accessTokenClaims, type ClaimType, claimSet } from "./claims.ts"
import { checkWays, clients, haveEffect } from "./clients.ts"
import type { DeclarationConstruct, Declared } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { delegates, delegationGoesTogether, trust } from "./delegation.ts"
import { optional, required, section, withDefault } from "./field.ts"
import type { Provider } from "./provider.ts"
import { goesTogether, redisStorage } from "./redis-storage.ts"
import { secret, secretKey } from "./secret.ts"
import { carriedClaims, providerName, reportNoLogin } from "./token.ts"
import { baseUrl, issuerUrl } from "./url.ts"
import { block, duration, list } from "./values.ts"

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const fields = {
  issuer: required(issuerUrl, {
    doc: "The public URL of this server: `iss` of its tokens, and where its endpoints are.",
    example: '"https://auth.example.com"',
  }),
  login: required(list(providerName, { min: 1, key: (provider) => provider.name.value }), {
    doc: "The providers a person logs in at, in this order. The first one is who the person is.",
    example: "[corp]",
  }),
  clients: section(clients, { doc: "Which OAuth clients may come.", example: "{ registration: dynamic }" }),
  delegates: withDefault(delegates, new Map(), {
    doc: "Clients that exchange people's tokens for tokens of their own (RFC 8693), by their `client_id`.",
    example:
      '{ agent: { secret: secret("agent", key: "s"), scopes: ["mcp:use"], audiences: ["https://mcp.example.com/mcp"] } }',
  }),
  trust: withDefault(trust, new Map(), {
    doc: "Outside issuers whose tokens and assertions are taken for ours, by their URLs.",
    example:
      '{ "https://login.example.net": { audience: "https://mcp.example.com/mcp", delegates: ["agent"], actors: ["chat-ui"] } }',
  }),
  tokens: section(
    block({
      access: withDefault(duration({ min: MINUTE, max: DAY }), HOUR, {
        doc: "Lifetime of an access token.",
        example: "1h",
      }),
      refresh: withDefault(duration({ min: HOUR, max: 30 * DAY }), 7 * DAY, {
        doc: "Lifetime of a refresh token.",
        example: "7d",
      }),
      code: withDefault(duration({ min: 30, max: 10 * MINUTE }), 10 * MINUTE, {
        doc: "Lifetime of an authorization code.",
        example: "10m",
      }),
      delegated: withDefault(duration({ min: MINUTE, max: DAY }), 15 * MINUTE, {
        doc: "Lifetime of a token that was exchanged, or given for an assertion.",
        example: "15m",
      }),
    }),
    { doc: "How long what it issues lives.", example: "{ access: 1h, refresh: 7d }" },
  ),
  storage: optional(redisStorage, {
    doc: "Where logins, codes and tokens are kept, for several processes to be one server. When unsaid: with `authflow run` in a file on its machine (`--state`), with ToolHive in the pod's memory, where a restart logs everybody out.",
    example: '{ redis: "redis.mcp.svc:6379", password: secret("redis", key: "password") }',
  }),
  authorization_base: optional(baseUrl, {
    doc: "Where browsers find the authorization endpoint, if not below the issuer: `/oauth/authorize` is put behind it.",
    example: '"https://login.example.com"',
  }),
  claims: optional(carriedClaims, {
    doc: "Claims of a login to carry into this server's own tokens, beside `sub`, `name` and `email`.",
    example: "{ groups: corp.id_token.groups }",
  }),
  keys: withDefault(list(secret, { max: 5, key: secretKey }), [], {
    doc: "Signing keys (PEM). The first signs, all verify. Without any, the key is made at start and dies with the process.",
    example: '[secret("gate-keys", key: "2026")]',
  }),
  hmac_keys: withDefault(list(secret, { key: secretKey }), [], {
    doc: "Symmetric keys (32 bytes or more) that cookies are signed and stored logins encrypted with, newest first.",
    example: '[secret("gate-hmac", key: "current")]',
  }),
}

/** A claim of the server's own tokens that comes from a login. */
export interface CarriedClaim {
  /** In the server's tokens. */
  readonly name: string
  readonly span: Span
  readonly type: ClaimType
  readonly provider: Provider
  readonly from: "id_token" | "userinfo"
  readonly source: string
}

/** A checked authorization server. */
export interface AuthServer extends Declared<"auth_server", typeof fields> {
  readonly login: readonly [Provider, ...Provider[]]
  readonly carried: readonly CarriedClaim[]
  readonly accessToken: TokenType
}

export const authServer: DeclarationConstruct<"auth_server", typeof fields, AuthServer> = {
  keyword: "server",
  kind: "auth_server",
  doc: "The embedded authorization server that MCP clients talk OAuth to.",
  fields,
  complete: (declared, scope) => {
    const { name, fields: written } = declared
    if (!canLogIn(written.login.value, scope)) return undefined
    if (written.storage && !goesTogether(written.storage, scope)) return undefined
    if (!haveEffect(written.clients.value, scope)) return undefined
    if (!delegationGoesTogether(written.clients.value, written.delegates.value, written.trust.value, scope))
      return undefined
    const [first, ...others] = written.login.value.map(({ value }) => value)
    if (first === undefined) return undefined
    const login = [first, ...others] as const
    const carried = written.claims?.value ?? []
    const strangers = carried.filter(({ provider }) => !login.includes(provider))
    for (const { span, provider } of strangers)
      scope.report("AF0510", span, { server: name.value, provider: provider.name.value })
    if (strangers.length > 0) return undefined
    if (written.keys.value.length === 0) scope.report("AF0519", name.span, { server: name.value })
    checkWays(written.clients.value, written.trust.value.size > 0, name.value, scope)
    const claims = claimSet(
      accessTokenClaims(name.value).map((claim) => ({ ...claim, origin: first.name.value })),
      // ToolHive's server and ours alike: name and email of the first login, when it gives them.
      ["name", "email"].flatMap((each) => first.idToken?.claims.get(each) ?? first.userinfo.get(each) ?? []),
      carried.map(({ name: claim, type, provider, span }) => ({
        name: claim,
        type,
        presence: "sometimes",
        origin: provider.name.value,
        declared: span,
      })),
    )
    return {
      ...declared,
      login,
      carried,
      accessToken: {
        kind: "access_token",
        issuer: { kind: "auth_server", name, url: written.issuer.value },
        format: "jwt",
        audience: undefined,
        claims,
        lifetime: written.tokens.value.access.value,
      },
    }
  },
}

/** Whether people can log in at each of these, after reporting those where they can't. */
const canLogIn = (providers: readonly Located<Provider>[], scope: Scope): boolean => {
  const unable = providers.filter(
    ({ value: { kind, client, idToken } }) => kind === "oidc" && (client === undefined || idToken === undefined),
  )
  for (const { value: provider, span } of unable) reportNoLogin(provider, { span }, scope)
  return unable.length === 0
}
