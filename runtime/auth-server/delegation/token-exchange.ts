/**
 * OAuth 2.0 Token Exchange (RFC 8693) at our token endpoint: a delegate client that has a person's token gets one of its own for
 * that person, which says in `act` who acts. What it gets is never more than the token it shows and the file both allow.
 *
 * Subject tokens are access tokens: ours, or those of a trusted issuer. An ID token is not one (it says who logged in, not what
 * may be done), and ones that are bound to a key would lose their binding.
 *
 * @module
 */
import type { JWTPayload } from "jose"
import { jwtVerify } from "jose"
import { errors, type KoaContextWithOIDC } from "oidc-provider"
import type { AuthServer, DelegateClient } from "../../plan.ts"
import type { SigningKeys } from "../keys.ts"
import { actingFor } from "./actor.ts"
import {
  ACCESS_TOKEN,
  type Issuing,
  issue,
  outsideClaims,
  outsideSubject,
  scopesOf,
  several,
  words,
} from "./issuing.ts"
import { SKEW, type TrustedIssuers } from "./trusted-issuers.ts"

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
const TYPES = [ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt"]

export const PARAMETERS = [
  "subject_token",
  "subject_token_type",
  "actor_token",
  "actor_token_type",
  "requested_token_type",
  "resource",
  "audience",
  "scope",
] as const
export const REPEATED = ["resource", "audience"] as const

/** Seconds, as ToolHive's. */
const LIFETIME = 15 * 60

export interface ExchangeOptions extends Issuing {
  readonly config: AuthServer
  readonly keys: SigningKeys
  readonly issuers: TrustedIssuers
  readonly revoked: (grantName: string) => Promise<boolean>
  /** Why a token was refused, for the operator. */
  readonly note: (why: string) => void
}

/** What a subject token comes to. */
interface Subject {
  readonly claims: JWTPayload
  readonly subject: string
  /** An outside issuer's own actor, to be named in `act`. */
  readonly actor: string | undefined
  readonly own: boolean
}

export const tokenExchange = (options: ExchangeOptions): ((ctx: KoaContextWithOIDC) => Promise<void>) => {
  const { config, keys, issuers, resources, note } = options

  /** Tells the client nothing of why (RFC 8693 section 2.2.2): that is the operator's. */
  const refused = (why: string) => {
    note(why)
    return new errors.InvalidRequest("the subject token is invalid or could not be verified")
  }

  const ours = async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys.verify, {
      issuer: config.issuer,
      algorithms: [...keys.algorithms],
      typ: "at+jwt",
      requiredClaims: ["sub", "exp", "aud", "client_id", "grant_id"],
    })
    if (await options.revoked(String(payload["grant_id"]))) throw refused("the token was revoked")
    return payload
  }

  const subjectOf = async (token: string, client: string): Promise<Subject> => {
    const trust = issuers(token)
    if (trust === undefined) {
      const claims = await ours(token)
      const may = claims["may_act"]
      // RFC 8693 section 4.4. Without it, the operator's word for the client is enough.
      if (may !== undefined && Reflect.get(Object(may), "sub") !== client) throw refused("may_act names another client")
      return { claims, subject: String(claims.sub), actor: undefined, own: true }
    }
    const { delegation, issuer } = trust.config
    if (delegation === undefined) throw refused(`tokens of ${issuer} are not exchanged`)
    const claims = await trust.verify(token, { audience: delegation.audience, requiredClaims: ["sub", "exp", "aud"] })
    // OpenID Connect Core section 3.3.2.11: only ID tokens have these.
    if (["at_hash", "c_hash", "nonce"].some((name) => name in claims)) throw refused("it is an ID token")
    if (!delegation.delegates.includes("*") && !delegation.delegates.includes(client)) {
      throw refused(`${client} may not exchange tokens of ${issuer}`)
    }
    const outside = { claims, subject: outsideSubject(claims), own: false }
    if (delegation.mayAct && claims["may_act"] !== undefined) {
      if (Reflect.get(Object(claims["may_act"]), "sub") !== client) throw refused("may_act names another client")
      return { ...outside, actor: undefined }
    }
    const actor = claims[delegation.actorClaim]
    if (typeof actor === "string" && delegation.actors.includes(actor)) return { ...outside, actor }
    if (trust.matches(claims)) return { ...outside, actor: undefined }
    throw refused(`nothing allows to act for whom ${issuer} issued it to`)
  }

  /** Who acts: the client, or a part of it that it has a token of ours for. */
  const actorOf = async (token: unknown, type: unknown, client: string): Promise<string> => {
    if (token === undefined) {
      if (type !== undefined) throw new errors.InvalidRequest("actor_token_type without actor_token")
      return client
    }
    if (typeof token !== "string" || !TYPES.includes(String(type)))
      throw new errors.InvalidRequest("actor_token is not taken")
    const claims = await verified(() => ours(token))
    if (claims["client_id"] !== client) throw refused("the actor token was issued to another client")
    return String(claims.sub)
  }

  const verified = async <A>(verify: () => Promise<A>): Promise<A> => {
    try {
      return await verify()
    } catch (cause) {
      if (cause instanceof errors.OIDCProviderError) throw cause
      throw refused(cause instanceof Error ? cause.message : "unreadable")
    }
  }

  return async (ctx) => {
    const { params = {}, client } = ctx.oidc
    const delegate = config.delegates?.find(({ id }) => id === client?.clientId)
    if (delegate === undefined) throw new errors.UnauthorizedClient("this client exchanges no tokens")
    const { subject_token: token, subject_token_type: type, requested_token_type: wanted } = params
    if (typeof token !== "string" || token === "") throw new errors.InvalidRequest("subject_token is missing")
    if (!TYPES.includes(String(type))) throw new errors.InvalidRequest("subject_token_type is not taken")
    if (wanted !== undefined && !TYPES.includes(String(wanted)))
      throw new errors.InvalidRequest("requested_token_type is not issued")
    if (ctx.get("dpop") !== "") throw new errors.InvalidRequest("exchanged tokens are not bound to keys")

    const { claims, subject, actor: outside, own } = await verified(() => subjectOf(token, delegate.id))
    if (claims["cnf"] !== undefined) throw refused("it is bound to a key")
    const acting = await actorOf(params["actor_token"], params["actor_token_type"], delegate.id)
    const resource = resourceOf(delegate, claims, [...several(params["resource"]), ...several(params["audience"])])
    const before =
      outside === undefined ? claims["act"] : actingFor({ iss: String(claims.iss), sub: outside }, claims["act"])
    const act = actingFor({ iss: config.issuer, sub: acting }, before)
    const left = Math.floor((claims.exp ?? 0) - Date.now() / 1000) + (own ? 0 : SKEW)
    const grant = claims["grant_id"]
    await issue(
      ctx,
      options,
      {
        subject,
        resource,
        scopes: grantedScopes(delegate, claims, words(params["scope"])),
        ttl: Math.min(config.tokens.delegated ?? LIFETIME, left),
        grantType: "token-exchange",
        // Part of the grant that it comes from: it ends with that.
        extra: own ? { act, claims: {}, grant: String(grant) } : { act, claims: outsideClaims(claims) },
      },
      { issued_token_type: ACCESS_TOKEN },
    )
  }

  /** The one resource: asked for, the client's, and in the audience of what it shows. */
  function resourceOf(delegate: DelegateClient, claims: JWTPayload, asked: readonly string[]) {
    const shown = several(claims.aud).map(resources.find)
    const may = delegate.audiences.map(resources.find)
    const within = [...new Set(may)].filter((each) => each !== undefined && shown.includes(each))
    const wanted = asked.length === 0 ? new Set(within) : new Set(asked.map(resources.find))
    const [only] = wanted
    if (wanted.size !== 1) throw new errors.InvalidTarget("name the one resource that the token is for")
    if (only === undefined || !within.includes(only))
      throw new errors.InvalidTarget("that resource is not to be had with this token")
    return only
  }
}

/** Refused, not left out: who asks for more would go on as if it had it. */
const grantedScopes = (delegate: DelegateClient, claims: JWTPayload, asked: readonly string[]): readonly string[] => {
  const within = scopesOf(claims).filter((scope) => delegate.scopes.includes(scope))
  if (asked.length === 0) return within
  const beyond = asked.filter((scope) => !within.includes(scope))
  if (beyond.length > 0)
    throw new errors.InvalidScope("these scopes are not to be had with this token", beyond.join(" "))
  return [...new Set(asked)]
}
