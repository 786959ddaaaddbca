/**
 * Claims as the type system knows them: which a token holds, of what type, and whose word each one is.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"

/** `strings` is a list of strings; `unknown` is declared by no one to be more than present. */
export type ClaimType = "string" | "strings" | "number" | "boolean" | "object"

/** A claim of a token. */
export interface Claim {
  readonly name: string
  readonly type: ClaimType
  /** `always`: the specification makes the issuer put it in. `sometimes`: a token may come without it. */
  readonly presence: "always" | "sometimes"
  /** Name of the declaration whose word it is first: `corp` for a claim that `gate` carries over from corp's login. */
  readonly origin: string
  /** What puts it there: a field of the file, or undefined when a specification does. */
  readonly declared: Span | undefined
}

export type ClaimSet = ReadonlyMap<string, Claim>

const claim = (
  name: string,
  origin: string,
  type: ClaimType = "string",
  presence: Claim["presence"] = "sometimes",
): Claim => ({ name, type, presence, origin, declared: undefined })

/** OpenID Connect Core 1.0 section 5.4: the claims each scope asks for. */
const SCOPE_CLAIMS: Readonly<Record<string, Readonly<Record<string, ClaimType>>>> = {
  email: { email: "string", email_verified: "boolean" },
  profile: {
    name: "string",
    family_name: "string",
    given_name: "string",
    middle_name: "string",
    nickname: "string",
    preferred_username: "string",
    profile: "string",
    picture: "string",
    website: "string",
    gender: "string",
    birthdate: "string",
    zoneinfo: "string",
    locale: "string",
    updated_at: "number",
  },
  address: { address: "object" },
  phone: { phone_number: "string", phone_number_verified: "boolean" },
}

/** Scopes that OpenID Connect Core defines, and what each one brings. */
export const knownScopes: Readonly<Record<string, string>> = {
  openid: "An ID token.",
  offline_access: "A refresh token.",
  ...Object.fromEntries(
    Object.entries(SCOPE_CLAIMS).map(([scope, claims]) => [scope, `Claims: ${Object.keys(claims).join(", ")}.`]),
  ),
}

const setOf = (claims: readonly Claim[]): ClaimSet => new Map(claims.map((each) => [each.name, each]))

/** Claims that a person's scopes bring, beside `sub` (Core section 5.4). */
export const scopeClaims = (scopes: readonly string[], origin: string): readonly Claim[] =>
  scopes.flatMap((scope) => Object.entries(SCOPE_CLAIMS[scope] ?? {}).map(([name, type]) => claim(name, origin, type)))

/** What every ID token holds (Core section 2), and what its scopes add. */
export const idTokenClaims = (scopes: readonly string[], origin: string): readonly Claim[] => [
  ...["iss", "sub", "aud"].map((name) => claim(name, origin, "string", "always")),
  ...["exp", "iat"].map((name) => claim(name, origin, "number", "always")),
  ...["auth_time"].map((name) => claim(name, origin, "number")),
  ...["nonce", "acr", "azp", "at_hash", "c_hash"].map((name) => claim(name, origin)),
  claim("amr", origin, "strings"),
  ...scopeClaims(scopes, origin),
]

/** What every userinfo answer holds (Core section 5.3.2), and what its scopes add. */
export const userinfoClaims = (scopes: readonly string[], origin: string): readonly Claim[] => [
  claim("sub", origin, "string", "always"),
  ...scopeClaims(scopes, origin),
]

/** What a JWT access token holds (RFC 9068 section 2.2); issuers that predate it leave some out. */
export const accessTokenClaims = (origin: string): readonly Claim[] => [
  ...["iss", "sub", "aud"].map((name) => claim(name, origin, "string", "always")),
  claim("exp", origin, "number", "always"),
  ...["iat", "auth_time", "nbf"].map((name) => claim(name, origin, "number")),
  ...["jti", "client_id", "scope", "acr"].map((name) => claim(name, origin)),
  claim("amr", origin, "strings"),
]

/** What an introspection answer about an active token holds (RFC 7662 section 2.2); without `sub` we take none. */
export const introspectionClaims = (origin: string): readonly Claim[] => [
  claim("sub", origin, "string", "always"),
  ...["iss", "aud", "jti", "client_id", "username", "scope", "token_type"].map((name) => claim(name, origin)),
  ...["exp", "iat", "nbf"].map((name) => claim(name, origin, "number")),
]

/** Later ones replace earlier ones of the same name. */
export const claimSet = (...groups: readonly (readonly Claim[])[]): ClaimSet => setOf(groups.flat())
