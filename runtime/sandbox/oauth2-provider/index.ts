/**
 * The stand-in for an OAuth 2.0 provider without OpenID Connect, such as GitHub: codes with PKCE, rotating refresh tokens, an
 * endpoint that says who a token is of. It is stricter than most of them: what the specification lets a provider refuse, it
 * refuses. Logging in is choosing a person.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Effect, Redacted, type Scope } from "effect"
import { realmOf } from "../../auth-server/claims.ts"
import type { OAuth2Provider } from "../../plan.ts"
import type { Secrets } from "../../secrets.ts"
import { NoStandIn, type PortUnavailable } from "../failure.ts"
import { errorPage, loginPage, pageHeaders } from "../identity-provider/login-page.ts"
import type { FindToken } from "../issued-token.ts"
import { originOf, type ReservedPort, serveHttp } from "../loopback.ts"
import type { Person } from "../person.ts"
import { claimsInside, tokenAnswer, userinfoAnswer } from "./answer.ts"
import { type Endpoints, endpointsOf, sharedPath } from "./endpoints.ts"
import { type Grant, grants } from "./grants.ts"

export interface OAuth2ProviderOptions {
  /** As the plan says it, on loopback. */
  readonly provider: OAuth2Provider
  /** What it takes the place of, for the login page. */
  readonly publicName: string
  /** Where it may send browsers back to. */
  readonly redirectUris: readonly string[]
  readonly people: readonly Person[]
  readonly secrets: Pick<Secrets["Service"], "get">
  /** Seconds. */
  readonly lifetimes: { readonly accessToken: number; readonly refreshToken: number }
}

interface Client {
  readonly id: string
  readonly secret: string | undefined
  readonly redirectUris: readonly string[]
}

/** Starts the provider on a reserved port. */
export const oauth2Provider = Effect.fn("Sandbox.oauth2Provider")(function* (
  port: ReservedPort,
  options: OAuth2ProviderOptions,
): Effect.fn.Return<FindToken, NoStandIn | PortUnavailable, Scope.Scope> {
  const { provider, redirectUris } = options
  const endpoints = endpointsOf(provider)
  const shared = sharedPath(endpoints)
  if (shared !== undefined) {
    const why = `two of its endpoints have the path ${shared}, and here they are on one address`
    return yield* new NoStandIn({ what: options.publicName, why })
  }
  const secretOf = (ref: OAuth2Provider["client"]["secret"]) =>
    ref === undefined
      ? Effect.succeed(undefined)
      : Effect.mapBoth(options.secrets.get(ref), {
          onFailure: () =>
            new NoStandIn({ what: `secret ${ref.name}/${ref.key}`, why: "no value was generated for it" }),
          onSuccess: Redacted.value,
        })
  const { id, registration } = provider.client
  const clients = new Map<string, Client>()
  if (id !== undefined) clients.set(id, { id, secret: yield* secretOf(provider.client.secret), redirectUris })
  const initialAccessToken = yield* secretOf(registration?.initialAccessToken)
  const key = randomBytes(32)
  const issued = grants(options.lifetimes, ({ person }: Grant) => {
    const claims = claimsInside(provider, person)
    return claims && jwt({ ...claims, jti: randomBytes(12).toString("base64url") }, key)
  })
  yield* serveHttp(port, handler(options, endpoints, originOf(port), { clients, issued, initialAccessToken }))
  return async (value) => {
    const grant = issued.bearer(value)
    return (
      grant && {
        kind: "access_token",
        issuer: provider.accessToken.issuer ?? realmOf(provider),
        subject: grant.person.claims.sub,
        audiences: [],
        scopes: grant.scope.split(" "),
        client: grant.clientId,
        expiresAt: grant.expiresAt,
        claims: {},
      }
    )
  }
})

interface State {
  readonly clients: Map<string, Client>
  readonly issued: ReturnType<typeof grants>
  readonly initialAccessToken: string | undefined
}

/** Bytes of a form or a registration. */
const MAX_BODY = 32 * 1024

const handler = (
  options: OAuth2ProviderOptions,
  endpoints: Endpoints,
  origin: string,
  { clients, issued, initialAccessToken }: State,
): RequestListener => {
  const { provider, people, publicName } = options
  /** GitHub says what went wrong with the status 200. */
  const status = new URL(publicName).hostname === "github.com" ? 200 : 400

  const json = (response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}) =>
    response
      .writeHead(code, { "content-type": "application/json", "cache-control": "no-store", ...headers })
      .end(JSON.stringify(body))
  const page = (response: ServerResponse, code: number, html: string) => response.writeHead(code, pageHeaders).end(html)

  /** RFC 6749 section 4.1.1: a client or redirect URI that is wrong gets no redirect. */
  const authorization = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    const client = clients.get(query.get("client_id") ?? "")
    const redirectUri = query.get("redirect_uri") ?? ""
    if (client === undefined) return page(response, 400, errorPage("This client is not known."))
    if (!client.redirectUris.includes(redirectUri))
      return page(response, 400, errorPage("The client may not be answered there."))
    const back = (answer: Record<string, string>) => {
      const to = new URL(redirectUri)
      for (const [name, value] of Object.entries(answer)) to.searchParams.set(name, value)
      to.searchParams.set("state", query.get("state") ?? "")
      // RFC 9207.
      if (provider.issuer !== undefined) to.searchParams.set("iss", provider.issuer)
      response.writeHead(303, { location: to.href, "referrer-policy": "no-referrer" }).end()
    }
    const challenge = query.get("code_challenge") ?? ""
    const scope = query.get("scope") ?? ""
    const [once] = ["state", "client_id", "redirect_uri", "scope"].filter((name) => query.getAll(name).length > 1)
    if (query.get("response_type") !== "code") return back({ error: "unsupported_response_type" })
    if (query.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge) || !query.get("state") || once)
      return back({ error: "invalid_request" })
    if (scope.split(" ").some((each) => each !== "" && !provider.client.scopes.includes(each)))
      return back({ error: "invalid_scope" })
    if (request.method !== "POST")
      return page(response, 200, loginPage({ issuer: publicName, client: client.id, people }))
    // The page is the only place that the form may come from.
    if (request.headers.origin !== undefined && request.headers.origin !== origin)
      return page(response, 400, errorPage("That did not come from this page."))
    const chosen = (await form(request))?.get("person")
    if (chosen === "nobody") return back({ error: "access_denied" })
    const person = people.find(({ id }) => id === chosen)
    if (person === undefined) return page(response, 400, errorPage("Nobody of that name lives here."))
    return back({ code: issued.code({ person, clientId: client.id, scope }, redirectUri, challenge) })
  }

  const token = async (request: IncomingMessage, response: ServerResponse) => {
    const fields = await form(request)
    if (fields === undefined) return json(response, status, { error: "invalid_request" })
    const client = authenticated(request, fields, clients)
    if (client === undefined) return json(response, status === 200 ? 200 : 401, { error: "invalid_client" })
    const field = (name: string) => fields.get(name) ?? ""
    const result =
      field("grant_type") === "authorization_code"
        ? issued.redeem(field("code"), client.id, field("redirect_uri"), field("code_verifier"))
        : field("grant_type") === "refresh_token"
          ? issued.refresh(field("refresh_token"), client.id)
          : { error: "unsupported_grant_type" }
    if ("error" in result) return json(response, status, result)
    return json(response, 200, tokenAnswer(provider, result.person, result))
  }

  const userinfo = (request: IncomingMessage, response: ServerResponse) => {
    if (provider.identity.from !== "userinfo") return json(response, 404, {})
    const { method, headers } = provider.identity.request
    if (request.method !== method) return json(response, 405, {}, { allow: method })
    const missing = Object.entries(headers).find(([name, value]) => request.headers[name.toLowerCase()] !== value)
    if (missing !== undefined) return json(response, 400, { message: `the header ${missing[0]} is not as documented` })
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? ""
    const grant = issued.bearer(bearer)
    if (grant === undefined)
      return json(response, 401, { message: "Bad credentials" }, { "www-authenticate": 'Bearer error="invalid_token"' })
    return json(response, 200, userinfoAnswer(provider, grant.person))
  }

  /** RFC 7591 section 3. */
  const registration = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== "POST") return json(response, 405, {}, { allow: "POST" })
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1]
    if (initialAccessToken !== undefined && (bearer === undefined || !same(bearer, initialAccessToken)))
      return json(response, 401, { error: "invalid_token" })
    const metadata = JSON.parse((await body(request)) ?? "{}") as { redirect_uris?: unknown }
    const uris = Array.isArray(metadata.redirect_uris) ? metadata.redirect_uris.map(String) : []
    if (uris.length === 0 || uris.some((uri) => !options.redirectUris.includes(uri)))
      return json(response, 400, { error: "invalid_redirect_uri" })
    const client = { id: randomBytes(12).toString("hex"), secret: randomBytes(24).toString("hex"), redirectUris: uris }
    clients.set(client.id, client)
    return json(response, 201, {
      ...metadata,
      client_id: client.id,
      client_secret: client.secret,
      client_secret_expires_at: 0,
      token_endpoint_auth_method: "client_secret_basic",
    })
  }

  const metadata = () => ({
    issuer: provider.issuer ?? origin,
    authorization_endpoint: provider.authorizationEndpoint,
    token_endpoint: provider.tokenEndpoint,
    registration_endpoint: origin + (endpoints.registration ?? ""),
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
  })

  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", origin)
    const answer = async () => {
      switch (pathname) {
        case endpoints.authorization:
          return authorization(request, response, searchParams)
        case endpoints.token:
          return request.method === "POST" ? token(request, response) : json(response, 405, {}, { allow: "POST" })
        case endpoints.userinfo:
          return userinfo(request, response)
        case endpoints.registration:
          return registration(request, response)
        case endpoints.metadata:
          return json(response, 200, metadata())
        default:
          return json(response, 404, { message: "Not Found" })
      }
    }
    void answer().catch(() => {
      if (!response.headersSent) response.writeHead(400)
      response.end()
    })
  }
}

/** RFC 6749 section 2.3.1: with the header or in the form, never both. */
const authenticated = (
  request: IncomingMessage,
  fields: URLSearchParams,
  clients: ReadonlyMap<string, Client>,
): Client | undefined => {
  const basic = /^Basic (\S+)$/.exec(request.headers.authorization ?? "")?.[1]
  const decoded = basic === undefined ? undefined : Buffer.from(basic, "base64").toString("utf8").split(":")
  if (decoded !== undefined && fields.has("client_secret")) return undefined
  const decode = (value: string | undefined) => decodeURIComponent((value ?? "").replaceAll("+", " "))
  const id = decoded === undefined ? (fields.get("client_id") ?? "") : decode(decoded[0])
  const secret = decoded === undefined ? fields.get("client_secret") : decode(decoded[1])
  const client = clients.get(id)
  if (client?.secret === undefined) return client
  return secret !== null && same(secret, client.secret) ? client : undefined
}

const same = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const body = async (request: IncomingMessage): Promise<string | undefined> =>
  Number(request.headers["content-length"] ?? MAX_BODY + 1) > MAX_BODY ? undefined : text(request)

const form = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return undefined
  const content = await body(request)
  return content === undefined ? undefined : new URLSearchParams(content)
}

/** Signed for show: who reads it verifies nothing (RFC 7515 section 3.1). */
const jwt = (claims: Record<string, unknown>, key: Uint8Array): string => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`
}
