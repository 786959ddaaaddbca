/**
 * What the grants without a person present have in common: the token that is issued, and how a request for it is read.
 *
 * @module
 */
import type { JWTPayload } from "jose"
import Provider, { errors, type KoaContextWithOIDC, type ResourceServer } from "oidc-provider"
import type { ProtectedResource } from "../auth-server.ts"
import { type PersonClaims, subjectOf } from "../claims.ts"
import type { Resources } from "../resources.ts"
import type { Actor } from "./actor.ts"

export const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

/** What goes into the token beside what the engine puts there. */
export interface Extra {
  readonly act?: Actor
  /** Of a person whose login is not known here. */
  readonly claims: PersonClaims
  /** The name of the grant that it is part of, where that is not one of its own. */
  readonly grant?: string
}

/** Handed from the grants to the engine's hook for claims of tokens. */
export const extras = new WeakMap<object, Extra>()

export interface Issuing {
  readonly resources: Resources
  readonly resourceServer: (resource: ProtectedResource, ttl: number) => ResourceServer
}

/** The values of a parameter that may be there several times. */
export const several = (value: unknown): readonly string[] =>
  [value].flat().filter((each): each is string => typeof each === "string" && each !== "")

export const words = (text: unknown): readonly string[] =>
  typeof text === "string" ? text.split(" ").filter(Boolean) : []

/** RFC 9068 section 2.2.3, and what other issuers call it. */
export const scopesOf = (claims: JWTPayload): readonly string[] => {
  const scp = claims["scp"]
  if (typeof claims["scope"] === "string") return words(claims["scope"])
  return Array.isArray(scp) ? scp.filter((each) => typeof each === "string") : words(scp)
}

/** Subject of an outside issuer in our tokens: the same as if that person logged in there. */
export const outsideSubject = ({ iss = "", sub = "" }: JWTPayload): string => subjectOf(iss, sub)

/** `name` and `email` as the outside issuer says them; an address that it says is not verified is left out. */
export const outsideClaims = ({ name, email, email_verified: verified }: JWTPayload): PersonClaims => ({
  ...(typeof name === "string" ? { name } : {}),
  ...(typeof email === "string" && verified !== false && verified !== "false" ? { email } : {}),
})

/** Issues the token and answers with it. `ttl`: seconds. `subject`: `sub` of the token. */
export const issue = async (
  ctx: KoaContextWithOIDC,
  { resourceServer }: Issuing,
  token: {
    readonly subject: string
    readonly resource: ProtectedResource
    readonly scopes: readonly string[]
    readonly ttl: number
    readonly grantType: string
    readonly extra: Extra
  },
  answer: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const { client, provider } = ctx.oidc
  if (client === undefined) throw new errors.InvalidClientAuth("no client")
  if (token.ttl <= 0) throw new errors.InvalidGrant("it has expired")
  const engine = provider as Provider
  const { subject: accountId, resource } = token
  const scope = token.scopes.join(" ")
  let grantId = token.extra.grant ?? ""
  if (token.extra.grant === undefined) {
    // So that it ends with what the person has here.
    const grant = new engine.Grant({ accountId, clientId: client.clientId })
    grant.addResourceScope(resource.resource, scope === "" ? "openid" : scope)
    grantId = await Object.assign(grant, { expiresIn: token.ttl }).save()
  }
  const made = new engine.AccessToken({
    accountId,
    client,
    grantId,
    gty: token.grantType,
    scope,
    expiresWithSession: false,
    expiresIn: token.ttl,
  })
  made.resourceServer = new engine.ResourceServer(resource.resource, resourceServer(resource, token.ttl))
  extras.set(made, token.extra)
  ctx.oidc.entity("AccessToken", made)
  ctx.body = {
    access_token: await made.save(),
    token_type: made.tokenType,
    expires_in: token.ttl,
    ...(scope === "" ? {} : { scope }),
    ...answer,
  }
}
