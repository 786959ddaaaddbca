/**
 * The stand-in for an outside OpenID provider: a real `oidc-provider`, told by the plan which clients, scopes, audiences and
 * claims it has. Logging in is choosing a person.
 *
 * @module
 */
import { generateKeyPair, type KeyObject, randomBytes } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { Effect, Redacted, type Scope } from "effect"
import Provider, {
  type ClientMetadata,
  type Configuration,
  errors,
  interactionPolicy,
  type ResourceServer,
} from "oidc-provider"
import type { Secrets } from "../../secrets.ts"
import { NoStandIn, type PortUnavailable } from "../failure.ts"
import type { FindToken } from "../issued-token.ts"
import { type ReservedPort, serveHttp } from "../loopback.ts"
import type { Person } from "../person.ts"
import { findToken } from "./find-token.ts"
import { errorPage, loginPage, pageHeaders } from "./login-page.ts"
import { memoryAdapter } from "./memory-adapter.ts"
import { ownUserinfo } from "./own-userinfo.ts"
import { type Realm, release, scopeClaims } from "./realm.ts"
import { userinfoForJwt } from "./userinfo.ts"

/** Lifetimes in seconds of what the provider issues. */
export interface TokenLifetimes {
  readonly accessToken: number
  readonly idToken: number
  readonly refreshToken: number
}

export interface IdentityProviderOptions {
  readonly realm: Realm
  /** The issuer that this one takes the place of, for the login page. */
  readonly publicIssuer: string
  readonly people: readonly Person[]
  readonly secrets: Pick<Secrets["Service"], "get">
  readonly lifetimes: TokenLifetimes
}

/** Starts the provider on a reserved port, whose origin is the realm's issuer. What comes back knows its tokens. */
export const identityProvider = Effect.fn("Sandbox.identityProvider")(function* (
  port: ReservedPort,
  options: IdentityProviderOptions,
): Effect.fn.Return<FindToken, NoStandIn | PortUnavailable, Scope.Scope> {
  const clients: ClientMetadata[] = []
  for (const client of options.realm.clients) {
    const secret =
      client.secret === undefined
        ? undefined
        : yield* Effect.mapError(
            options.secrets.get(client.secret),
            ({ ref }) => new NoStandIn({ what: `secret ${ref.name}/${ref.key}`, why: "no value was generated for it" }),
          )
    clients.push({
      client_id: client.id,
      application_type: "web",
      redirect_uris: [...client.redirectUris],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      ...(secret === undefined
        ? { token_endpoint_auth_method: "none" }
        : { token_endpoint_auth_method: "client_secret_basic", client_secret: Redacted.value(secret) }),
    })
  }
  const asking = options.realm.introspection?.client
  if (asking !== undefined && !clients.some(({ client_id }) => client_id === asking.id)) {
    const secret = yield* Effect.orElseSucceed(options.secrets.get(asking.secret), () => undefined)
    if (secret !== undefined) clients.push({ ...ASKING, client_id: asking.id, client_secret: Redacted.value(secret) })
  }
  const [algorithm] = options.realm.algorithms
  const key = yield* signingKey(algorithm, options.publicIssuer)
  const provider = yield* Effect.try({
    try: () => new Provider(options.realm.issuer, configuration(options, clients, key, algorithm, port.port)),
    catch: (cause) =>
      new NoStandIn({
        what: options.publicIssuer,
        why: cause instanceof Error ? cause.message : "the provider refuses its configuration",
      }),
  })
  const find = findToken(provider, options.realm.issuer, key, algorithm)
  yield* serveHttp(port, handler(provider, options, find, key, algorithm))
  return find
})

/** A resource server that asks about tokens, and gets none itself. */
const ASKING = {
  redirect_uris: [],
  grant_types: [],
  response_types: [],
  token_endpoint_auth_method: "client_secret_basic",
} satisfies Partial<ClientMetadata>

const generateKeys = promisify(generateKeyPair)

const curves: Readonly<Record<string, string>> = { ES256: "P-256", ES384: "P-384", ES512: "P-521" }

const signingKey = (algorithm: string, issuer: string): Effect.Effect<KeyObject, NoStandIn> => {
  if (/^[RP]S(256|384|512)$/.test(algorithm)) {
    return Effect.promise(async () => (await generateKeys("rsa", { modulusLength: 2048 })).privateKey)
  }
  const namedCurve = curves[algorithm]
  if (namedCurve !== undefined) {
    return Effect.promise(async () => (await generateKeys("ec", { namedCurve })).privateKey)
  }
  if (algorithm === "EdDSA" || algorithm === "Ed25519") {
    return Effect.promise(async () => (await generateKeys("ed25519")).privateKey)
  }
  return Effect.fail(new NoStandIn({ what: issuer, why: `the sandbox cannot sign with ${algorithm}` }))
}

/** Names a resource that no client asked for: what a client of ours gets access tokens for. */
const ownResource = (clientId: string): string => `urn:authflow:sandbox:client:${encodeURIComponent(clientId)}`

const configuration = (
  { realm, people, lifetimes }: IdentityProviderOptions,
  clients: ClientMetadata[],
  key: KeyObject,
  algorithm: string,
  port: number,
): Configuration => {
  const own = new Map(realm.clients.map((client) => [client.id, client]))
  const personBySubject = new Map(people.map((person) => [person.claims.sub, person]))
  // Every declared claim rides on `openid`, so that a token holds what the plan says it holds; which of them goes into which
  // token is decided by `release`.
  const always = [...new Set(["sub", ...realm.declared.idToken, ...realm.declared.userinfo])]
  const resourceServer = (audience: string): ResourceServer => ({
    scope: realm.scopes.join(" "),
    audience,
    accessTokenFormat: realm.introspection === undefined ? "jwt" : "opaque",
    accessTokenTTL: lifetimes.accessToken,
    jwt: { sign: { alg: algorithm as "RS256" } },
  })

  return {
    adapter: memoryAdapter(),
    clients,
    jwks: { keys: [{ ...key.export({ format: "jwk" }), kid: "sandbox", use: "sig", alg: algorithm }] } as NonNullable<
      Configuration["jwks"]
    >,
    // Loopback clients of the MCP world; RFC 8252 section 7.3 lets them choose a port.
    clientDefaults: {
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      id_token_signed_response_alg: algorithm as "RS256",
    },
    enabledJWA: { idTokenSigningAlgValues: [...realm.algorithms] as ["RS256"] },
    responseTypes: ["code"],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post"],
    // Cookies ignore ports, and the proxy's own server shares the host: names must differ from its and from other stand-ins'.
    cookies: {
      keys: [randomBytes(32).toString("base64url")],
      names: {
        session: `authflow_sandbox_${port}_session`,
        interaction: `authflow_sandbox_${port}_interaction`,
        resume: `authflow_sandbox_${port}_resume`,
      },
    },
    scopes: [...realm.scopes],
    claims: {
      openid: always,
      ...Object.fromEntries(Object.entries(scopeClaims).map(([scope, claims]) => [scope, [...claims]])),
    },
    // The ID token holds the claims the plan declares of it also when there is an access token for userinfo.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    clientBasedCORS: (_ctx, origin) => isLoopbackOrigin(origin),
    interactions: { policy: alwaysAsk(), url: (_ctx, interaction) => `/login/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: realm.resources.length > 0 },
      revocation: { enabled: true },
      introspection: { enabled: realm.introspection !== undefined },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client, oneOf) => {
          const granted = oneOf?.[0]
          if (granted !== undefined) return granted
          const known = own.get(client.clientId)
          if (known === undefined) return realm.resources[0]?.indicator
          return known.audience === undefined ? undefined : ownResource(known.id)
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator, client) => {
          const audience =
            indicator === ownResource(client.clientId)
              ? own.get(client.clientId)?.audience
              : realm.resources.find((resource) => resource.indicator === indicator)?.audience
          if (audience === undefined) throw new errors.InvalidTarget("no such resource here")
          return resourceServer(audience)
        },
      },
    },
    extraTokenClaims: (_ctx, token) => {
      if (token.kind !== "AccessToken") return undefined
      const person = personBySubject.get(token.accountId)
      return person === undefined ? undefined : { ...release(realm, "accessToken", [], person.claims) }
    },
    // OpenID Connect Core section 11 ties offline_access to a consent prompt; providers in the field (and this one) give a
    // refresh token to a client that is set up for it.
    issueRefreshToken: (_ctx, client) =>
      client.grantTypeAllowed("refresh_token") && (own.get(client.clientId)?.scopes.includes("offline_access") ?? true),
    rotateRefreshToken: true,
    findAccount: (_ctx, sub) => {
      const person = personBySubject.get(sub)
      if (person === undefined) return undefined
      return {
        accountId: sub,
        claims: (use, scope) => ({
          ...release(realm, use === "id_token" ? "idToken" : "userinfo", scope.split(" "), person.claims),
          sub,
        }),
      }
    },
    renderError: (ctx, out) => {
      ctx.set({ ...pageHeaders })
      ctx.body = errorPage(out.error_description ?? out.error)
    },
    ttl: {
      AccessToken: lifetimes.accessToken,
      IdToken: lifetimes.idToken,
      RefreshToken: lifetimes.refreshToken,
      AuthorizationCode: 60,
      Interaction: 3600,
      Session: 3600,
      Grant: lifetimes.refreshToken,
    },
  }
}

const isLoopbackOrigin = (origin: string): boolean => {
  const host = URL.parse(origin)?.hostname
  return host === "127.0.0.1" || host === "localhost" || host === "[::1]"
}

const handler = (
  provider: Provider,
  options: IdentityProviderOptions,
  find: FindToken,
  key: KeyObject,
  algorithm: string,
): RequestListener => {
  const answer = provider.callback()
  const own = ownUserinfo(options.realm, options.people, find)
  const userinfo = userinfoForJwt(options.realm, options.people, key, algorithm)
  return (request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "/"
    if (path.startsWith("/login/")) {
      void login(provider, options, request, response).catch(() => {
        // The one thing that fails here: the login is over or was begun in another browser (oidc-provider SessionNotFound).
        if (!response.headersSent) response.writeHead(400, pageHeaders)
        response.end(errorPage("This login is over. Start again from your MCP client."))
      })
      return
    }
    if (own(path, request, response)) return
    if (path === "/me" && userinfo(request, response)) return
    // RFC 6749 section 3.3 lets a client leave the scope to the provider; this one grants nothing where nothing is asked.
    if (path === "/auth" && !/[?&]scope=/.test(request.url ?? "")) request.url = `${request.url}&scope=openid`
    void answer(request, response)
  }
}

const login = async (
  provider: Provider,
  { people, publicIssuer }: IdentityProviderOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const interaction = await provider.interactionDetails(request, response)
  const { params } = interaction
  const { client_id, scope = "", resource = [] } = params
  const clientId = String(client_id)
  if (request.method !== "POST") {
    response.writeHead(200, pageHeaders).end(loginPage({ issuer: publicIssuer, client: clientId, people }))
    return
  }
  const chosen = await submittedPerson(request)
  const person = people.find(({ id }) => id === chosen)
  if (person === undefined) {
    response.writeHead(400, pageHeaders).end(errorPage("Nobody of that name lives here."))
    return
  }
  // Another person than before in this browser: the session ends, or oidc-provider would ask for that by script.
  if (interaction.session !== undefined && interaction.session.accountId !== person.claims.sub) {
    await (await provider.Session.findByUid(interaction.session.uid))?.destroy()
    delete interaction.session
    await interaction.persist()
  }
  // Choosing who to be is all there is to ask: what the client asked for is granted with it.
  const grant = new provider.Grant({ accountId: person.claims.sub, clientId })
  grant.addOIDCScope(String(scope))
  for (const indicator of [resource].flat()) grant.addResourceScope(String(indicator), String(scope))
  await provider.interactionFinished(request, response, {
    login: { accountId: person.claims.sub, remember: false },
    consent: { grantId: await grant.save() },
  })
}

const MAX_FORM = 1024

const submittedPerson = async (request: IncomingMessage): Promise<string | null> => {
  if (Number(request.headers["content-length"] ?? MAX_FORM + 1) > MAX_FORM) return null
  return new URLSearchParams(await text(request)).get("person")
}

/** Asks on every authorization request, so that the next login can be another person's. */
const alwaysAsk = () => {
  const { Check, base } = interactionPolicy
  const policy = base()
  policy
    .get("login")
    ?.checks.add(
      new Check("choose_person", "the sandbox asks each time", ({ oidc }) =>
        oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    )
  return policy
}
