/**
 * Everything outside the proxy that a plan needs, stood in for on this machine: identity providers, STS, MCP servers and
 * every secret. For people with no AWS account, and for tests.
 *
 * All of it listens on 127.0.0.1 and is gone when the scope closes. The plan that comes back is the one that came in with
 * its public URLs moved to loopback and nothing else changed, so what is seen to work here is the file's own pipeline.
 *
 * @module
 */
import { Effect, Layer, type Scope } from "effect"
import type { Flow, Plan } from "../plan.ts"
import { Secrets } from "../secrets.ts"
import { clusterIssuer, type TokenOf } from "./cluster.ts"
import { type CredentialOf, credentialOf } from "./credential.ts"
import { NoStandIn, type SandboxFailure } from "./failure.ts"
import { type Faults, makeFaultQueue } from "./faults.ts"
import { generateSecrets } from "./generated-secrets.ts"
import { identityProvider, type TokenLifetimes } from "./identity-provider/index.ts"
import { realm, redirectUrisOf } from "./identity-provider/realm.ts"
import { type FindToken, findAmong } from "./issued-token.ts"
import { LOOPBACK, originOf, type ReservedPort, requireLoopback, reservePort, serveHttp } from "./loopback.ts"
import { mcpServer } from "./mcp-server/index.ts"
import { oauth2Provider } from "./oauth2-provider/index.ts"
import { ownTokens } from "./own-tokens.ts"
import { companyDomain, derivePeople, type GivenPerson, givenPeople } from "./people.ts"
import type { Person } from "./person.ts"
import { publicAddresses, rewrite } from "./rewrite.ts"
import type { SeenRequest } from "./seen-request.ts"
import { sts } from "./sts/index.ts"
import { roleSessions } from "./sts/role-session.ts"
import { tokenEndpoint } from "./token-endpoint/index.ts"
import { servicesOf, tokenEndpoints } from "./token-endpoint/service.ts"
import { iamAccount } from "./trust-policy.ts"
import { upstreamGate } from "./upstream-gate.ts"

export type { SandboxFailure } from "./failure.ts"
export type { Person } from "./person.ts"

/** Something of the file that is not itself here, and what takes its place. */
export interface StandIn {
  /** As the file says it: a public URL, or `secret corp-idp/client-secret`. */
  readonly what: string
  /** A loopback URL, or `generated`. */
  readonly by: string
}

/** A running sandbox. */
export interface Sandbox {
  /** The plan to serve: the given one with its URLs moved to loopback. */
  readonly plan: Plan
  /** Where the proxy must listen for the plan's own origins. The ports are held open until the proxy takes them over. */
  readonly listen: readonly ReservedPort[]
  /** A generated value for every secret the plan names. */
  readonly secrets: Layer.Layer<Secrets>
  readonly people: readonly Person[]
  /** What a program of a person's sends, where nobody logs in. */
  readonly credentialOf: CredentialOf
  readonly standIns: readonly StandIn[]
  /** Makes the stand-ins misbehave; for tests, reachable only in this process. */
  readonly faults: Faults
  /** What reached the MCP server of a flow, oldest first. */
  readonly seen: (flow: string) => readonly SeenRequest[]
}

export interface SandboxOptions {
  /** Takes the place of the three derived people. */
  readonly people?: readonly GivenPerson[]
  /** Must be 127.0.0.1: anything else is refused. It can be said so that asking for more is an error and not ignored. */
  readonly host?: string
  /** Seconds; what the stand-in identity providers issue. Default: an hour for tokens, a day for refresh tokens. */
  readonly lifetimes?: Partial<TokenLifetimes>
}

/** How many requests of a flow are remembered for `seen`. */
const REMEMBERED = 1000

/** Starts the stand-ins for a plan. They stop when the scope closes. */
export const sandbox = Effect.fn("sandbox")(function* (
  given: Plan,
  options: SandboxOptions = {},
): Effect.fn.Return<Sandbox, SandboxFailure, Scope.Scope> {
  yield* requireLoopback(options.host ?? LOOPBACK)

  const addresses = publicAddresses(given)
  const reserveAll = Effect.fnUntraced(function* (names: readonly string[]) {
    const ports = yield* Effect.forEach(names, (name) => Effect.map(reservePort(name), (port) => [name, port] as const))
    return new Map(ports)
  })
  const origins = yield* reserveAll(addresses.origins)
  const issuers = yield* reserveAll(addresses.issuers)
  const providers = yield* reserveAll(addresses.providers)
  const upstreams = yield* reserveAll(given.flows.map(({ name }) => name))
  const stsPort = yield* reservePort("sts")
  const endpoints = yield* reserveAll(addresses.tokenEndpoints)

  const plan = rewrite(given, {
    origins: mapValues(origins, originOf),
    issuers: mapValues(issuers, originOf),
    providers: mapValues(providers, originOf),
    upstreams: mapValues(upstreams, originOf),
    sts: originOf(stsPort),
    tokenEndpoints: mapValues(endpoints, originOf),
  })
  const people =
    options.people === undefined ? derivePeople(plan, companyDomain(given)) : givenPeople(plan, options.people)
  const twice = people.find(({ id, claims }, at) =>
    people.slice(0, at).some((other) => other.id === id || other.claims.sub === claims.sub),
  )
  if (twice !== undefined) {
    return yield* new NoStandIn({ what: `person ${twice.id}`, why: "another person has the same id or sub" })
  }
  const secrets = yield* generateSecrets(
    plan,
    people.map(({ id }) => id),
  )
  const lifetimes = { accessToken: 3600, idToken: 3600, refreshToken: 86_400, ...options.lifetimes }
  const faults: Faults = { sts: makeFaultQueue(), mcp: makeFaultQueue() }

  const issued: FindToken[] = []
  const tokens = new Map<string, TokenOf>()
  for (const [publicIssuer, port] of issuers) {
    if (!given.providers.some(({ issuer }) => issuer === publicIssuer)) {
      tokens.set(originOf(port), yield* clusterIssuer(port, originOf(port)))
      continue
    }
    const options = { realm: realm(plan, originOf(port)), publicIssuer, people, secrets, lifetimes }
    issued.push(yield* identityProvider(port, options))
  }
  for (const provider of plan.providers) {
    const port = providers.get(provider.name)
    if (provider.kind !== "oauth2" || port === undefined) continue
    const publicName = publicNameOf(given, provider.name)
    const redirectUris = redirectUrisOf(plan, provider)
    issued.push(yield* oauth2Provider(port, { provider, publicName, redirectUris, people, secrets, lifetimes }))
  }
  issued.push(...plan.servers.map((server) => ownTokens(server.issuer)))
  const moved = tokenEndpoints(plan)
  const ports = [...endpoints.values()]
  for (const [at, [endpoint, services]] of [...moved].entries()) {
    const port = ports[at]
    if (port === undefined) continue
    const made = yield* tokenEndpoint({ endpoint, services, plan, secrets, find: (token) => findAmong(issued)(token) })
    issued.push(made.find)
    yield* serveHttp(port, made.handler)
  }
  const sessions = roleSessions()
  yield* serveHttp(stsPort, sts(iamAccount(plan), sessions, faults.sts))

  const seen = new Map<string, SeenRequest[]>()
  for (const flow of plan.flows) {
    const port = upstreams.get(flow.name)
    const forward = flow.stages.find((stage) => stage.kind === "forward")
    if (port === undefined || forward === undefined) continue
    const log: SeenRequest[] = []
    seen.set(flow.name, log)
    const saw = (request: SeenRequest) => {
      if (log.push(request) > REMEMBERED) log.shift()
    }
    const gate = yield* upstreamGate(flow, {
      plan,
      secrets,
      sessions,
      find: findAmong(issued),
    })
    yield* serveHttp(port, mcpServer({ path: new URL(forward.url).pathname, gate, faults: faults.mcp, saw }))
  }

  return {
    plan,
    listen: [...origins.values()],
    secrets: Layer.succeed(Secrets, { get: secrets.get }),
    people,
    credentialOf: credentialOf(secrets.apiKeys, tokens),
    standIns: [
      ...[...issuers].map(([what, port]) => ({ what, by: originOf(port) })),
      ...[...providers].map(([name, port]) => ({ what: publicNameOf(given, name), by: originOf(port) })),
      ...given.flows.flatMap((flow, at) => standInsOf(flow, plan.flows[at])),
      ...[...origins].map(([what, port]) => ({ what, by: originOf(port) })),
      ...given.servers.flatMap(({ name, storage }) => (storage ? [{ what: `Redis of ${name}`, by: "memory" }] : [])),
      ...secrets.names.map((name) => ({ what: `secret ${name}`, by: "generated" })),
    ].filter(isFirst),
    faults,
    seen: (flow) => [...(seen.get(flow) ?? [])],
  }
})

/** What an OAuth 2.0 provider is known by: where browsers are sent to log in. */
const publicNameOf = ({ providers }: Plan, name: string): string => {
  const provider = providers.find((each) => each.name === name)
  return provider?.kind === "oauth2" ? provider.authorizationEndpoint : name
}

/** What the stages of a flow would have called, and what they call instead. */
const standInsOf = (given: Flow, rewritten: Flow | undefined): readonly StandIn[] =>
  given.stages.flatMap((stage, at): StandIn[] => {
    const moved = rewritten?.stages[at]
    if (stage.kind === "forward" && moved?.kind === "forward") return [{ what: stage.url, by: moved.url }]
    const endpoints = servicesOf(stage).map(([endpoint]) => endpoint)
    const by = moved === undefined ? [] : servicesOf(moved).map(([endpoint]) => endpoint)
    if (endpoints.length > 0) return endpoints.map((what, each) => ({ what, by: by[each] ?? "" }))
    if (stage.kind === "aws.sts" && moved?.kind === "aws.sts" && moved.endpoint !== undefined) {
      return [{ what: stage.endpoint ?? `AWS STS in ${stage.region}`, by: moved.endpoint }]
    }
    return []
  })

const isFirst = (standIn: StandIn, at: number, all: readonly StandIn[]): boolean =>
  all.findIndex(({ what }) => what === standIn.what) === at

const mapValues = <A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): ReadonlyMap<string, B> =>
  new Map([...map].map(([key, value]) => [key, change(value)]))
