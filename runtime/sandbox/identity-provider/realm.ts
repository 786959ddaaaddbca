/**
 * What one stand-in identity provider has to do, read off the plan: its clients, the resources it issues tokens for, its
 * scopes and the claims it releases.
 *
 * @module
 */
import { redirectUriOf } from "../../auth-server/upstream/redirect-uri.ts"
import { askedOf } from "../../plan/token-issuer.ts"
import type { Plan, Provider, SecretRef, Stage, UserinfoRequest } from "../../plan.ts"
import type { Claims } from "../role-decision.ts"
import { accessTokenAudience, flowAudience } from "../subject-token.ts"

/** A client of ours at the provider: an authorization server of the plan that sends people there to log in. */
export interface RealmClient {
  readonly id: string
  readonly secret: SecretRef | undefined
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  /** `aud` of its JWT access tokens; undefined: they are opaque. */
  readonly audience: string | undefined
}

/** A flow whose callers get their tokens at this provider themselves. */
export interface RealmResource {
  /** What clients name as `resource` (RFC 8707): the flow's URL. */
  readonly indicator: string
  readonly audience: string
}

export interface Realm {
  /** Access tokens for resources that the provider has to be asked about, and who asks. */
  readonly introspection:
    | { readonly client: { readonly id: string; readonly secret: SecretRef } | undefined }
    | undefined
  /** The loopback issuer. */
  readonly issuer: string
  /** JWS algorithms, the first one is used. */
  readonly algorithms: readonly [string, ...string[]]
  readonly clients: readonly RealmClient[]
  readonly resources: readonly RealmResource[]
  /** All scopes known here. */
  readonly scopes: readonly string[]
  /** Userinfo endpoints that the plan names, beside its own. */
  readonly userinfo: readonly UserinfoRequest[]
  /** Claims that the plan declares of its tokens, whatever the scope. */
  readonly declared: Readonly<Record<"idToken" | "accessToken" | "userinfo", readonly string[]>>
}

/** Where the plan's servers want browsers back from the provider. */
export const redirectUrisOf = (plan: Plan, provider: Provider): readonly string[] =>
  plan.servers.filter(({ login }) => login.includes(provider.name)).map((server) => redirectUriOf(server, provider))

/** The realm of an issuer, which several providers of a plan may name. The plan is the rewritten one. */
export const realm = (plan: Plan, issuer: string): Realm => {
  const providers = plan.providers
    .filter((provider) => provider.kind === "oidc")
    .filter((provider) => provider.issuer === issuer)
  const names = new Set(providers.map(({ name }) => name))
  const asking = plan.flows.filter((flow) =>
    flow.stages.some((stage) => providersOf(stage).some((name) => names.has(name))),
  )
  const flowScopes = asking.flatMap(({ stages }) =>
    stages.flatMap((stage) => (providersOf(stage).length > 0 ? [...(askedOf(stage)?.scopes ?? [])] : [])),
  )
  const clients = providers.flatMap((provider): RealmClient[] => {
    const { client, accessToken } = provider
    const redirectUris = redirectUrisOf(plan, provider)
    if (client === undefined || redirectUris.length === 0) return []
    const audience = accessToken.format === "jwt" ? accessTokenAudience(provider) : undefined
    return [{ id: client.id, secret: client.secret, scopes: client.scopes, redirectUris, audience }]
  })
  const [algorithm = "RS256", ...otherAlgorithms] = distinct(providers.flatMap(({ algorithms }) => [...algorithms]))
  const asked = providers.find(({ introspection }) => introspection !== undefined)?.introspection
  return {
    issuer,
    introspection: asked && { client: asked.client },
    algorithms: [algorithm, ...otherAlgorithms],
    clients,
    resources: asking.flatMap((flow) => {
      const audience = flowAudience(flow)
      return audience === undefined ? [] : [{ indicator: flow.resource, audience }]
    }),
    scopes: distinct([
      "openid",
      "profile",
      "email",
      "offline_access",
      ...flowScopes,
      ...clients.flatMap((c) => c.scopes),
    ]),
    userinfo: providers.flatMap(({ userinfo }) => userinfo ?? []),
    declared: {
      // The claim that says who somebody is, is in each.
      idToken: distinct(
        providers.flatMap(({ claims, subjectClaim }) => [...claims.idToken, ...(subjectClaim ? [subjectClaim] : [])]),
      ),
      accessToken: distinct(providers.flatMap(({ claims }) => [...claims.accessToken])),
      userinfo: distinct(providers.flatMap(({ claims }) => [...claims.userinfo])),
    },
  }
}

/** Providers whose tokens callers bring. */
const providersOf = (stage: Stage): readonly string[] => {
  if (stage.kind === "identify.oidc") return [stage.provider]
  if (stage.kind !== "identify.any_of") return []
  return stage.issuers.flatMap((each) => ("provider" in each ? [each.provider] : []))
}

/** Claims that a scope asks for (OpenID Connect Core section 5.4), as far as sandbox people have them. */
export const scopeClaims: Readonly<Record<string, readonly string[]>> = {
  email: ["email", "email_verified"],
  profile: ["name", "given_name", "family_name", "preferred_username"],
}

/** The claims of a person that one kind of token holds: what its scopes ask for and what the plan declares of it. */
export const release = (
  { declared }: Realm,
  use: keyof Realm["declared"],
  scopes: readonly string[],
  claims: Claims,
): Claims => {
  const asked = use === "accessToken" ? [] : scopes.flatMap((scope) => scopeClaims[scope] ?? [])
  const names = distinct([...asked, ...declared[use]])
  return Object.fromEntries(names.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]])))
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)]
