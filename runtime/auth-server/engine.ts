/**
 * oidc-provider, configured as an OAuth 2.1 authorization server for MCP clients: the code flow with PKCE S256, refresh with
 * rotation, resource indicators and dynamic registration, and nothing that nobody asked for.
 *
 * Every option whose default prints to the console is set, because nothing may be printed uninvited.
 *
 * @module
 */
import { randomBytes } from "node:crypto"
import type { EventEmitter } from "node:events"
import { Effect } from "effect"
import Provider, {
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type ResourceServer,
} from "oidc-provider"
import type { AuthServer as Config } from "../plan.ts"
import { adapter } from "./adapter.ts"
import type { ProtectedResource } from "./auth-server.ts"
import { DOCUMENT_LIMIT } from "./clients/documents.ts"
import { EXTRA_METADATA, normalizeDocument, normalizeRegistration } from "./clients/registration.ts"
import { cookieName } from "./cookie.ts"
import { extras, registerGrants } from "./delegation/index.ts"
import type { TrustedIssuers } from "./delegation/trusted-issuers.ts"
import { explain } from "./engine-errors.ts"
import { record, unexpected } from "./engine-journal.ts"
import type { Events } from "./events.ts"
import { type Grants, grantName, grantTtl } from "./grants.ts"
import { interactionPolicy } from "./interaction-policy.ts"
import type { SigningKeys } from "./keys.ts"
import type { Logins } from "./logins.ts"
import { EVERYWHERE, logoutPage, nobodyPage, signedOutPage } from "./logout-page.ts"
import { formTargets, pageHeaders, troublePage } from "./pages.ts"
import type { Resources } from "./resources.ts"
import type { Rotation } from "./rotation.ts"
import { PATHS } from "./routes.ts"
import { orStateAway, RETRY_AFTER } from "./state-away.ts"
import type { Store } from "./store.ts"

/** OpenID Connect Core section 5.4; what ToolHive's server offers by default. */
const STANDARD_SCOPES = ["openid", "profile", "email", "offline_access"]

/** Seconds that a browser stays signed in here: a working day. */
export const SESSION_TTL = 8 * 60 * 60
/** Seconds from the authorization request to the end of login and consent. */
const INTERACTION_TTL = 30 * 60
/** Every scope that clients can be granted: the standard ones and the flows'. */
export const supportedScopes = (resources: Resources): ReadonlySet<string> =>
  new Set([...STANDARD_SCOPES, ...resources.all.flatMap(({ scopes }) => scopes)])

export const makeEngine = (options: {
  readonly config: Config
  readonly keys: SigningKeys
  /** Newest first. */
  readonly cookieKeys: readonly string[]
  readonly resources: Resources
  readonly logins: Logins
  readonly store: Store
  readonly grants: Grants
  readonly rotation: Rotation
  readonly issuers: TrustedIssuers
  readonly events: Events
  /** Ends all that a person has here. */
  readonly endPerson: (person: string, why: string) => Promise<void>
  /** Clients that the operator registered. */
  readonly clients: readonly ClientMetadata[]
  /** Text of the JSON at a stranger's URL. */
  readonly documents: (url: string) => Promise<string>
  /** The issuer's path. */
  readonly mount: string
}): Provider => {
  const { config, events, rotation } = options
  const engine = new Provider(config.issuer, configuration(options))

  // The issuer names our URLs, not whatever Host or X-Forwarded-* a request carries; `secure` makes cookies Secure.
  const { host, protocol } = new URL(config.issuer)
  Object.defineProperties(engine.request, {
    host: { get: () => host },
    protocol: { get: () => protocol.slice(0, -1) },
  })
  // The next refresh token of a rotation, where there is one before it; see rotation.ts.
  Object.defineProperty(engine.RefreshToken.prototype, "generateTokenId", {
    value: () => {
      const before = Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti
      return before === undefined ? randomBytes(32).toString("base64url") : rotation.successor(before)
    },
  })
  // Koa prints what nobody listens for.
  const application: EventEmitter = engine
  application.on("error", (cause: unknown) => unexpected(events, cause))
  engine.on("server_error", (_ctx, cause) => unexpected(events, cause))
  record(engine, events)
  registerGrants(engine, config, {
    keys: options.keys,
    issuers: options.issuers,
    resources: options.resources,
    store: options.store,
    tokenEndpoint: config.issuer + PATHS.token,
    resourceServer: (resource, ttl) => resourceServer(options.keys, resource, ttl),
    revoked: options.grants.isRevoked,
    note: (why) =>
      events.write("token", "refused", `a token of another issuer, or for another client, was not taken: ${why}`),
  })
  engine.on("end_session.success", (ctx) => {
    const person = ctx.oidc.session?.accountId
    if (person === undefined || ctx.oidc.params?.["logout"] !== EVERYWHERE) return
    options.endPerson(person, "the person signed out everywhere").catch((cause: unknown) => unexpected(events, cause))
  })

  // What discovery says by default and is not so here.
  engine.use(async (ctx: KoaContextWithOIDC, next) => {
    await next()
    if (ctx.status === 503) ctx.set("retry-after", String(RETRY_AFTER))
    if (ctx.oidc?.route === "discovery" && typeof ctx.body === "object" && ctx.body !== null) {
      ctx.body = { ...ctx.body, response_modes_supported: ["query"] }
      ctx.set("cache-control", "public, max-age=300")
    }
    // The engine would go on with a script.
    if (ctx.oidc?.route === "end_session" && ctx.status === 200 && ctx.oidc.session?.accountId === undefined) {
      const redirect = ctx.oidc.params?.["post_logout_redirect_uri"]
      const xsrf = String(ctx.oidc.session?.state?.["secret"])
      ctx.set(pageHeaders(typeof redirect === "string" ? formTargets(redirect) : []))
      ctx.body = nobodyPage({ action: ctx.oidc.urlFor("end_session_confirm"), xsrf })
    }
    if (ctx.oidc?.route === "jwks") ctx.set("cache-control", "public, max-age=300")
  })
  return engine
}

/** `ttl`: seconds that a token for it lives. */
const resourceServer = (keys: SigningKeys, { resource, scopes }: ProtectedResource, ttl: number): ResourceServer => ({
  scope: [...new Set([...scopes, ...STANDARD_SCOPES])].join(" "),
  audience: resource,
  accessTokenTTL: ttl,
  accessTokenFormat: "jwt",
  jwt: { sign: { alg: keys.current.alg as "ES256", kid: keys.current.kid } },
})

const configuration = ({
  config,
  keys,
  cookieKeys,
  resources,
  logins,
  store,
  grants,
  rotation,
  clients,
  documents,
  mount,
}: Parameters<typeof makeEngine>[0]): Configuration => {
  const run = <A>(effect: Effect.Effect<A>) => orStateAway(Effect.runPromise(effect))
  const fromDocuments = config.metadataDocuments !== undefined
  const withSecrets =
    config.confidential !== undefined || clients.some(({ client_secret }) => client_secret !== undefined)
  const known = new Set(clients.map(({ client_id }) => client_id))
  const scopes = supportedScopes(resources)
  const { alg } = keys.current
  const off = { enabled: false } as const
  return {
    adapter: adapter(store, {
      grants,
      rotation,
      algorithms: keys.algorithms,
      lastEnded: (person) => run(logins.release(person, "no client has access any more", true)),
    }),
    jwks: { keys: keys.all },
    scopes: [...scopes],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    responseTypes: ["code"],
    clients,
    clientAuthMethods: [
      "none",
      ...(withSecrets ? (["client_secret_basic", "client_secret_post"] as const) : []),
      ...(fromDocuments ? (["private_key_jwt"] as const) : []),
    ],
    clientDefaults: {
      token_endpoint_auth_method: "none",
      id_token_signed_response_alg: alg as "ES256",
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
    // ES384 is not among the engine's own, and keys on P-384 are allowed.
    enabledJWA: {
      idTokenSigningAlgValues: keys.algorithms as ["ES256"],
      userinfoSigningAlgValues: keys.algorithms as ["ES256"],
      introspectionSigningAlgValues: keys.algorithms as ["ES256"],
      authorizationSigningAlgValues: keys.algorithms as ["ES256"],
    },
    pkce: { required: () => true },
    cookies: {
      names: {
        session: cookieName(config, "session"),
        interaction: cookieName(config, "interaction"),
        resume: cookieName(config, "resume"),
      },
      keys: [...cookieKeys],
      // Sent to the paths that read it and nowhere else: on an origin shared with a flow it must not reach the upstream.
      long: { httpOnly: true, sameSite: "lax", signed: true, path: mount + PATHS.own },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    routes: {
      authorization: PATHS.authorize,
      token: PATHS.token,
      registration: PATHS.register,
      jwks: PATHS.jwks,
      revocation: PATHS.revoke,
      end_session: PATHS.logout,
    },
    features: {
      devInteractions: off,
      // RFC 9449: a client that shows a proof gets tokens that are worth nothing without its key. No nonces of ours: proofs are
      // fresh and taken once.
      dPoP: { enabled: true, requireNonce: () => false, allowReplay: false },
      pushedAuthorizationRequests: off,
      // RFC 7009 section 2.1: a client ends what is its own. The engine ends the grant with it.
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => {
          const redirect = ctx.oidc.params?.["post_logout_redirect_uri"]
          const claims = await run(logins.claims(ctx.oidc.session?.accountId ?? ""))
          const person = claims?.["email"] ?? claims?.["name"]
          ctx.set(pageHeaders(typeof redirect === "string" ? formTargets(redirect) : []))
          ctx.body = logoutPage({
            form,
            formId: "op.logoutForm",
            client: ctx.oidc.client?.clientName,
            person: typeof person === "string" ? person : undefined,
          })
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.set(pageHeaders())
          ctx.body = signedOutPage()
        },
      },
      userinfo: off,
      clientIdMetadataDocument: {
        enabled: fromDocuments,
        ack: "draft-02",
        // Kept by `documents`, whose bounds are the file's, and which asks at a bounded rate.
        cacheDuration: { min: 0, max: 0 },
      },
      // Nobody can read a client's record back or change it: there is no credential to hand out for that.
      registration: { enabled: config.registration === "dynamic", issueRegistrationAccessToken: false },
      resourceIndicators: {
        enabled: true,
        // `oneOf`: several were authorized and the token request names none. Both spellings of one count as one.
        defaultResource: (_ctx, _client, oneOf) => {
          const meant = new Set((oneOf ?? []).map((indicator) => resources.find(indicator)?.resource))
          const [only] = oneOf === undefined ? [resources.only?.resource] : meant.size === 1 ? meant : []
          if (only === undefined) throw new errors.InvalidTarget("name the resource that the token is for")
          return only
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator) => {
          const resource = resources.find(indicator)
          if (resource === undefined) throw new errors.InvalidTarget("this server issues no tokens for that resource")
          return resourceServer(keys, resource, config.tokens.access)
        },
      },
    },
    extraClientMetadata: {
      properties: [...EXTRA_METADATA],
      validator: (ctx, _key, _value, metadata) => {
        const said = metadata as Record<string, unknown>
        if (ctx?.oidc?.route === "registration") return normalizeRegistration(said, config.confidential)
        // What is stored went through it when it registered, and nobody registers as a URL.
        const id = String(said["client_id"])
        if (fromDocuments && !known.has(id) && id.startsWith("https://")) normalizeDocument(said)
      },
    },
    // Everything the engine fetches by itself is what strangers named: documents and the keys of their clients.
    fetch: async (input) => {
      const url = input instanceof Request ? input.url : String(input)
      return new Response(await documents(url), { headers: { "content-type": "application/json" } })
    },
    fetchResponseBodyLimits: { "client_id metadata document": DOCUMENT_LIMIT, jwks_uri: DOCUMENT_LIMIT },
    // Tokens go to public clients with no credentials of the browser in play, so any script may ask; PKCE and the code are
    // what it has to show.
    clientBasedCORS: () => true,
    findAccount: async (ctx, subject, token) => {
      const refreshing = token?.kind === "RefreshToken"
      const claims = await run(
        refreshing ? logins.revalidated(subject, resources.asked(ctx.oidc.params, token)) : logins.claims(subject),
      )
      return claims === undefined ? undefined : { accountId: subject, claims: () => ({ ...claims, sub: subject }) }
    },
    extraTokenClaims: async (_ctx, token) => {
      if (token.kind !== "AccessToken") return undefined
      const claims = await run(logins.claims(token.accountId))
      const extra = extras.get(token)
      return {
        ...(claims ?? extra?.claims),
        ...(extra?.act === undefined ? {} : { act: extra.act }),
        grant_id: extra?.grant ?? grantName(token.grantId ?? ""),
      }
    },
    // To every client that registered the grant, whether or not it asks for `offline_access`: MCP clients seldom do, and
    // without one a person would be sent to log in again every time an access token ends.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    // An MCP client goes on working when the browser's session here has ended.
    expiresWithSession: () => false,
    interactions: {
      policy: interactionPolicy(logins, resources),
      url: (_ctx, interaction) => `${mount}${PATHS.interaction}/${interaction.uid}`,
    },
    ttl: {
      AccessToken: config.tokens.access,
      AuthorizationCode: config.tokens.code,
      IdToken: config.tokens.access,
      RefreshToken: config.tokens.refresh,
      Session: SESSION_TTL,
      Interaction: INTERACTION_TTL,
      Grant: grantTtl(config),
    },
    clockTolerance: 5,
    renderError: (ctx, out) => {
      ctx.set(pageHeaders())
      ctx.body = troublePage({ ...explain(out.error), code: out.error })
    },
  }
}
