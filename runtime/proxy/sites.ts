/**
 * What is served where: public origin, then path. Decided once when the plan is loaded.
 *
 * @module
 */
import { Effect } from "effect"
import type { AuthServer } from "../auth-server/auth-server.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { askedOf } from "../plan/token-issuer.ts"
import type { Flow, Plan, Stage } from "../plan.ts"
import { challenge } from "../resource-server/challenge.ts"
import { metadataPath, type ResourceMetadata } from "../resource-server/metadata.ts"
import { PlanUnusable } from "../start-failure.ts"
import { type CrossOrigin, crossOrigin } from "./cross-origin.ts"
import type { Challenge } from "./problem.ts"
import { below } from "./request-target.ts"

/** One flow, ready to serve. */
export interface ServedFlow {
  readonly pipeline: Pipeline
  readonly challenge: Challenge
  /** Lower-case name of the header that callers' API keys come in: it goes no further. */
  readonly keyHeader: string | undefined
  /** Which web pages may call. */
  readonly crossOrigin: CrossOrigin
  /** Path of the flow's resource. */
  readonly base: string
  /** Where its requests go. */
  readonly upstream: { readonly origin: string; readonly host: string; readonly path: string; readonly query: string }
}

export type Route =
  | { readonly _tag: "Server"; readonly server: AuthServer }
  | { readonly _tag: "Metadata"; readonly metadata: ResourceMetadata }
  | { readonly _tag: "Flow"; readonly flow: ServedFlow; readonly suffix: string }

export interface Sites {
  /** `undefined`: the host is none of the plan's. */
  readonly find: (host: string, path: string) => { readonly route: Route | undefined } | undefined
  /** The plan's public hosts, for messages. */
  readonly hosts: readonly string[]
}

/** Fails with PlanUnusable when two flows claim one place, or a flow has no place to forward to. */
export const makeSites = Effect.fnUntraced(function* (
  plan: Plan,
  servers: ReadonlyMap<string, AuthServer>,
  pipelines: ReadonlyMap<string, Pipeline>,
  origins: ReadonlySet<string> = new Set(),
) {
  const sites = new Map<string, Site>()
  const siteOf = (url: string): Site => {
    const host = hostOf(url)
    const site = sites.get(host) ?? { servers: [], metadata: new Map(), flows: [] }
    sites.set(host, site)
    return site
  }
  for (const server of servers.values()) siteOf(server.issuer).servers.push(server)
  for (const [index, flow] of plan.flows.entries()) {
    const pipeline = pipelines.get(flow.name)
    if (pipeline === undefined) return yield* new PlanUnusable({ path: `flows[${index}]`, detail: "has no pipeline" })
    const served = yield* serveFlow(flow, pipeline, `flows[${index}]`, origins)
    const site = siteOf(flow.resource)
    if (site.flows.some(({ base }) => base === served.base)) {
      const detail = `another flow is served at ${flow.resource} already`
      return yield* new PlanUnusable({ path: `flows[${index}].resource`, detail })
    }
    site.flows.push(served)
    // Keys and certificates come from no authorization server: a client has nothing to find out here.
    const metadata = metadataOf(flow, plan)
    if (metadata.authorizationServers.length > 0) site.metadata.set(metadataPath(flow.resource), metadata)
  }
  // The flow with the longest path is the one that is meant.
  for (const { flows } of sites.values()) flows.sort((a, b) => b.base.length - a.base.length)
  const result: Sites = {
    hosts: [...sites.keys()],
    find: (host, path) => {
      const site = sites.get(host.replace(/:(80|443)$/, ""))
      return site === undefined ? undefined : { route: routeOf(site, path) }
    },
  }
  return result
})

interface Site {
  readonly servers: AuthServer[]
  readonly metadata: Map<string, ResourceMetadata>
  readonly flows: ServedFlow[]
}

const routeOf = (site: Site, path: string): Route | undefined => {
  const server = site.servers.find((server) => server.owns(path))
  if (server !== undefined) return { _tag: "Server", server }
  const metadata = site.metadata.get(path)
  if (metadata !== undefined) return { _tag: "Metadata", metadata }
  for (const flow of site.flows) {
    const suffix = below(flow.base, path)
    if (suffix !== undefined) return { _tag: "Flow", flow, suffix }
  }
  return undefined
}

/** As a Host header names it: lower case, without the scheme's own port. */
const hostOf = (url: string): string => new URL(url).host

const serveFlow = Effect.fnUntraced(function* (
  flow: Flow,
  pipeline: Pipeline,
  path: string,
  origins: ReadonlySet<string>,
) {
  const forward = flow.stages.find((stage) => stage.kind === "forward")
  if (forward === undefined) return yield* new PlanUnusable({ path, detail: "has no stage that forwards" })
  const url = new URL(forward.url)
  if (url.hash !== "" || url.username !== "" || url.password !== "") {
    return yield* new PlanUnusable({ path, detail: "the forward URL holds a fragment or a user name" })
  }
  const scopes = scopesOf(flow)
  const keyHeader = flow.stages.flatMap((stage) => (stage.kind === "identify.api_keys" ? [stage.header] : []))[0]
  const served: ServedFlow = {
    pipeline,
    challenge: (failure) => challenge(failure, { resource: flow.resource, scopes, keyHeader }),
    keyHeader: keyHeader?.toLowerCase(),
    crossOrigin: crossOrigin(flow.resource, origins, keyHeader?.toLowerCase()),
    base: new URL(flow.resource).pathname.replace(/\/$/, ""),
    upstream: { origin: url.origin, host: url.host, path: url.pathname, query: url.search },
  }
  return served
})

const scopesOf = (flow: Flow): readonly string[] => flow.stages.flatMap((stage) => askedOf(stage)?.scopes ?? [])

const metadataOf = (flow: Flow, plan: Plan): ResourceMetadata => ({
  resource: flow.resource,
  name: flow.name,
  scopes: scopesOf(flow),
  authorizationServers: flow.stages.flatMap((stage) => issuersOf(stage, plan)),
})

const issuersOf = (stage: Stage, plan: Plan): readonly string[] => {
  const named = (all: ReadonlyArray<{ readonly name: string; readonly issuer?: string }>, name: string) =>
    all.filter((each) => each.name === name).flatMap(({ issuer }) => issuer ?? [])
  if (stage.kind === "identify.auth_server") return named(plan.servers, stage.server)
  if (stage.kind === "identify.oidc") return named(plan.providers, stage.provider)
  if (stage.kind === "identify.service_accounts") return [stage.cluster.issuer]
  if (stage.kind === "identify.any_of")
    return stage.issuers.flatMap((each) =>
      "cluster" in each ? [each.cluster.issuer] : named(plan.providers, each.provider),
    )
  return []
}
