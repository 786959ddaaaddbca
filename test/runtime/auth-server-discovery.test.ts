/** What a client finds, and how it registers. */
import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, type Rig, register, start } from "./authorization.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

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
      "/oauth/logout/",
      "/oauth/logout/other",
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
        expect(path).toMatch(/^\/tenant\/a\/oauth(\/|$)/)
      }
    } finally {
      await other.stop()
    }
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
