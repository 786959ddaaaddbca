/** Clients beyond public ones that register themselves: with a secret, and known to the operator. */
import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { adapter } from "../../runtime/auth-server/adapter.ts"
import { makeGrants } from "../../runtime/auth-server/grants.ts"
import { freshRoot } from "../../runtime/auth-server/root-secrets.ts"
import { rotation } from "../../runtime/auth-server/rotation.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import { Client, json, post, REDIRECT, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser } from "./browser.ts"

const WEB = "https://app.example/callback"
const FORCED = "https://forced.example/callback"
const SECRET = "a secret: with & signs=100%"

let rig: Rig
beforeAll(async () => {
  rig = await start({
    config: {
      registration: "dynamic",
      confidential: { redirects: [FORCED] },
      knownClients: [
        { id: "reports app", name: "Reports", redirectUris: [WEB], secret: { name: "reports", key: "s" } },
        { id: "desktop", redirectUris: ["http://127.0.0.1/callback", "com.example.desktop:/cb"] },
      ],
    },
    secrets: { "reports/s": SECRET },
  })
})
afterAll(() => rig.stop())

/** RFC 6749 section 2.3.1: both are form-encoded first. */
const basic = (id: string, secret: string) => {
  const encode = (text: string) => new URLSearchParams({ "": text }).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString("base64")}`
}

const redeem = (client: Client, code: string, fields: Record<string, string>, authorization?: string) =>
  fetch(`${rig.issuer}/oauth/token`, {
    method: "POST",
    ...(authorization && { headers: { authorization } }),
    body: new URLSearchParams({
      grant_type: "authorization_code",
      redirect_uri: client.redirect,
      code,
      code_verifier: client.verifier,
      ...fields,
    }),
  })

const attempt = async (id: string, redirect: string, fields: Record<string, string>, authorization?: string) => {
  const client = new Client(rig, id, redirect, new Browser())
  const code = (await client.code("ada")).get("code") ?? ""
  return redeem(client, code, fields, authorization)
}

describe("a known client", () => {
  it("logs people in with its secret, either way of sending it, and is named by the operator", async () => {
    const answers = [
      await attempt("reports app", WEB, {}, basic("reports app", SECRET)),
      await attempt("reports app", WEB, { client_id: "reports app", client_secret: SECRET }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(decodeJwt((await json<Tokens>(answer)).access_token)["client_id"]).toBe("reports app")
    }
    const page = await new Client(rig, "reports app", WEB, new Browser()).toConsent("ada")
    expect(page.text).toContain("<q>Reports</q>")
    expect(page.text).toContain("The operator of this server registered it.")
  })

  it("is nobody without its secret", async () => {
    const answers = [
      await attempt("reports app", WEB, { client_id: "reports app" }),
      await attempt("reports app", WEB, { client_id: "reports app", client_secret: "wrong" }),
      await attempt("reports app", WEB, {}, basic("reports app", `${SECRET} `)),
      await attempt("reports app", WEB, { client_id: "desktop" }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 400])
    expect(answers[2]?.headers.get("www-authenticate")).toMatch(/^Basic realm=/)
  })

  it("without a secret is public: PKCE and its own redirect URIs, with any port on loopback", async () => {
    const there = "http://127.0.0.1:54321/callback"
    expect((await attempt("desktop", there, { client_id: "desktop" })).status).toBe(200)
    expect((await attempt("desktop", "com.example.desktop:/cb", { client_id: "desktop" })).status).toBe(200)
    const page = await new Browser().once(
      new Client(rig, "desktop", REDIRECT.replace("9/", "9/x"), new Browser()).authorizationUrl(),
    )
    expect(page.status).toBe(400)
  })

  it("still has to bring a code verifier", async () => {
    const client = new Client(rig, "reports app", WEB, new Browser())
    const page = await client.authorize({ code_challenge: undefined, code_challenge_method: undefined })
    expect(new URL(page.url).searchParams.get("error")).toBe("invalid_request")
  })

  it("keeps its name: who registers is given another", async () => {
    expect((await json(await register(rig, { client_id: "reports app" })))["client_id"]).not.toBe("reports app")
  })

  it("whose secret is missing keeps the server from starting", async () => {
    const config = { knownClients: [{ id: "a", redirectUris: [WEB] as const, secret: { name: "gone", key: "s" } }] }
    await expect(start({ config })).rejects.toMatchObject({ _tag: "SecretMissing", ref: { name: "gone" } })
  })
})

describe("a client that registers", () => {
  const registered = async (metadata: Record<string, unknown>) => {
    const response = await register(rig, metadata)
    expect(response.status).toBe(201)
    return json<{ client_id: string; client_secret?: string; token_endpoint_auth_method: string }>(response)
  }

  it.each(["client_secret_basic", "client_secret_post"])("for %s is given a secret, and needs it", async (method) => {
    const client = await registered({ redirect_uris: [WEB], token_endpoint_auth_method: method })
    expect(client.token_endpoint_auth_method).toBe(method)
    expect(client).toMatchObject({ client_secret_expires_at: 0 })
    const { client_id, client_secret = "" } = client
    expect(client_secret.length).toBeGreaterThanOrEqual(43)
    expect((await attempt(client_id, WEB, { client_id })).status).toBe(401)
    expect((await attempt(client_id, WEB, { client_id, client_secret })).status).toBe(200)
  })

  it("at a redirect URI that the file names is given one, whatever it asks for", async () => {
    const client = await registered({ redirect_uris: [FORCED], token_endpoint_auth_method: "none" })
    expect(client.token_endpoint_auth_method).toBe("client_secret_basic")
    expect(client.client_secret).toBeTruthy()
  })

  it.each([
    ["on this computer", { redirect_uris: [REDIRECT], token_endpoint_auth_method: "client_secret_basic" }],
    ["in an app of its own", { redirect_uris: ["cursor://x/cb"], token_endpoint_auth_method: "client_secret_post" }],
    ["here and there", { redirect_uris: [WEB, REDIRECT], token_endpoint_auth_method: "client_secret_basic" }],
    ["that asks for none", { redirect_uris: [WEB], token_endpoint_auth_method: "none" }],
    ["that asks for something else", { redirect_uris: [WEB], token_endpoint_auth_method: "private_key_jwt" }],
    ["that brings its own", { redirect_uris: [WEB], token_endpoint_auth_method: "none", client_secret: "mine" }],
  ])("%s is public, and is told so", async (_what, metadata) => {
    const client = await registered(metadata)
    expect(client.token_endpoint_auth_method).toBe("none")
    expect(client).not.toHaveProperty("client_secret")
  })

  it("is told how it may authenticate, here and where the file says nothing of secrets", async () => {
    const methods = async (issuer: string) =>
      (await json(await fetch(`${issuer}/.well-known/oauth-authorization-server`)))[
        "token_endpoint_auth_methods_supported"
      ]
    expect(await methods(rig.issuer)).toEqual(["none", "client_secret_basic", "client_secret_post"])
    const plain = await start()
    expect(await methods(plain.issuer)).toEqual(["none"])
    const client = await json(
      await register(plain, { redirect_uris: [WEB], token_endpoint_auth_method: "client_secret_basic" }),
    )
    expect(client["token_endpoint_auth_method"]).toBe("none")
    await plain.stop()
  })
})

describe("a registration", () => {
  it("is kept for 30 days from its last use", async () => {
    let now = Date.parse("2026-11-25T00:00:00Z")
    const day = 24 * 60 * 60 * 1000
    const store = memoryStore(() => now)
    const grants = makeGrants(store, { access: 60, longest: 3600 })
    const unrotated = rotation(store, "https://auth.example", [freshRoot()])
    const options = { grants, rotation: unrotated, lastEnded: async () => {}, algorithms: [], now: () => now }
    const clients = adapter(store, options)("Client")
    const client = { client_id: "c", redirect_uris: [WEB] }
    await clients.upsert("c", client as never, undefined as never)
    now += 29 * day
    expect(await clients.find("c")).toEqual(client)
    now += 29 * day
    expect(await clients.find("c")).toEqual(client)
    now += 31 * day
    expect(await clients.find("c")).toBe(undefined)
  })
})

describe("step-up", () => {
  it("asks for what is new, names what was allowed before, and grants both", async () => {
    const stepping = await start({
      flows: [{ name: "aws_mcp", resource: "https://mcp.example.com/aws", scopes: ["mcp:use", "mcp:admin"] }],
    })
    for (const redirect of [WEB, REDIRECT]) {
      const client = await Client.register(stepping, redirect)
      const first = await client.login("ada", { scope: "mcp:use" })
      expect(first.scope).toBe("mcp:use")
      const consent = await client.authorize({ scope: "mcp:use mcp:admin" })
      expect(consent.text).toMatch(/asks for<\/dt><dd><ul><li><code>mcp:admin<\/code><\/li><\/ul>/)
      expect(consent.text).toMatch(/allowed it before<\/dt><dd class="plain"><code>mcp:use<\/code>/)
      const back = await client.browser.submit(consent, { decision: "allow" }, redirect)
      const code = new URL(back.url).searchParams.get("code") ?? ""
      const second = await json<Tokens>(await client.redeem(code))
      expect(second.scope.split(" ").sort()).toEqual(["mcp:admin", "mcp:use"])
      // The tokens of before did not become more.
      const refreshed = await json<Tokens>(await client.refresh(first.refresh_token, { scope: "mcp:use" }))
      expect(decodeJwt(refreshed.access_token)["scope"]).toBe("mcp:use")
      expect((await json(await client.refresh(refreshed.refresh_token, { scope: "mcp:admin" })))["error"]).toBe(
        "invalid_scope",
      )
    }
    await stepping.stop()
  })

  it("that is denied leaves what was there", async () => {
    const client = await Client.register(rig, WEB)
    const first = await client.login("ada", { scope: "mcp:use" })
    const consent = await client.authorize({ scope: "mcp:use email" })
    const back = await client.browser.submit(consent, { decision: "deny" }, WEB)
    expect(new URL(back.url).searchParams.get("error")).toBe("access_denied")
    expect((await client.refresh(first.refresh_token)).status).toBe(200)
  })

  it("of one person shows nothing of what another allowed in the same browser", async () => {
    const client = await Client.register(rig, WEB)
    await client.login("ada", { scope: "mcp:use" })
    const login = await client.authorize({ scope: "mcp:use email", prompt: "login" })
    const consent = await client.browser.submit(login, { person: "bob" }, WEB)
    expect(consent.text).toContain("bob@example.com")
    expect(consent.text).not.toContain("allowed it before")
  })
})

it("a token request without any client is refused", async () => {
  const answer = await post(`${rig.issuer}/oauth/token`, { grant_type: "authorization_code", code: "x" })
  expect(answer.status).toBe(400)
})
