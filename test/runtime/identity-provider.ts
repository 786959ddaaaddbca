/**
 * The company's OpenID provider of these tests: a real oidc-provider, with switches for what goes wrong in the field.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose"
import Provider, { interactionPolicy } from "oidc-provider"

export interface IdentityProvider {
  readonly issuer: string
  /** Requests by path, since the start. */
  readonly count: (path: string) => number
  /** Grant types of the token requests that were answered with 200. */
  readonly redeemed: readonly string[]
  /** What the people's tokens say; may be changed while it runs. */
  readonly people: Record<string, Record<string, unknown>>
  readonly switches: {
    /** Answers everything with this status. */
    down?: number | undefined
    /** Answers token requests with this OAuth error. */
    tokenError?: string | undefined
    /** Lifetime of access and ID tokens, in seconds. */
    lifetime: number
    /** Leaves the refresh token, or the ID token, out of what the token endpoint answers. */
    omit?: "refresh_token" | "id_token" | undefined
    /** Answers the next authorization request with this error. */
    authorizeError?: string | undefined
  }
  /** `sid` of the ID tokens it issued. */
  readonly sessions: readonly string[]
  /** Logs the person out of a session there, or of all, and tells our server so (OpenID Connect Back-Channel Logout). */
  readonly logOut: (person: string, sid?: string) => Promise<void>
  /** A logout token of this provider; `claims` replace what it would say. */
  readonly logoutToken: (claims: Record<string, unknown>) => Promise<string>
  readonly close: () => Promise<void>
}

interface LogsOut {
  readonly backchannelLogout: (person: string, sid: string | undefined) => Promise<void>
}

export const CLIENT = { id: "mcp-gateway", secret: "the-secret-of-the-gateway" }

/** One for all, since RSA keys take a while to make. */
const signingKey = generateKeyPair("RS256", { extractable: true })

export const startIdentityProvider = async (
  redirectUris: readonly string[],
  lifetime = 3600,
): Promise<IdentityProvider> => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await signingKey
  const people: IdentityProvider["people"] = {
    ada: { email: "ada@example.com", email_verified: true, name: "Ada", groups: ["admins"] },
    bob: { email: "bob@example.com", email_verified: true, name: "Bob", groups: ["readers"] },
    eve: { email: "ada@example.com", email_verified: false, name: "Eve" },
  }
  const switches: IdentityProvider["switches"] = { lifetime }
  const { Check, base } = interactionPolicy
  const policy = base()
  policy
    .get("login")
    ?.checks.add(
      new Check("always", "asks each time", ({ oidc }) =>
        oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    )
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [...redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        ...(redirectUris[0] && {
          backchannel_logout_uri: redirectUris[0].replace("/oauth/callback", "/oauth/backchannel-logout"),
          backchannel_logout_session_required: true,
        }),
      },
    ],
    adapter: storage(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "idp", use: "sig", alg: "RS256" }] } as never,
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["idp"], names: { session: "idp_s", interaction: "idp_i", resume: "idp_r" } },
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    },
    // The engine's own keeps away from loopback.
    fetch: (input, init) =>
      fetch(input as string, { method: init?.method, body: init?.body, headers: init?.headers } as RequestInit),
    interactions: { policy, url: (_ctx, { uid }) => `/login/${uid}` },
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    renderError: (ctx, out) => {
      ctx.body = out.error
    },
    ttl: {
      AccessToken: () => switches.lifetime,
      IdToken: () => switches.lifetime,
      RefreshToken: 3600,
      Session: 60,
      Grant: 3600,
      Interaction: 60,
    },
  })

  const counts = new Map<string, number>()
  const redeemed: string[] = []
  provider.on("grant.success", (ctx) => {
    redeemed.push(String(ctx.oidc.params?.["grant_type"]))
  })
  const sessions: string[] = []
  provider.use(async (ctx, next) => {
    await next()
    const idToken: unknown = typeof ctx.body === "object" && ctx.body !== null ? Reflect.get(ctx.body, "id_token") : ""
    const sid = typeof idToken === "string" && idToken !== "" ? decodeJwt(idToken)["sid"] : undefined
    if (typeof sid === "string") sessions.push(sid)
    const { omit } = switches
    if (ctx.path === "/token" && omit !== undefined && typeof ctx.body === "object" && ctx.body !== null) {
      ctx.body = Object.fromEntries(Object.entries(ctx.body).filter(([name]) => name !== omit))
    }
  })
  const engine = provider.callback()
  server.on("request", (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", issuer)
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1)
    const { down, tokenError, authorizeError } = switches
    if (down !== undefined) {
      response.writeHead(down).end()
      return
    }
    if (pathname === "/token" && tokenError !== undefined) {
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: tokenError }))
      return
    }
    if (pathname === "/auth" && authorizeError !== undefined) {
      const back = new URL(searchParams.get("redirect_uri") ?? "")
      back.search = new URLSearchParams({
        error: authorizeError,
        state: searchParams.get("state") ?? "",
        iss: issuer,
      }).toString()
      response.writeHead(303, { location: back.href }).end()
      return
    }
    if (pathname.startsWith("/login/")) {
      void login(provider, request, response)
      return
    }
    void engine(request, response)
  })
  return {
    issuer,
    count: (path) => counts.get(path) ?? 0,
    redeemed,
    people,
    switches,
    sessions,
    logOut: async (person, sid) => {
      // Not in the engine's types.
      const client = (await provider.Client.find(CLIENT.id)) as unknown as LogsOut | undefined
      await client?.backchannelLogout(person, sid)
    },
    logoutToken: async (claims) =>
      new SignJWT({
        iss: issuer,
        aud: CLIENT.id,
        iat: Math.floor(Date.now() / 1000),
        jti: randomUUID(),
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256", kid: "idp", typ: "logout+jwt" })
        .sign(privateKey),
    close: () => close(server),
  }
}

const login = async (provider: Provider, request: IncomingMessage, response: ServerResponse) => {
  const interaction = await provider.interactionDetails(request, response)
  const { params, session } = interaction
  if (request.method !== "POST") {
    response.end('<form method="post"><input name="person"></form>')
    return
  }
  const accountId = new URLSearchParams(await text(request)).get("person") ?? ""
  const grant = new provider.Grant({ accountId, clientId: String(params["client_id"]) })
  grant.addOIDCScope(String(params["scope"]))
  interaction.result = { login: { accountId }, consent: { grantId: await grant.save() } }
  // Somebody else than before: oidc-provider would ask by a page with a script.
  if (session !== undefined) {
    await (await provider.Session.findByUid(session.uid))?.destroy()
    delete interaction.session
  }
  await interaction.persist()
  response.writeHead(303, { location: interaction.returnTo }).end()
}

export const close = (server: Server) =>
  new Promise<void>((done) => {
    server.closeAllConnections()
    server.close(() => done())
  })

/** oidc-provider's own default store prints a warning, so the tests bring one. */
const storage = () => {
  const records = new Map<string, Record<string, unknown>>()
  const find = (test: (record: Record<string, unknown>) => boolean) => [...records.values()].find(test)
  return (kind: string) => ({
    upsert: async (id: string, payload: object) => void records.set(`${kind} ${id}`, { ...payload }),
    find: async (id: string) => records.get(`${kind} ${id}`),
    findByUid: async (uid: string) => find((record) => record["kind"] === kind && record["uid"] === uid),
    findByUserCode: async () => undefined,
    consume: async (id: string) => void Object.assign(records.get(`${kind} ${id}`) ?? {}, { consumed: 1 }),
    destroy: async (id: string) => void records.delete(`${kind} ${id}`),
    revokeByGrantId: async (grantId: string) => {
      for (const [key, record] of records) if (record["grantId"] === grantId) records.delete(key)
    },
  })
}
