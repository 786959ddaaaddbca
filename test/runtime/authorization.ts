/**
 * An authorization server under test, its upstream provider, and an MCP client's steps against it, all over HTTP.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { type AuthServer, type Dependencies, make, type ProtectedResource } from "../../runtime/auth-server/index.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import type { Store } from "../../runtime/auth-server/store.ts"
import { type Entry, Journal } from "../../runtime/journal.ts"
import type { AuthServer as Config, OidcProvider, Provider } from "../../runtime/plan.ts"
import { SecretMissing, Secrets } from "../../runtime/secrets.ts"
import { Browser, type Page } from "./browser.ts"
import { CLIENT, close, type IdentityProvider, startIdentityProvider } from "./identity-provider.ts"

export const REDIRECT = "http://127.0.0.1:9/callback"
export const RESOURCE = "https://mcp.example.com/aws"
export const FLOW: ProtectedResource = { name: "aws_mcp", resource: RESOURCE, scopes: ["mcp:use"] }

export interface Setup {
  readonly config?: Partial<Config>
  readonly provider?: Partial<OidcProvider>
  readonly flows?: readonly ProtectedResource[]
  /** Path of the issuer. */
  readonly path?: string
  /** Origin of the issuer where it is not the address it listens on, because TLS ends in front of it. */
  readonly publicOrigin?: string
  readonly secrets?: Record<string, string>
  readonly strangers?: Dependencies["strangers"]
  /** In memory unless said. */
  readonly store?: Store
  /** Providers that people log in at after the first one. It is told where each sends browsers back to, by its name. */
  readonly further?: (redirectUriOf: (name: string) => string) => Promise<readonly Provider[]>
  /** Lifetime of the upstream's tokens, in seconds. */
  readonly upstreamLifetime?: number
}

export interface Rig {
  readonly server: AuthServer
  readonly issuer: string
  readonly origin: string
  readonly idp: IdentityProvider
  readonly journal: readonly Entry[]
  readonly stop: () => Promise<void>
}

export const secrets = (values: Record<string, string>) =>
  Layer.succeed(Secrets, {
    get: (ref) => {
      const value = values[`${ref.name}/${ref.key}`]
      return value === undefined
        ? Effect.fail(new SecretMissing({ ref, looked: ["the test"] }))
        : Effect.succeed(Redacted.make(value))
    },
  })

export const start = async (setup: Setup = {}): Promise<Rig> => {
  const http = createServer()
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const issuer = (setup.publicOrigin ?? origin) + (setup.path ?? "")
  const redirectUri = `${issuer}/oauth/callback`
  const idp = await startIdentityProvider([redirectUri], setup.upstreamLifetime)
  const provider: OidcProvider = {
    name: "corp",
    kind: "oidc",
    issuer: idp.issuer,
    client: {
      id: CLIENT.id,
      secret: { name: "corp-idp", key: "client-secret" },
      scopes: ["openid", "email", "profile", "groups"],
    },
    accessToken: { format: "opaque" },
    algorithms: ["RS256"],
    claims: { idToken: ["groups"], accessToken: [], userinfo: [] },
    ...setup.provider,
  }
  const further = (await setup.further?.((name) => `${redirectUri}/${name}`)) ?? []
  const config: Config = {
    name: "gate",
    kind: "auth_server",
    issuer,
    login: ["corp", ...further.map(({ name }) => name)],
    redirectUri,
    registration: "dynamic",
    tokens: { access: 600, refresh: 3600, code: 60 },
    claims: [{ claim: "groups", provider: "corp", from: "id_token", source: "groups" }],
    keys: [],
    hmacKeys: [],
    ...setup.config,
  }
  const journal: Entry[] = []
  const scope = Effect.runSync(Scope.make())
  const server = await Effect.runPromise(
    make(config, {
      providers: [provider, ...further],
      flows: setup.flows ?? [FLOW],
      ephemeralKeys: true,
      ...(setup.strangers && { strangers: setup.strangers }),
      store: setup.store ?? memoryStore(),
    }).pipe(
      Effect.provideService(Scope.Scope, scope),
      Effect.provideService(Journal, { write: (entry) => journal.push(entry) }),
      Effect.provide(secrets({ "corp-idp/client-secret": CLIENT.secret, ...setup.secrets })),
    ),
  )
  http.on("request", (request, response) => {
    if (server.owns(new URL(request.url ?? "/", origin).pathname)) return server.handle(request, response)
    response.writeHead(418).end()
  })
  return {
    server,
    issuer,
    origin,
    idp,
    journal,
    stop: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await Promise.all([close(http), idp.close()])
    },
  }
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token?: string
  readonly expires_in: number
  readonly scope: string
  readonly error?: string
}

export const json = async <A = Record<string, unknown>>(response: Response) => (await response.json()) as A

export const post = (url: string, fields: Record<string, string> | URLSearchParams) =>
  fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" })

/** What an MCP SDK client sends. */
export const register = (rig: Rig, metadata: Record<string, unknown> = {}) =>
  fetch(`${rig.issuer}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Test client",
      redirect_uris: [REDIRECT],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      ...metadata,
    }),
  })

/** One MCP client, from registration on. */
export class Client {
  readonly rig: Rig
  readonly id: string
  readonly redirect: string
  readonly browser: Browser
  verifier = ""

  constructor(rig: Rig, id: string, redirect: string, browser: Browser) {
    this.rig = rig
    this.id = id
    this.redirect = redirect
    this.browser = browser
  }

  static async register(rig: Rig, redirect = REDIRECT, browser = new Browser()): Promise<Client> {
    const { client_id } = await json<{ client_id: string }>(await register(rig, { redirect_uris: [redirect] }))
    return new Client(rig, client_id, redirect, browser)
  }

  /** In another browser. */
  elsewhere(): Client {
    return new Client(this.rig, this.id, this.redirect, new Browser())
  }

  authorizationUrl(parameters: Record<string, string | undefined> = {}): string {
    this.verifier = randomBytes(32).toString("base64url")
    const url = new URL(`${this.rig.issuer}/oauth/authorize`)
    const all = {
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirect,
      scope: "openid email mcp:use",
      state: "client-state",
      resource: RESOURCE,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...parameters,
    }
    for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
    return url.href
  }

  authorize(parameters: Record<string, string | undefined> = {}): Promise<Page> {
    return this.browser.open(this.authorizationUrl(parameters), this.redirect)
  }

  /** From the authorization request to the consent page, logging in on the way. */
  async toConsent(person: string, parameters: Record<string, string | undefined> = {}): Promise<Page> {
    const login = await this.authorize(parameters)
    return this.browser.submit(login, { person }, this.redirect)
  }

  /** The whole way: what the redirect URI was called with. */
  async code(person: string, parameters: Record<string, string | undefined> = {}): Promise<URLSearchParams> {
    const consent = await this.toConsent(person, parameters)
    const back = await this.browser.submit(consent, { decision: "allow" }, this.redirect)
    return new URL(back.url).searchParams
  }

  redeem(code: string, parameters: Record<string, string> = {}): Promise<Response> {
    return post(`${this.rig.issuer}/oauth/token`, {
      grant_type: "authorization_code",
      client_id: this.id,
      redirect_uri: this.redirect,
      code,
      code_verifier: this.verifier,
      resource: RESOURCE,
      ...parameters,
    })
  }

  refresh(token: string, parameters: Record<string, string> = {}): Promise<Response> {
    return post(`${this.rig.issuer}/oauth/token`, {
      grant_type: "refresh_token",
      client_id: this.id,
      refresh_token: token,
      ...parameters,
    })
  }

  async login(person: string, parameters: Record<string, string | undefined> = {}): Promise<Tokens> {
    const code = (await this.code(person, parameters)).get("code") ?? ""
    return json<Tokens>(await this.redeem(code))
  }
}

/** Runs an effect that needs nothing; what it fails with is returned. */
export const outcome = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.result(effect))
