/**
 * An OAuth 2.0 provider of these tests: the sandbox's own stand-in, on a port of its own, with switches for what goes wrong.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect, Exit, Redacted, Scope } from "effect"
import type { OAuth2Provider } from "../../runtime/plan.ts"
import { originOf, reservePort } from "../../runtime/sandbox/loopback.ts"
import { oauth2Provider } from "../../runtime/sandbox/oauth2-provider/index.ts"
import type { Person } from "../../runtime/sandbox/person.ts"
import { close } from "./identity-provider.ts"

export const SECRETS = { "hub/client-secret": "the-secret-of-the-hub", "hub/registration": "may-register" }

export const person = (id: string, claims: Record<string, unknown> = {}): Person => ({
  id,
  about: "",
  claims: { sub: `hub-${id}`, name: id.toUpperCase(), email: `${id}@hub.example`, login: id, ...claims },
  expects: {},
})

export interface Hub {
  readonly provider: OAuth2Provider
  /** Paths of the requests that came, and forms of token requests. */
  readonly seen: { readonly path: string; readonly form: URLSearchParams }[]
  readonly switches: {
    /** Answers everything with this status. */
    down?: number | undefined
    /** Answers instead of the token endpoint. */
    token?: ((response: ServerResponse) => void) | undefined
    /** What the stand-in answers on the way to the browser is changed. */
    location?: ((to: URL) => void) | undefined
  }
  /** How many refreshes came. */
  readonly refreshes: () => number
  readonly stop: () => Promise<void>
}

export const PEOPLE = ["ada", "bob", "eve"].map((id) => person(id))

/** `change`: what of the plan's provider is otherwise. */
export const startHub = async (
  redirectUri: string,
  change: (origin: string) => Partial<OAuth2Provider> = () => ({}),
  options: { readonly name?: string; readonly lifetime?: number; readonly publicName?: string } = {},
): Promise<Hub> => {
  const seen: Hub["seen"] = []
  const switches: Hub["switches"] = {}
  const front = createServer()
  await new Promise<void>((done) => front.listen(0, "127.0.0.1", done))
  const address = front.address()
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  const provider: OAuth2Provider = {
    name: options.name ?? "hub",
    kind: "oauth2",
    authorizationEndpoint: `${origin}/login/oauth/authorize`,
    tokenEndpoint: `${origin}/login/oauth/access_token`,
    client: { id: "gateway-at-hub", secret: { name: "hub", key: "client-secret" }, scopes: ["read:user"] },
    identity: {
      from: "userinfo",
      request: {
        endpoint: `${origin}/api/user`,
        method: "GET",
        headers: { accept: "application/vnd.hub+json" },
        subject: ["id"],
        name: ["name", "login"],
        email: ["email"],
      },
    },
    accessToken: { format: "opaque" },
    claims: { idToken: [], accessToken: [], userinfo: ["login"] },
    ...change(origin),
  }
  const scope = Effect.runSync(Scope.make())
  const start = Effect.gen(function* () {
    const port = yield* reservePort("hub")
    yield* oauth2Provider(port, {
      provider,
      publicName: options.publicName ?? "https://hub.example",
      redirectUris: [redirectUri],
      people: PEOPLE,
      secrets: {
        get: (ref) => Effect.succeed(Redacted.make(SECRETS[`${ref.name}/${ref.key}` as keyof typeof SECRETS])),
      },
      lifetimes: { accessToken: options.lifetime ?? 3600, refreshToken: 86_400 },
    })
    return originOf(port)
  })
  const behind = await Effect.runPromise(Effect.provideService(start, Scope.Scope, scope))
  front.on("request", (request, response) => {
    void relay(request, response).catch(() => response.writeHead(502).end())
  })

  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString("utf8")
    const path = new URL(request.url ?? "/", origin).pathname
    seen.push({ path, form: new URLSearchParams(body) })
    const { down, token, location } = switches
    if (down !== undefined) return void response.writeHead(down).end()
    if (path === "/login/oauth/access_token" && token !== undefined) return token(response)
    const { host: _host, connection: _connection, origin: from, ...headers } = request.headers
    const answer = await fetch(behind + (request.url ?? "/"), {
      method: request.method ?? "GET",
      headers: {
        ...(headers as Record<string, string>),
        ...(from === undefined ? {} : { origin: from === origin ? behind : from }),
      },
      redirect: "manual",
      ...(body === "" ? {} : { body }),
    })
    const to = answer.headers.get("location")
    const back = to === null ? undefined : new URL(to)
    if (back !== undefined) location?.(back)
    response.writeHead(answer.status, {
      "content-type": answer.headers.get("content-type") ?? "text/plain",
      ...(back === undefined ? {} : { location: back.href }),
    })
    response.end((await answer.text()).replaceAll(behind, origin))
  }

  return {
    provider,
    seen,
    switches,
    refreshes: () => seen.filter(({ form }) => form.get("grant_type") === "refresh_token").length,
    stop: async () => {
      await Promise.all([close(front), Effect.runPromise(Scope.close(scope, Exit.void))])
    },
  }
}
