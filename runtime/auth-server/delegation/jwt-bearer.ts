/**
 * The JWT bearer grant (RFC 7523 section 2.1): an assertion of a trusted issuer for an access token of ours. Two kinds of it:
 *
 * - a workload's assertion, with no client involved: its subject and what it may ask for are named in the file;
 * - an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant): the person's identity provider says that a client of ours may
 *   act for the person, so that the person need not be asked. The client has to be the one it was issued to.
 *
 * Each assertion is taken once. It is used up before the token is issued: one that is lost then costs another assertion.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { decodeProtectedHeader, type JWTPayload } from "jose"
import { errors, type KoaContextWithOIDC } from "oidc-provider"
import type { AuthServer } from "../../plan.ts"
import type { Store } from "../store.ts"
import { type Issuing, issue, outsideClaims, outsideSubject, scopesOf, several, words } from "./issuing.ts"
import { type IssuerTrust, SKEW, type TrustedIssuers } from "./trusted-issuers.ts"

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
export const PARAMETERS = ["assertion", "scope", "resource"] as const
export const REPEATED = ["resource"] as const

/** What stands for the client where there is none: in `client_id` of the tokens, and for the engine, which needs one. */
export const NO_CLIENT = "urn:authflow:assertion"

const ID_JAG = "oauth-id-jag+jwt"
/** Seconds, as of delegated tokens. */
const LIFETIME = 15 * 60

export interface AssertionOptions extends Issuing {
  readonly config: AuthServer
  readonly tokenEndpoint: string
  readonly issuers: TrustedIssuers
  readonly store: Store
  readonly note: (why: string) => void
}

export const jwtBearer = (options: AssertionOptions): ((ctx: KoaContextWithOIDC) => Promise<void>) => {
  const { config, issuers, resources, store, note } = options

  /** RFC 7523 section 3.1: invalid_grant, and why is the operator's. */
  const refused = (why: string) => {
    note(why)
    return new errors.InvalidGrant("the assertion is not accepted")
  }

  const verified = async (
    trust: IssuerTrust,
    assertion: string,
    audience: readonly string[],
    maxAge: number,
    typ?: string,
  ) => {
    const claims = await trust
      .verify(assertion, {
        audience: [...audience],
        requiredClaims: ["sub", "aud", "exp", "iat"],
        ...(typ === undefined ? {} : { typ }),
      })
      .catch((cause: unknown) => {
        throw refused(cause instanceof Error ? cause.message : "unreadable")
      })
    if ((claims.exp ?? 0) - (claims.iat ?? 0) > maxAge) throw refused("it lives longer than the file allows")
    if ((claims.iat ?? 0) > Date.now() / 1000 + SKEW) throw refused("it is from the future")
    return claims
  }

  /** One use of each. Some issuers name none of theirs: those are known by what they are. */
  const useUp = async ({ iss, jti, exp = 0 }: JWTPayload, assertion: string) => {
    const name = jti ?? createHash("sha256").update(assertion).digest("base64url")
    const id = createHash("sha256")
      .update(JSON.stringify([iss, jti === undefined, name]))
      .digest("base64url")
    const ttl = Math.max(1, Math.ceil(exp - Date.now() / 1000) + 2 * SKEW)
    if (!(await store.create("Assertion", id, {}, { ttl }))) throw refused("it was used before")
  }

  const oneResource = (asked: readonly string[], allowed: readonly string[]) => {
    const meant = new Set((asked.length === 0 && allowed.length === 1 ? allowed : asked).map(resources.find))
    const [only] = meant
    if (meant.size !== 1 || only === undefined)
      throw new errors.InvalidTarget("name the one resource that the token is for")
    if (!allowed.some((each) => resources.find(each) === only))
      throw new errors.InvalidTarget("that resource is not allowed")
    return only
  }

  const workload = async (ctx: KoaContextWithOIDC, trust: IssuerTrust, assertion: string, asked: readonly string[]) => {
    const { assertions, issuer } = trust.config
    if (assertions === undefined) throw refused(`assertions of ${issuer} are not taken`)
    const audiences = assertions.audiences.length === 0 ? [options.tokenEndpoint] : assertions.audiences
    const claims = await verified(trust, assertion, audiences, assertions.maxAge)
    const bound = assertions.subjects.find(({ subject }) => subject === claims.sub)
    if (bound === undefined) throw refused(`nothing is allowed to ${claims.sub}`)
    const resource = oneResource(asked, bound.resources)
    // The file names subject and resource: what a flow asks of its callers is what they may have.
    return { claims, resource, scopes: scopesWithin(words(ctx.oidc.params?.["scope"]), resource.scopes) }
  }

  const identity = async (ctx: KoaContextWithOIDC, trust: IssuerTrust, assertion: string, asked: readonly string[]) => {
    const { idJag, issuer } = trust.config
    const delegate = config.delegates?.find(({ id }) => id === ctx.oidc.client?.clientId)
    if (idJag === undefined) throw refused(`identity assertions of ${issuer} are not taken`)
    if (delegate === undefined || !(idJag.clients.includes("*") || idJag.clients.includes(delegate.id))) {
      throw refused("this client may not bring identity assertions")
    }
    const claims = await verified(trust, assertion, [config.issuer], idJag.maxAge, ID_JAG)
    // The draft, section 4.4.1: issued to this client, for this server alone.
    if (several(claims.aud).length !== 1) throw refused("it is for others, too")
    if (claims["client_id"] !== delegate.id) throw refused("it was issued to another client")
    if (claims.jti === undefined) throw refused("it has no name of its own")
    const said = several(claims["resource"])
    const allowed = delegate.audiences.filter(
      (each) => said.length === 0 || said.some((other) => resources.find(other) === resources.find(each)),
    )
    const scopes = scopesOf(claims).filter((scope) => delegate.scopes.includes(scope))
    const resource = oneResource(asked.length === 0 ? said : asked, allowed)
    return { claims, resource, scopes: scopesWithin(words(ctx.oidc.params?.["scope"]), scopes) }
  }

  return async (ctx) => {
    const assertion = ctx.oidc.params?.["assertion"]
    if (typeof assertion !== "string" || assertion === "") throw new errors.InvalidRequest("assertion is missing")
    if (ctx.get("dpop") !== "") throw new errors.InvalidRequest("these tokens are not bound to keys")
    const trust = issuers(assertion)
    if (trust === undefined) throw refused("nobody trusted has issued it")
    const asked = several(ctx.oidc.params?.["resource"])
    const isIdentity =
      decodeProtectedHeader(assertion)
        .typ?.toLowerCase()
        .replace(/^application\//, "") === ID_JAG
    const clientless = ctx.oidc.client?.clientId === NO_CLIENT
    if (isIdentity === clientless) {
      throw refused(
        clientless ? "an identity assertion comes from a client" : "a workload's assertion comes without a client",
      )
    }
    const { claims, resource, scopes } = await (isIdentity ? identity : workload)(ctx, trust, assertion, asked)
    await useUp(claims, assertion)
    await issue(ctx, options, {
      subject: outsideSubject(claims),
      resource,
      scopes,
      ttl: config.tokens.delegated ?? LIFETIME,
      grantType: "jwt-bearer",
      extra: { claims: outsideClaims(claims) },
    })
  }
}

/** All of them when none are asked for. */
const scopesWithin = (asked: readonly string[], within: readonly string[]): readonly string[] => {
  const beyond = asked.filter((scope) => !within.includes(scope))
  if (beyond.length > 0) throw new errors.InvalidScope("these scopes are not to be had", beyond.join(" "))
  return asked.length === 0 ? within : [...new Set(asked)]
}
