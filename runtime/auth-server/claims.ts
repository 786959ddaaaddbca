/**
 * Which claims of a person's logins go into our own tokens.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { AuthServer, Provider } from "../plan.ts"

export type PersonClaims = Readonly<Record<string, unknown>>

/**
 * `sub` of our tokens: one value per person and provider, always the same, with nothing of the person in it.
 *
 * The base64url SHA-256 of what the provider's subjects are unique in (its issuer) and the subject: 43 characters of
 * `[A-Za-z0-9_-]`, so it is also a valid STS role session name, which a provider's own `sub` (think `auth0|…`) need not be. The
 * issuer is in it because a `sub` is only unique within one (OpenID Connect Core section 2), and the plan's name for it is not,
 * so renaming a provider moves nobody.
 */
export const subjectOf = (realm: string, subject: string): string =>
  createHash("sha256")
    .update(JSON.stringify(["authflow", realm, subject]))
    .digest("base64url")

/** What a provider's subjects are unique in. */
export const realmOf = (provider: Provider): string => {
  // Two claims that name people are two sets of names.
  if (provider.kind === "oidc")
    return provider.subjectClaim === undefined ? provider.issuer : `${provider.issuer}#${provider.subjectClaim}`
  return provider.issuer ?? provider.authorizationEndpoint
}

/** Claims that a token's own meaning rests on (RFC 7519, RFC 9068, RFC 8693, RFC 7800), and ours: none may be carried over. */
export const RESERVED: ReadonlySet<string> = new Set(
  "iss sub aud exp nbf iat jti client_id scope auth_time acr amr azp act may_act cnf authorization_details sid grant_id".split(
    " ",
  ),
)

/** Is this where the server's people are known from? */
export const isIdentity = (config: AuthServer, provider: Provider): boolean => config.login[0] === provider.name

/** Does the login have to ask the userinfo endpoint, because the ID token does not hold what is promised? */
export const needsUserinfo = (config: AuthServer, provider: Provider, idToken: PersonClaims): boolean => {
  const scopes = isIdentity(config, provider) ? (provider.client?.scopes ?? []) : []
  return (
    config.claims.some((carried) => carried.provider === provider.name && carried.from === "userinfo") ||
    (scopes.includes("email") && idToken["email"] === undefined) ||
    (scopes.includes("profile") && idToken["name"] === undefined)
  )
}

/** What a provider says of a person. */
export interface Sources {
  readonly idToken: PersonClaims
  readonly userinfo: PersonClaims
}

/**
 * What one login gives to our tokens: of the one that says who the person is, `name` and `email`; of each, what the plan
 * carries. An e-mail address that the provider says nobody proved to own is left out: a role rule that reads it would let
 * anybody in who can type it.
 */
export const personClaims = (config: AuthServer, provider: Provider, sources: Sources): PersonClaims => {
  const { idToken, userinfo } = sources
  const claims: Record<string, unknown> = {}
  if (isIdentity(config, provider)) {
    const name = idToken["name"] ?? userinfo["name"]
    if (typeof name === "string") claims["name"] = name
    // Both from the same document: one's address with the other's word for it proves nothing.
    const contact = idToken["email"] === undefined ? userinfo : idToken
    if (typeof contact["email"] === "string" && !isUnverified(contact)) {
      claims["email"] = contact["email"]
      if (contact["email_verified"] === true) claims["email_verified"] = true
    }
  }
  for (const { claim, provider: name, from, source } of config.claims) {
    if (name !== provider.name) continue
    const document = from === "id_token" ? idToken : userinfo
    const value = source === "email" && isUnverified(document) ? undefined : document[source]
    // Carried under a name of its own: it replaces, and where it is absent nothing stands in for it.
    delete claims[claim]
    if (value !== undefined && value !== null) claims[claim] = value
  }
  return claims
}

/** The claims of all logins together. `of`: those of one provider, undefined where there is no such login. */
export const joinedClaims = (config: AuthServer, of: (provider: string) => PersonClaims | undefined): PersonClaims => {
  const [first] = config.login
  const claims: Record<string, unknown> = { ...of(first) }
  for (const { claim, provider } of config.claims) {
    if (provider === first) continue
    delete claims[claim]
    const value = of(provider)?.[claim]
    if (value !== undefined) claims[claim] = value
  }
  return claims
}

/** OpenID Connect Core section 5.1, and what others call it: Google's older userinfo, Discord. */
const VERIFIED = ["email_verified", "verified_email", "verified"]

/** The provider says so; some say it with a string (AWS Cognito's userinfo). Where nothing is said, nothing is held against it. */
const isUnverified = (document: PersonClaims) =>
  VERIFIED.some((name) => document[name] === false || document[name] === "false")
