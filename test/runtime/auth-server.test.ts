/** The server as an MCP client sees it: discovery, registration, codes and tokens. */
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, post, REDIRECT, RESOURCE, type Rig, register, start, type Tokens } from "./authorization.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

const errorOf = async (response: Response) => ({ status: response.status, ...(await json(response)) })

describe("discovery", () => {
  it("says the same in both forms, and what a strict client looks for", async () => {
    const oauth = await json(await fetch(`${rig.issuer}/.well-known/oauth-authorization-server`))
    const openid = await json(await fetch(`${rig.issuer}/.well-known/openid-configuration`))
    expect(openid).toEqual(oauth)
    expect(oauth).toMatchObject({
      issuer: rig.issuer,
      authorization_endpoint: `${rig.issuer}/oauth/authorize`,
      token_endpoint: `${rig.issuer}/oauth/token`,
      registration_endpoint: `${rig.issuer}/oauth/register`,
      jwks_uri: `${rig.issuer}/.well-known/jwks.json`,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      authorization_response_iss_parameter_supported: true,
    })
    expect(oauth["scopes_supported"]).toEqual(expect.arrayContaining(["openid", "profile", "email", "mcp:use"]))
    for (const off of ["userinfo_endpoint", "device_authorization_endpoint", "pushed_authorization_request_endpoint"]) {
      expect(oauth).not.toHaveProperty(off)
    }
  })

  it("is not moved by the Host and forwarding headers of a request", async () => {
    const { request } = await import("node:http")
    const { port } = new URL(rig.issuer)
    const body = await new Promise<string>((done, fail) => {
      const headers = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" }
      request({ port, host: "127.0.0.1", path: "/.well-known/openid-configuration", headers }, async (response) => {
        done(Buffer.concat(await response.toArray()).toString())
      })
        .on("error", fail)
        .end()
    })
    expect(body).not.toContain("evil.example")
    expect(JSON.parse(body).token_endpoint).toBe(`${rig.issuer}/oauth/token`)
  })

  it("publishes public keys only", async () => {
    const { keys } = await json<{ keys: Record<string, unknown>[] }>(await fetch(`${rig.issuer}/.well-known/jwks.json`))
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" })
    expect(keys[0]).not.toHaveProperty("d")
  })

  it("may be read by scripts of any origin", async () => {
    const response = await fetch(`${rig.issuer}/.well-known/oauth-authorization-server`, {
      headers: { origin: "https://inspector.example" },
    })
    expect(response.headers.get("access-control-allow-origin")).toBe("https://inspector.example")
  })

  it("owns its endpoints and nothing else of its origin", () => {
    for (const path of [
      "/oauth/authorize",
      "/oauth/authorize/abc",
      "/oauth/token",
      "/oauth/register",
      "/oauth/callback",
      "/oauth/interaction/abc",
      "/oauth/interaction/abc/consent",
      "/.well-known/jwks.json",
      "/.well-known/oauth-authorization-server",
    ]) {
      expect(rig.server.owns(path), path).toBe(true)
    }
    for (const path of [
      "/",
      "/mcp",
      "/oauth",
      "/oauth/",
      "/oauth/logout",
      "/oauth/register/x",
      "/auth",
      "/oauth/token/",
    ]) {
      expect(rig.server.owns(path), path).toBe(false)
    }
  })
})

describe("an issuer with a path", () => {
  it("serves its metadata where RFC 8414 and OpenID clients look, and works below its path", async () => {
    const other = await start({ path: "/tenant/a" })
    try {
      const urls = [
        `${other.origin}/.well-known/oauth-authorization-server/tenant/a`,
        `${other.origin}/.well-known/openid-configuration/tenant/a`,
        `${other.origin}/tenant/a/.well-known/openid-configuration`,
      ]
      for (const url of urls) {
        const metadata = await json(await fetch(url))
        expect(metadata).toMatchObject({ issuer: other.issuer, token_endpoint: `${other.issuer}/oauth/token` })
      }
      expect((await fetch(`${other.origin}/.well-known/oauth-authorization-server`)).status).toBe(418)
      const client = await Client.register(other)
      const tokens = await client.login("ada")
      expect(decodeJwt(tokens.access_token).iss).toBe(other.issuer)
      for (const { path } of client.browser.cookies.filter(({ name }) => name.includes("gate"))) {
        expect(path).toMatch(/^\/tenant\/a\/oauth\//)
      }
    } finally {
      await other.stop()
    }
  })
})

describe("the code flow", () => {
  it("ends in an access token for the resource, with the person's claims", async () => {
    const client = await Client.register(rig)
    const back = await client.code("ada")
    expect(back.get("state")).toBe("client-state")
    expect(back.get("iss")).toBe(rig.issuer)
    const response = await client.redeem(back.get("code") ?? "")
    expect(response.status).toBe(200)
    expect(response.headers.get("cache-control")).toBe("no-store")
    const tokens = await json<Tokens>(response)
    expect(tokens.scope.split(" ").sort()).toEqual(["email", "mcp:use", "openid"])
    expect(tokens.expires_in).toBe(600)
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: "at+jwt", alg: "ES256" })
    const { payload } = await jwtVerify(tokens.access_token, rig.server.tokens.keys, {
      issuer: rig.issuer,
      audience: RESOURCE,
    })
    expect(payload).toMatchObject({
      client_id: client.id,
      email: "ada@example.com",
      name: "Ada",
      groups: ["admins"],
      scope: tokens.scope,
    })
    expect(payload.sub).toMatch(/^[\w+=,.@-]{2,64}$/)
    expect(decodeJwt(tokens.id_token ?? "")).toMatchObject({
      aud: client.id,
      sub: payload.sub,
      email: "ada@example.com",
    })
  })

  it("gives a person the same sub through every client, and each person another", async () => {
    const subjects: unknown[] = []
    for (const person of ["ada", "ada", "bob"]) {
      const client = await Client.register(rig)
      subjects.push(decodeJwt((await client.login(person)).access_token).sub)
    }
    expect(subjects[0]).toBe(subjects[1])
    expect(subjects[2]).not.toBe(subjects[0])
  })

  it("leaves out an e-mail address that nobody verified", async () => {
    const client = await Client.register(rig)
    const claims = decodeJwt((await client.login("eve")).access_token)
    expect(claims["name"]).toBe("Eve")
    expect(claims).not.toHaveProperty("email")
  })

  it("grants the flow's scopes when none are asked for, and ignores unknown ones", async () => {
    const silent = await Client.register(rig)
    expect((await silent.login("ada", { scope: undefined })).scope).toBe("mcp:use")
    const curious = await Client.register(rig)
    expect((await curious.login("ada", { scope: "mcp:use admin:all" })).scope).toBe("mcp:use")
  })

  it.each([
    ["no PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["PKCE with no method, which would mean plain", { code_challenge_method: undefined }, "invalid_request"],
    ["the implicit flow", { response_type: "token" }, "invalid_request"],
    ["the hybrid flow", { response_type: "code id_token" }, "invalid_request"],
    ["another resource", { resource: "https://other.example/" }, "invalid_target"],
    ["another case of the resource", { resource: RESOURCE.toUpperCase() }, "invalid_target"],
    ["no login where one is needed", { prompt: "none" }, "login_required"],
  ])("refuses %s", async (_what, parameters, error) => {
    const client = await Client.register(rig)
    const page = await client.authorize(parameters)
    const answer = new URL(page.url.replace("#", "?")).searchParams
    expect(answer.get("error")).toBe(error)
    expect(answer.get("code")).toBe(null)
    expect(answer.get("iss")).toBe(rig.issuer)
  })

  it.each([
    ["an address that was not registered", "https://evil.example/callback"],
    ["another path on this computer", "http://127.0.0.1:9/other"],
    ["the registered address with something added", `${REDIRECT}?x=1`],
  ])("shows a page and sends no one to %s", async (_what, redirect_uri) => {
    const client = await Client.register(rig)
    const page = await client.browser.once(client.authorizationUrl({ redirect_uri }))
    expect(page.status).toBe(400)
    expect(page.headers.get("location")).toBe(null)
    expect(page.text).toContain("invalid_redirect_uri")
  })

  it("lets an app on this computer choose its port (RFC 8252 section 7.3)", async () => {
    const client = await Client.register(rig)
    const page = await client.authorize({ redirect_uri: "http://127.0.0.1:54321/callback" })
    expect(new URL(page.url).pathname).toMatch(/^\/login\//)
  })

  it("shows a page to a client that is not known", async () => {
    const client = await Client.register(rig)
    const page = await client.browser.once(client.authorizationUrl({ client_id: "<script>" }))
    expect(page.status).toBe(400)
    expect(page.text).toContain("This app is not known here")
    expect(page.text).not.toContain("<script>")
  })
})

describe("the token endpoint", () => {
  it("refuses a code without its verifier, with another, with another redirect URI, and by another client", async () => {
    const client = await Client.register(rig)
    const stranger = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    const attempts = [
      await client.redeem(code, { code_verifier: "x".repeat(43) }),
      await client.redeem(code, { code_verifier: "" }),
      await client.redeem(code, { redirect_uri: "http://127.0.0.1:10/callback" }),
      await client.redeem(code, { client_id: stranger.id }),
    ]
    for (const attempt of attempts)
      expect(await errorOf(attempt)).toMatchObject({ status: 400, error: "invalid_grant" })
  })

  it("refuses a resource that was not authorized", async () => {
    const client = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    expect(await errorOf(await client.redeem(code, { resource: "https://other.example" }))).toMatchObject({
      error: "invalid_target",
    })
  })

  it("takes a code once: the second use is refused and takes every token of the grant with it", async () => {
    const client = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    const tokens = await json<Tokens>(await client.redeem(code))
    const grant = String(decodeJwt(tokens.access_token)["grant_id"])
    expect(await rig.server.tokens.revoked(grant)).toBe(false)
    expect(await errorOf(await client.redeem(code))).toMatchObject({ status: 400, error: "invalid_grant" })
    expect(await errorOf(await client.refresh(tokens.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await rig.server.tokens.revoked(grant)).toBe(true)
  })

  it("gives one of two requests that race for a code at most", async () => {
    const client = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    const answers = await Promise.all([client.redeem(code), client.redeem(code), client.redeem(code)])
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    for (const answer of answers) {
      const { refresh_token } = await json<Partial<Tokens>>(answer)
      if (refresh_token !== undefined) expect((await client.refresh(refresh_token)).status).toBe(400)
    }
  })

  it("rotates refresh tokens, and ends the family when an old one comes back", async () => {
    const client = await Client.register(rig)
    const first = await client.login("ada")
    const second = await json<Tokens>(await client.refresh(first.refresh_token, { resource: RESOURCE }))
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(decodeJwt(second.access_token)).toMatchObject({ aud: RESOURCE, groups: ["admins"], scope: first.scope })
    const third = await json<Tokens>(await client.refresh(second.refresh_token))
    expect(decodeJwt(third.access_token).aud).toBe(RESOURCE)
    expect(await errorOf(await client.refresh(first.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await errorOf(await client.refresh(third.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await rig.server.tokens.revoked(String(decodeJwt(third.access_token)["grant_id"]))).toBe(true)
  })

  it("binds refresh tokens to their client and lets them narrow scopes, not widen them", async () => {
    const client = await Client.register(rig)
    const stranger = await Client.register(rig)
    const tokens = await client.login("ada")
    expect(await errorOf(await stranger.refresh(tokens.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await errorOf(await client.refresh(tokens.refresh_token, { scope: "mcp:use profile" }))).toMatchObject({
      error: "invalid_scope",
    })
    const narrowed = await json<Tokens>(await client.refresh(tokens.refresh_token, { scope: "mcp:use" }))
    expect(narrowed.scope).toBe("mcp:use")
  })

  it("gives no refresh token to a client that did not register for it", async () => {
    const response = await register(rig, { grant_types: ["authorization_code"] })
    const { client_id } = await json<{ client_id: string }>(response)
    const client = Object.assign(await Client.register(rig), { id: client_id })
    const tokens = await client.login("ada")
    expect(tokens.access_token).toBeDefined()
    expect(tokens.refresh_token).toBeUndefined()
  })

  it.each(["client_credentials", "password", "urn:ietf:params:oauth:grant-type:device_code"])(
    "has no grant %s",
    async (grant_type) => {
      const client = await Client.register(rig)
      const response = await post(`${rig.issuer}/oauth/token`, { grant_type, client_id: client.id })
      expect(await errorOf(response)).toMatchObject({ status: 400, error: "unsupported_grant_type" })
    },
  )
})

describe("resource indicators", () => {
  it("takes a trailing slash more or less at either endpoint, and always says the canonical resource", async () => {
    for (const [asked, redeemed] of [
      [`${RESOURCE}/`, RESOURCE],
      [RESOURCE, `${RESOURCE}/`],
      [`${RESOURCE}/`, `${RESOURCE}/`],
    ] as const) {
      const client = await Client.register(rig)
      const code = (await client.code("ada", { resource: asked })).get("code") ?? ""
      const tokens = await json<Tokens>(await client.redeem(code, { resource: redeemed }))
      expect(decodeJwt(tokens.access_token).aud).toBe(RESOURCE)
      const again = await json<Tokens>(await client.refresh(tokens.refresh_token, { resource: asked }))
      expect(decodeJwt(again.access_token).aud).toBe(RESOURCE)
    }
  })

  it("has a default when there is one flow, and none when there are two", async () => {
    const client = await Client.register(rig)
    const code = (await client.code("ada", { resource: undefined })).get("code") ?? ""
    const response = await post(`${rig.issuer}/oauth/token`, {
      grant_type: "authorization_code",
      client_id: client.id,
      redirect_uri: REDIRECT,
      code,
      code_verifier: client.verifier,
    })
    expect(decodeJwt((await json<Tokens>(response)).access_token).aud).toBe(RESOURCE)

    const two = await start({
      flows: [
        { name: "one", resource: "https://mcp.example.com/one", scopes: ["one:use"] },
        { name: "two", resource: "https://mcp.example.com/two", scopes: ["two:use"] },
      ],
    })
    try {
      const other = await Client.register(two)
      const page = await other.authorize({ resource: undefined })
      expect(new URL(page.url).searchParams.get("error")).toBe("invalid_target")
      const tokens = await json<Tokens>(
        await other.redeem(
          (await other.code("ada", { resource: "https://mcp.example.com/two", scope: "one:use two:use" })).get(
            "code",
          ) ?? "",
          { resource: "https://mcp.example.com/two" },
        ),
      )
      expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: "https://mcp.example.com/two", scope: "two:use" })
    } finally {
      await two.stop()
    }
  })
})

describe("consent", () => {
  it("names the client, where it sends the person, and what it asks for, with everything escaped", async () => {
    const { client_id } = await json<{ client_id: string }>(
      await register(rig, { client_name: '<img src=x onerror="alert(1)"> & \u202eco' }),
    )
    const client = Object.assign(await Client.register(rig), { id: client_id })
    const page = await client.toConsent("ada")
    expect(page.status).toBe(200)
    expect(page.text).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co")
    expect(page.text).not.toContain("<img")
    expect(page.text).not.toContain("<script")
    for (const shown of ["127.0.0.1:9", "mcp:use", RESOURCE, "ada@example.com"]) expect(page.text).toContain(shown)
    const policy = page.headers.get("content-security-policy") ?? ""
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      expect(policy).toContain(directive)
    }
    // Chromium holds form-action against the redirects after the form, up to the client's own.
    expect(policy).toMatch(/form-action 'self' https: http:\/\/127\.0\.0\.1:9(;|$)/)
    expect(page.headers.get("x-frame-options")).toBe("DENY")
  })

  it("sends a denial to the client", async () => {
    const client = await Client.register(rig)
    const page = await client.toConsent("ada")
    const back = await client.browser.submit(page, { decision: "deny" }, REDIRECT)
    const answer = new URL(back.url).searchParams
    expect(Object.fromEntries(answer)).toMatchObject({
      error: "access_denied",
      state: "client-state",
      iss: rig.issuer,
    })
  })

  it("takes no answer that another site's page sent, nor one without a decision for a yes", async () => {
    const client = await Client.register(rig)
    const page = await client.toConsent("ada")
    const action = new URL(/<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? "", page.url).href
    const foreign = await client.browser.once(action, {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" },
      body: "decision=allow",
    })
    expect(foreign.status).toBe(400)
    const empty = await client.browser.submit(page, {}, REDIRECT)
    expect(new URL(empty.url).searchParams.get("error")).toBe("access_denied")
  })

  it("is asked once a session of a client at an https address, every time of an app on this computer, and per client", async () => {
    const web = "https://client.example/callback"
    const client = await Client.register(rig, web)
    await client.code("ada")
    const again = await client.authorize()
    expect(again.url.startsWith(web)).toBe(true)
    expect(new URL(again.url).searchParams.get("code")).toBeTruthy()
    // More than what was agreed to is asked for again.
    expect((await client.authorize({ scope: "openid email profile mcp:use" })).text).toContain("profile")

    const second = await Client.register(rig, web, client.browser)
    expect((await second.authorize()).text).toContain("Allow")
    const local = await Client.register(rig, REDIRECT, client.browser)
    await local.browser.submit(await local.authorize(), { decision: "allow" }, REDIRECT)
    expect((await local.authorize()).text).toContain("Allow")
  })
})

describe("dynamic registration", () => {
  it("makes every client public, says so, and keeps no key, sector or scope of it", async () => {
    const response = await register(rig, {
      token_endpoint_auth_method: "client_secret_post",
      sector_identifier_uri: `${rig.idp.issuer}/sector`,
      jwks_uri: `${rig.idp.issuer}/jwks`,
      scope: "whatever it wants",
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      software_id: "abc",
    })
    expect(response.status).toBe(201)
    const client = await json(response)
    expect(client).toMatchObject({
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      software_id: "abc",
      client_name: "Test client",
    })
    for (const absent of ["client_secret", "jwks_uri", "sector_identifier_uri", "scope", "registration_access_token"]) {
      expect(client).not.toHaveProperty(absent)
    }
    expect(rig.idp.count("/sector")).toBe(0)
  })

  it.each([
    ["an https address", "https://client.example/cb"],
    ["this computer by name", "http://localhost:1234/cb"],
    ["this computer by IPv6", "http://[::1]:1234/cb"],
    ["an app's own scheme", "cursor://anysphere.cursor-mcp/oauth/callback"],
  ])("takes %s", async (_what, uri) => {
    expect((await register(rig, { redirect_uris: [uri] })).status).toBe(201)
  })

  it.each([
    ["http elsewhere", ["http://client.example/cb"]],
    ["a script", ["javascript:alert(1)"]],
    ["data", ["data:text/html,x"]],
    ["a fragment", ["https://client.example/cb#x"]],
    ["a password", ["https://user:pw@client.example/cb"]],
    ["mail", ["mailto:a@example.com"]],
    ["nothing", []],
    ["no address", ["not a uri"]],
    ["eleven addresses", Array.from({ length: 11 }, (_, n) => `https://client.example/${n}`)],
    ["a very long address", [`https://client.example/${"x".repeat(2048)}`]],
  ])("refuses %s as redirect URIs", async (_what, redirect_uris) => {
    const response = await register(rig, { redirect_uris })
    expect(response.status).toBe(400)
    expect((await json(response))["error"]).toMatch(/^invalid_(redirect_uri|client_metadata)$/)
  })

  it("refuses a name that is too long and a body that is no object", async () => {
    expect((await register(rig, { client_name: "x".repeat(257) })).status).toBe(400)
    const list = await fetch(`${rig.issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "[]",
    })
    expect(list.status).toBe(400)
  })

  it("may be used by scripts of any origin", async () => {
    const preflight = await fetch(`${rig.issuer}/oauth/register`, { method: "OPTIONS" })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-methods")).toBe("POST")
  })

  it("slows down when clients come too fast, and is not there when the plan says none", async () => {
    const closed = await start({ config: { registration: "none" } })
    const open = await start()
    try {
      expect((await register(closed)).status).toBe(404)
      const metadata = await json(await fetch(`${closed.issuer}/.well-known/openid-configuration`))
      expect(metadata).not.toHaveProperty("registration_endpoint")
      const answers = await Promise.all(Array.from({ length: 120 }, () => register(open)))
      const slowed = answers.find(({ status }) => status === 429)
      expect(Number(slowed?.headers.get("retry-after"))).toBeGreaterThan(0)
    } finally {
      await Promise.all([closed.stop(), open.stop()])
    }
  })
})

describe("the journal", () => {
  it("has a readable line for each step and no secret in any", async () => {
    const before = rig.journal.length
    const client = await Client.register(rig)
    const back = await client.code("ada")
    const tokens = await json<Tokens>(await client.redeem(back.get("code") ?? ""))
    const refreshed = await json<Tokens>(await client.refresh(tokens.refresh_token))
    await client.refresh("made-up")
    const entries = rig.journal.slice(before)
    expect(entries.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      "register ok",
      "login corp ok",
      "login corp ok",
      "consent ok",
      "token ok",
      "token ok",
      "token refused",
    ])
    const text = JSON.stringify(entries)
    for (const secret of [
      back.get("code"),
      client.verifier,
      tokens.access_token,
      tokens.refresh_token,
      refreshed.access_token,
      refreshed.refresh_token,
    ]) {
      expect(secret).toBeTruthy()
      expect(text).not.toContain(secret)
    }
    for (const { flow, summary } of entries) {
      expect(flow).toBe("gate")
      expect(summary).toMatch(/^[^\p{Cc}]+$/u)
    }
  })
})
