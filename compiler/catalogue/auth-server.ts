/**
 * `server NAME = auth_server`: the embedded authorization server that MCP clients talk OAuth to (OAuth 2.1, RFC 8414). People
 * log in at its providers; it issues JWT access tokens for the flows behind it.
 *
 * @module
 */
import type { ClaimType } from "./claims.ts"
import type { DeclarationConstruct, Declared } from "./construct.ts"
import type { TokenType } from "./credential.ts"
import { optional, required, section, withDefault } from "./field.ts"
import type { Provider } from "./oidc.ts"
import { secret } from "./secret.ts"
import { block, carriedClaims, choice, duration, issuerUrl, list, providerName } from "./values.ts"

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const fields = {
  issuer: required(issuerUrl, {
    doc: "The public URL of this server: `iss` of its tokens, and where its endpoints are.",
    example: '"https://auth.example.com"',
  }),
  login: required(list(providerName, { min: 1 }), {
    doc: "The providers a person logs in at, in this order. The first one is who the person is.",
    example: "[corp]",
  }),
  clients: section(
    block({
      registration: withDefault(choice(["dynamic", "none"]), "dynamic", {
        doc: "`dynamic`: any MCP client may register itself (RFC 7591). `none`: no client can.",
        example: "dynamic",
      }),
    }),
    { doc: "Which OAuth clients may come.", example: "{ registration: dynamic }" },
  ),
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
    }),
    { doc: "How long what it issues lives.", example: "{ access: 1h, refresh: 7d }" },
  ),
  claims: optional(carriedClaims, {
    doc: "Claims of a login to carry into this server's own tokens, beside `sub`, `name` and `email`.",
    example: "{ groups: corp.id_token.groups }",
  }),
  keys: withDefault(list(secret, { max: 5 }), [], {
    doc: "Signing keys (PEM). The first signs, all verify. Without any, the key is made at start and dies with the process.",
    example: '[secret("gate-keys", key: "2026")]',
  }),
  hmac_keys: withDefault(list(secret), [], {
    doc: "Symmetric keys (32 bytes or more) for cookies and codes, newest first.",
    example: '[secret("gate-hmac", key: "current")]',
  }),
}

/** A claim of the server's own tokens that comes from a login. */
export interface CarriedClaim {
  readonly name: string
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
  complete: () => undefined,
}
