/**
 * The embedded authorization server: what MCP clients talk OAuth to. People log in at the plan's OpenID provider; the server
 * issues tokens of its own for the flows that `identify` with it.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"
import { Journal } from "../journal.ts"
import type { AuthServer as Config, Provider } from "../plan.ts"
import type { Secrets } from "../secrets.ts"
import type { AuthServer, ProtectedResource } from "./auth-server.ts"
import { type LogoutTokenInvalid, loggedOut } from "./backchannel-logout.ts"
import { DOCUMENT_LIMIT, documents } from "./clients/documents.ts"
import { knownClients } from "./clients/known.ts"
import { type PublicFetchOptions, publicFetch } from "./clients/public-fetch.ts"
import { DOCUMENTS, REGISTRATIONS, rateOf } from "./clients/registration.ts"
import { withNobody } from "./delegation/clientless.ts"
import { delegateClients, takesAssertions } from "./delegation/index.ts"
import { trustedIssuers } from "./delegation/trusted-issuers.ts"
import { makeEngine, SESSION_TTL, supportedScopes } from "./engine.ts"
import { type Events, makeEvents } from "./events.ts"
import { readForm } from "./form.ts"
import { grantTtl, makeGrants } from "./grants.ts"
import { type Interactions, makeInteractions } from "./interaction.ts"
import { publishedFirst } from "./key-publication.ts"
import { cookieKeys, signingKeys } from "./keys.ts"
import { loginProviders } from "./login-providers.ts"
import { makeLogins } from "./logins.ts"
import { type Resources, resources } from "./resources.ts"
import { freshRoot, hmacRoots, type Roots } from "./root-secrets.ts"
import { rotation } from "./rotation.ts"
import { PATHS, type Route, routes } from "./routes.ts"
import type { StartFailure } from "./start-failure.ts"
import { answeredStateAway, orStateUnavailable } from "./state-away.ts"
import type { Store } from "./store.ts"
import type { ProviderFailed } from "./upstream/index.ts"

export type { AuthServer, ProtectedResource } from "./auth-server.ts"
export type { StartFailure } from "./start-failure.ts"

export interface Dependencies {
  /** All providers of the plan. */
  readonly providers: readonly Provider[]
  /** The flows that `identify` with this server. */
  readonly flows: readonly ProtectedResource[]
  /** Make up signing keys where the plan names none. For the sandbox: tokens die with the process. */
  readonly ephemeralKeys: boolean
  /** How what strangers name is fetched, where it is not as everywhere: in the sandbox. */
  readonly strangers?: Omit<PublicFetchOptions, "limit">
  /** Where its state is. */
  readonly store: Store
  /** What its symmetric keys are derived from; the plan's `hmacKeys`, or else made up, where it is not said. */
  readonly roots?: Roots
}

/** Bytes of the form with an upstream's logout token. */
const MAX_LOGOUT_TOKEN = 16 * 1024

/** Starts the server; it asks nothing of the upstream provider before the first login. */
export const make: (
  config: Config,
  dependencies: Dependencies,
) => Effect.Effect<AuthServer, StartFailure, Secrets | Scope.Scope> = Effect.fn("AuthServer.make")(
  function* (config, dependencies) {
    const { store } = dependencies
    const at = yield* loginProviders(config, dependencies.providers, store)
    const [{ upstream: identity }, ...further] = at
    const upstreams = [identity, ...further.map(({ upstream }) => upstream)] as const
    const roots = dependencies.roots ?? (yield* hmacRoots(config)) ?? [freshRoot()]
    const cookies = cookieKeys(roots, config.issuer)
    const journal = yield* Journal

    const events = makeEvents(config.name, journal.write)
    const given = yield* signingKeys(config, dependencies.ephemeralKeys)
    const keys = yield* publishedFirst(given, store, events)
    const known = resources(dependencies.flows)
    const { mount, match } = routes(
      config.issuer,
      upstreams.map(({ redirectUri }) => new URL(redirectUri).pathname),
    )
    // A grant may be given at the very end of a session that began with the login.
    const ttl = grantTtl(config) + SESSION_TTL
    const logins = yield* makeLogins({ config, at, store, events, ttl })
    const grants = makeGrants(store, { access: config.tokens.access, longest: grantTtl(config) })
    const endPerson = async (person: string, why: string) => {
      const count = await grants.revokeAll(person)
      await Effect.runPromise(logins.release(person, why, false))
      events.write("logout", "ok", `all that a person had here has ended: ${why}`, { subject: person, grants: count })
    }
    const clients = [
      ...(yield* knownClients(config, keys.current.alg)),
      ...(yield* delegateClients(config, keys.current.alg)),
    ]
    const strangers = { loopback: false, ...dependencies.strangers }
    const issuers = yield* trustedIssuers(config.name, config.trustedIssuers ?? [], strangers)
    const read = documents({
      fetch: publicFetch({ ...strangers, limit: DOCUMENT_LIMIT }),
      ...(config.metadataDocuments ?? { size: 1, lifetime: 1 }),
      rate: rateOf(DOCUMENTS),
      events,
    })
    const engine = makeEngine({
      config,
      keys,
      cookieKeys: cookies,
      resources: known,
      logins,
      store,
      grants,
      rotation: rotation(store, config.issuer, roots),
      issuers,
      events,
      endPerson,
      clients,
      documents: read,
      mount,
    })
    const scopes = supportedScopes(known)
    const interactions = makeInteractions({
      config,
      engine,
      upstreams,
      logins,
      store,
      resources: known,
      scopes,
      events,
      mount,
    })
    const answer = makeAnswer({
      engine: engine.callback(),
      interactions,
      resources: known,
      mount,
      events,
      assertions: takesAssertions(config),
      logout: async (token) => {
        const ended = await Effect.runPromise(Effect.result(loggedOut(token, at, store)))
        if (ended._tag === "Failure") return ended.failure
        const { provider, person } = ended.success
        const why = `${provider} has logged the person out`
        // Who is logged out at a further provider is still the person; what needs that login ends with it.
        if (person !== undefined && provider === identity.name) await endPerson(person, why)
        else if (person !== undefined) await Effect.runPromise(logins.release(person, why, false, provider))
        return undefined
      },
    })

    return {
      name: config.name,
      issuer: config.issuer,
      owns: (path) => match(pathOf(path)) !== undefined,
      handle: (request, response) => {
        const route = match(pathOf(request.url ?? "/"))
        events.within(() => answer(request, response, route))
      },
      tokens: {
        keys: keys.verify,
        algorithms: keys.algorithms,
        revoked: (grantId) => orStateUnavailable(Effect.promise(() => grants.isRevoked(grantId))),
      },
      token: (subject, ref) => orStateUnavailable(logins.token(subject, ref)),
    } satisfies AuthServer
  },
)

/** Path without query, of an origin-form or absolute-form request target. */
const pathOf = (target: string) => URL.parse(target, "http://localhost")?.pathname ?? ""

const makeAnswer = (options: {
  readonly engine: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly interactions: Interactions
  readonly resources: Resources
  readonly mount: string
  readonly events: Events
  /** Are there token requests without a client? */
  readonly assertions: boolean
  /** Takes an upstream provider's logout token; undefined when it is done. */
  readonly logout: (token: string) => Promise<LogoutTokenInvalid | ProviderFailed | undefined>
}) => {
  const { engine, interactions, mount, events } = options
  const rate = rateOf(REGISTRATIONS)

  /** The engine routes by `url` and finds the issuer's path by what `originalUrl` has before it. */
  const toEngine = (request: IncomingMessage, response: ServerResponse, url: string) => {
    Object.assign(request, { url, originalUrl: mount + url })
    return engine(request, response)
  }

  const respond = async (request: IncomingMessage, response: ServerResponse, route: Route | undefined) => {
    const { search } = new URL(request.url ?? "/", "http://localhost")
    const { method } = request
    switch (route?.kind) {
      case "engine":
        return options.assertions && route.path === PATHS.token && method === "POST"
          ? tokenRequest(request, response)
          : toEngine(request, response, route.path + search)
      case "metadata":
        return toEngine(request, response, route.path + search)
      case "authorize":
        return toEngine(request, response, route.path + explicit(search, options.resources))
      case "register":
        return register(request, response, route.path)
      case "backchannel":
        return method === "POST" ? backchannel(request, response) : refuseMethod(response, "POST")
      case "callback":
        return method === "GET" ? interactions.callback(request, response, search) : refuseMethod(response, "GET")
      case "interaction":
        if (route.action === "show") {
          return method === "GET" ? interactions.show(request, response, route.uid) : refuseMethod(response, "GET")
        }
        return method === "POST" ? interactions.consent(request, response, route.uid) : refuseMethod(response, "POST")
      default:
        response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ error: "not_found" }))
        return
    }
  }

  const tokenRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const named = await withNobody(request)
    if (named !== undefined) return toEngine(named, response, PATHS.token)
    response.writeHead(413, { "content-type": "application/json", connection: "close" })
    response.end(JSON.stringify({ error: "invalid_request", error_description: "the request is too large" }))
    return
  }

  /** OpenID Connect Back-Channel Logout section 2.8. */
  const backchannel = async (request: IncomingMessage, response: ServerResponse) => {
    const token = (await readForm(request, MAX_LOGOUT_TOKEN))?.get("logout_token") ?? ""
    const failure = await options.logout(token)
    response.setHeader("cache-control", "no-store")
    if (failure === undefined) return response.writeHead(200).end()
    const invalid = failure._tag === "LogoutTokenInvalid"
    events.write(
      "logout",
      invalid ? "refused" : "failed",
      `a logout token was not taken: ${invalid ? failure.reason : failure.detail}`,
    )
    response.writeHead(invalid ? 400 : 503, {
      "content-type": "application/json",
      ...(invalid ? {} : { "retry-after": "5" }),
    })
    response.end(JSON.stringify({ error: invalid ? "invalid_request" : "temporarily_unavailable" }))
    return
  }

  /** Clients that live in a browser register too; the engine knows CORS at its other endpoints only. */
  const register = (request: IncomingMessage, response: ServerResponse, path: string) => {
    response.setHeader("access-control-allow-origin", "*")
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-methods", "POST")
      response.setHeader("access-control-allow-headers", "content-type, mcp-protocol-version")
      response.setHeader("access-control-max-age", "3600")
      response.writeHead(204).end()
      return
    }
    if (request.method !== "POST") return refuseMethod(response, "POST")
    const wait = rate()
    if (wait === 0) return toEngine(request, response, path)
    events.write("register", "refused", "registration refused: too many at once")
    response.writeHead(429, { "content-type": "application/json", "retry-after": String(wait) })
    response.end(JSON.stringify({ error: "temporarily_unavailable", error_description: "too many registrations" }))
    return
  }

  return (request: IncomingMessage, response: ServerResponse, route: Route | undefined): void => {
    Promise.resolve(respond(request, response, route)).catch((cause: unknown) => {
      if (answeredStateAway(request, response, events, cause)) return
      const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : "unknown error"
      events.write("server", "failed", `unexpected error: ${what}`)
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" })
      response.end(response.writableEnded ? undefined : JSON.stringify({ error: "server_error" }))
    })
  }
}

const refuseMethod = (response: ServerResponse, allow: string) => {
  response.writeHead(405, { allow, "content-type": "application/json" })
  response.end(JSON.stringify({ error: "invalid_request" }))
}

/**
 * An authorization request with what it leaves to us said out loud: the scopes of its resource where it names none (RFC 6749
 * section 3.3), and both spellings of each resource (see resources.ts).
 */
const explicit = (search: string, { all, find, only, spellings }: Resources): string => {
  const query = new URLSearchParams(search)
  const asked = query.getAll("resource")
  const meant = asked.length === 0 ? [only] : asked.map(find)
  query.delete("resource")
  for (const [at, resource] of meant.entries()) {
    if (resource !== undefined) for (const spelling of spellings(resource)) query.append("resource", spelling)
    // Unknown, and for the engine to refuse by its name.
    else if (asked[at] !== undefined) query.append("resource", asked[at])
  }
  if (!query.has("scope")) {
    const named = meant.filter((resource) => resource !== undefined)
    const flows = all.filter(({ resource }) => named.some((each) => each.resource === resource))
    const scopes = [...new Set(flows.flatMap((flow) => flow.scopes))]
    // The engine grants nothing where nothing is asked; a flow without scopes still needs a token.
    query.set("scope", scopes.length === 0 ? "openid" : scopes.join(" "))
  }
  return `?${query}`
}
