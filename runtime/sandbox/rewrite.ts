/**
 * Moves a plan's public URLs to loopback and leaves everything else of it as it is.
 *
 * @module
 */
import type { AwsSts, Cluster, Condition, Plan, Provider, RoleRules, Stage } from "../plan.ts"
import { clustersOf } from "./cluster.ts"
import { movedTo } from "./oauth2-provider/endpoints.ts"
import { tokenEndpoints } from "./token-endpoint/service.ts"

/** Where the stand-in for a provider answers introspection: the path of `oidc-provider`. */
const INTROSPECTION_PATH = "/token/introspection"

/** The public URLs of a plan that need a place on loopback. Each list is in the plan's order, without repeats. */
export interface PublicAddresses {
  /** Origins that the proxy serves: of the authorization servers and the flows. */
  readonly origins: readonly string[]
  /** Issuers of outside providers. Two providers of one issuer share its stand-in, as they share the real one. */
  readonly issuers: readonly string[]
  /** Names of OAuth 2.0 providers, which have no issuer: each has a stand-in of its own. */
  readonly providers: readonly string[]
  /** Token endpoints that exchange. Each has a stand-in of its own, also where its origin is an issuer's. */
  readonly tokenEndpoints: readonly string[]
}

/** Where everything is on loopback. All values are `http://127.0.0.1:PORT`, with no slash at the end. */
export interface LoopbackAddresses {
  /** By public origin. */
  readonly origins: ReadonlyMap<string, string>
  /** By issuer of a provider. */
  readonly issuers: ReadonlyMap<string, string>
  /** By name of an OAuth 2.0 provider. */
  readonly providers: ReadonlyMap<string, string>
  /** By flow name: each flow has an MCP server of its own, as each may sign for another service. */
  readonly upstreams: ReadonlyMap<string, string>
  readonly sts: string
  /** By token endpoint. */
  readonly tokenEndpoints: ReadonlyMap<string, string>
}

export const publicAddresses = (plan: Plan): PublicAddresses => ({
  origins: distinct([
    ...plan.servers.flatMap(({ issuer, redirectUri }) => [new URL(issuer).origin, new URL(redirectUri).origin]),
    ...plan.flows.map(({ resource }) => new URL(resource).origin),
  ]),
  issuers: distinct([
    ...plan.providers.flatMap((provider) => (provider.kind === "oidc" ? [provider.issuer] : [])),
    ...clustersOf(plan).map(({ issuer }) => issuer),
  ]),
  providers: plan.providers.flatMap(({ kind, name }) => (kind === "oauth2" ? [name] : [])),
  tokenEndpoints: [...tokenEndpoints(plan).keys()],
})

/** A copy of the plan whose every address is on loopback. Pure; total for addresses made from `publicAddresses` of the plan. */
export const rewrite = (plan: Plan, to: LoopbackAddresses): Plan => {
  const move = (url: string): string => moveOrigin(url, to.origins)
  // Names that appear in tokens: an audience or `iss` that is one of the plan's own URLs has to follow it. Any other value
  // (`sts.amazonaws.com`, a client id) is a name and no address, and stays.
  const renamed = new Map<string, string>([
    ...plan.servers.map(({ issuer }) => [issuer, move(issuer)] as const),
    ...plan.flows.map(({ resource }) => [resource, move(resource)] as const),
    ...to.issuers,
  ])
  const follow = (name: string): string => renamed.get(name) ?? name

  const rules = ({ rules, otherwise }: RoleRules): RoleRules => ({
    rules: rules.map(({ when, then }) => ({ when: followCondition(when, renamed), then })),
    otherwise,
  })
  const sts = (stage: AwsSts): AwsSts => ({ ...stage, endpoint: to.sts, role: rules(stage.role) })
  const audience = ({ accessToken }: Provider) => ({
    accessToken: {
      ...accessToken,
      ...(accessToken.audience === undefined ? {} : { audience: follow(accessToken.audience) }),
    },
  })
  const provider = (given: Provider): Provider => {
    const { redirectUri } = given.client ?? {}
    const client = redirectUri === undefined ? {} : { redirectUri: move(redirectUri) }
    if (given.kind === "oauth2") {
      const origin = to.providers.get(given.name) ?? ""
      const moved = movedTo(given, origin, given.issuer && withOrigin(given.issuer, origin))
      return { ...moved, client: { ...moved.client, ...client }, ...audience(given) }
    }
    const issuer = follow(given.issuer)
    // The stand-in has its keys where its metadata says, and nothing that a certificate authority of the file would vouch for.
    const { userinfo, introspection, jwksUrl: _keys, ca: _authorities, ...rest } = given
    return {
      ...rest,
      ...(introspection && { introspection: { ...introspection, url: `${issuer}${INTROSPECTION_PATH}` } }),
      issuer,
      ...(given.client && { client: { ...given.client, ...client } }),
      ...(userinfo && { userinfo: { ...userinfo, endpoint: withOrigin(userinfo.endpoint, issuer) } }),
      ...audience(given),
    }
  }
  const cluster = ({ issuer, jwksUrl: _keys, ...rest }: Cluster): Cluster => ({
    ...rest,
    issuer: follow(issuer),
    inCluster: false,
  })
  const moveEndpoint = (url: string): string => withOrigin(url, to.tokenEndpoints.get(url))
  const stage = (flow: string, stage: Stage): Stage => {
    switch (stage.kind) {
      case "identify.auth_server":
      case "identify.oidc":
        return { ...stage, audience: follow(stage.audience) }
      case "identify.any_of":
        return {
          ...stage,
          audience: follow(stage.audience),
          issuers: mapAll(stage.issuers, (each) => ("cluster" in each ? { cluster: cluster(each.cluster) } : each)),
        }
      case "identify.service_accounts":
        return { ...stage, audience: follow(stage.audience), cluster: cluster(stage.cluster) }
      case "identify.api_keys":
      case "identify.client_certificates":
      case "identify.anonymous":
        return stage
      case "aws.sts":
        return sts(stage)
      case "token_exchange":
        return {
          ...stage,
          endpoint: moveEndpoint(stage.endpoint),
          ...(stage.audience === undefined ? {} : { audience: follow(stage.audience) }),
        }
      case "obo":
      case "jwt_bearer":
      case "client_credentials":
        return { ...stage, endpoint: moveEndpoint(stage.endpoint) }
      case "xaa":
        return {
          ...stage,
          idp: { ...stage.idp, endpoint: moveEndpoint(stage.idp.endpoint) },
          target: { ...stage.target, endpoint: moveEndpoint(stage.target.endpoint) },
        }
      case "aws.sigv4":
      case "inject.bearer":
      case "inject.header":
      case "inject.token":
      case "inject.none":
        return stage
      case "forward":
        return { ...stage, url: withOrigin(stage.url, to.upstreams.get(flow)) }
    }
  }

  return {
    ...plan,
    providers: plan.providers.map(provider),
    // What is remembered is remembered in memory: there is no Redis here, and nothing outlives the sandbox.
    servers: plan.servers.map(({ storage: _, ...server }) => ({
      ...server,
      issuer: move(server.issuer),
      redirectUri: move(server.redirectUri),
    })),
    flows: mapAll(plan.flows, ({ name, resource, stages }) => ({
      name,
      resource: move(resource),
      stages: mapAll(stages, (each) => stage(name, each)),
    })),
  }
}

const mapAll = <A, B>([first, ...others]: readonly [A, ...A[]], map: (a: A) => B): [B, ...B[]] => [
  map(first),
  ...others.map(map),
]

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)]

const moveOrigin = (url: string, origins: ReadonlyMap<string, string>): string =>
  withOrigin(url, origins.get(new URL(url).origin))

/** Another origin in front of the same path and query, byte for byte: a URL object would normalise them. */
const withOrigin = (url: string, origin: string | undefined): string =>
  origin === undefined ? url : origin + url.replace(/^[a-z]+:\/\/[^/?#]*/i, "")

const followCondition = (condition: Condition, renamed: ReadonlyMap<string, string>): Condition => {
  const follow = (value: string): string => renamed.get(value) ?? value
  switch (condition.op) {
    case "contains":
    case "equals":
    case "starts_with":
    case "ends_with":
      return { ...condition, value: follow(condition.value) }
    case "contains_any":
    case "contains_all":
    case "in": {
      return { ...condition, values: mapAll(condition.values, follow) }
    }
    case "cel": {
      // Only a whole string literal is such a name; a URL inside a longer string is not.
      let expression = condition.expression
      for (const [from, to] of renamed) {
        expression = expression.replaceAll(`"${from}"`, `"${to}"`).replaceAll(`'${from}'`, `'${to}'`)
      }
      return { ...condition, expression }
    }
  }
}
