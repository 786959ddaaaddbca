/** How access ends: by the client (RFC 7009), by the person (RP-initiated logout), by the provider (back-channel logout). */
import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import { decodeJwt, UnsecuredJWT } from "jose"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Client, json, post, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser, type Page } from "./browser.ts"

const WEB = "https://client.example/callback"

let rig: Rig
beforeEach(async () => {
  rig = await start()
})
afterEach(() => rig.stop())

const isRevoked = ({ access_token }: Tokens) =>
  Effect.runPromise(rig.server.tokens.revoked(String(decodeJwt(access_token)["grant_id"])))
const revoke = (client: Client, token: string, more: Record<string, string> = {}) =>
  post(`${rig.issuer}/oauth/revoke`, { client_id: client.id, token, ...more })
const subjectOf = ({ access_token }: Tokens) => String(decodeJwt(access_token).sub)
const upstreamToken = async (tokens: Tokens) => {
  const ref = { issuer: "corp", kind: "id_token" } as const
  return (await Effect.runPromise(Effect.result(rig.server.token(subjectOf(tokens), ref))))._tag
}

describe("a client revokes a token (RFC 7009)", () => {
  it("and the whole grant ends: refresh tokens, access tokens, and the login that nothing else uses", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const { refresh_token } = await json<Tokens>(await client.refresh(tokens.refresh_token))
    const answer = await revoke(client, refresh_token, { token_type_hint: "refresh_token" })
    expect(answer.status).toBe(200)
    expect(await json(await client.refresh(refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await isRevoked(tokens)).toBe(true)
    expect(await upstreamToken(tokens)).toBe("Failure")
    expect(rig.idp.count("/token/revocation")).toBe(1)
  })

  it("and what the person has allowed another client goes on, with the login", async () => {
    const [one, other] = [await Client.register(rig), await Client.register(rig)]
    const [ended, standing] = [await one.login("ada"), await other.login("ada")]
    await revoke(one, ended.refresh_token)
    expect(await isRevoked(ended)).toBe(true)
    expect(await isRevoked(standing)).toBe(false)
    expect((await other.refresh(standing.refresh_token)).status).toBe(200)
    expect(await upstreamToken(standing)).toBe("Success")
    expect(rig.idp.count("/token/revocation")).toBe(0)
  })

  it("of its own only, and learns nothing of others'", async () => {
    const [client, stranger] = [await Client.register(rig), await Client.register(rig)]
    const tokens = await client.login("ada")
    expect((await revoke(stranger, tokens.refresh_token)).status).toBe(200)
    expect((await revoke(stranger, "no-such-token")).status).toBe(200)
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
  })

  it("that is a JWT, which it cannot be done with, and is told so (section 2.2.1)", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const answer = await revoke(client, tokens.access_token)
    expect(answer.status).toBe(400)
    expect((await json(answer))["error"]).toBe("unsupported_token_type")
  })

  it("at the endpoint that the metadata names", async () => {
    const metadata = await json(await fetch(`${rig.issuer}/.well-known/oauth-authorization-server`))
    expect(metadata["revocation_endpoint"]).toBe(`${rig.issuer}/oauth/revoke`)
    expect((await post(`${rig.issuer}/oauth/revoke`, { token: "x" })).status).toBe(400)
  })
})

describe("a refresh token that is used twice", () => {
  it("ends its family, every access token of it, and nothing of another's", async () => {
    const [client, other] = [await Client.register(rig), await Client.register(rig)]
    const [tokens, standing] = [await client.login("ada"), await other.login("bob")]
    const second = await json<Tokens>(await client.refresh(tokens.refresh_token))
    // The one after is used, so the client has had it: the old one is no retry any more.
    const third = await json<Tokens>(await client.refresh(second.refresh_token))
    expect(await json(await client.refresh(tokens.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await json(await client.refresh(third.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await isRevoked(third)).toBe(true)
    expect(await isRevoked(standing)).toBe(false)
    expect((await other.refresh(standing.refresh_token)).status).toBe(200)
  })
})

describe("a person signs out", () => {
  const logoutUrl = (parameters: Record<string, string> = {}) =>
    `${rig.issuer}/oauth/logout?${new URLSearchParams(parameters)}`
  const answerWith = (browser: Browser, page: Page, decision: Record<string, string>) => {
    const xsrf = /name="xsrf" value="([^"]*)"/.exec(page.text)?.[1] ?? ""
    return browser.submit(page, { xsrf, ...decision }, "https://client.example/")
  }

  it("after being asked, and has to log in anew; apps keep their access", async () => {
    const client = await Client.register(rig, WEB)
    const tokens = await client.login("ada")
    const page = await client.browser.once(logoutUrl())
    expect(page.status).toBe(200)
    expect(page.text).toContain("ada@example.com")
    expect(page.text).not.toContain("<script")
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
    const done = await answerWith(client.browser, page, { logout: "browser" })
    expect(done.text).toContain("You are signed out")
    expect(done.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect((await client.authorize({ prompt: "none" })).url).toContain("error=login_required")
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
  })

  it("everywhere, and every app is disconnected", async () => {
    const [client, other] = [await Client.register(rig, WEB), await Client.register(rig)]
    const [tokens, elsewhere] = [await client.login("ada"), await other.login("ada")]
    const page = await client.browser.once(logoutUrl())
    await answerWith(client.browser, page, { logout: "everywhere" })
    for (const each of [tokens, elsewhere]) expect(await isRevoked(each)).toBe(true)
    expect((await other.authorize({ prompt: "none" })).url).toContain("error=login_required")
    expect(await upstreamToken(tokens)).toBe("Failure")
  })

  it("not when the page is answered with no", async () => {
    const client = await Client.register(rig, WEB)
    await client.login("ada")
    await answerWith(client.browser, await client.browser.once(logoutUrl()), {})
    expect((await client.authorize({ prompt: "none" })).url).toContain("code=")
  })

  it("not by a page of somebody else's (CSRF)", async () => {
    const client = await Client.register(rig, WEB)
    await client.login("ada")
    await client.browser.once(logoutUrl())
    for (const xsrf of ["", "x".repeat(43)]) {
      const forged = await client.browser.once(`${rig.issuer}/oauth/logout/confirm`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ xsrf, logout: "everywhere" }).toString(),
      })
      expect(forged.status).toBe(400)
    }
    expect((await client.authorize({ prompt: "none" })).url).toContain("code=")
  })

  it("and is sent back to an address that the app registered, and to no other", async () => {
    const back = "https://client.example/bye"
    const { client_id } = await json<{ client_id: string }>(
      await register(rig, { redirect_uris: [WEB], post_logout_redirect_uris: [back] }),
    )
    const client = new Client(rig, client_id, WEB, new Browser())
    const { id_token = "" } = await client.login("ada")
    const asked = { id_token_hint: id_token, post_logout_redirect_uri: back, state: "s" }
    const other = await client.browser.once(logoutUrl({ ...asked, post_logout_redirect_uri: `${back}?x` }))
    expect(other.status).toBe(400)
    expect(other.headers.get("location")).toBe(null)
    const page = await client.browser.once(logoutUrl(asked))
    expect(page.headers.get("content-security-policy")).toMatch(/form-action 'self' https:/)
    const done = await answerWith(client.browser, page, { logout: "browser" })
    expect(done.url).toBe(`${back}?state=s`)
    // Without a client to go by, a redirect would be an open one.
    const stranger = await new Browser().once(logoutUrl({ post_logout_redirect_uri: "https://evil.example/" }))
    expect(stranger.text).not.toContain("evil.example")
  })

  it("when nobody is signed in, by a page that needs no script", async () => {
    const browser = new Browser()
    const page = await browser.once(logoutUrl())
    expect(page.text).toContain("Nobody is signed in")
    expect(page.text).not.toContain("<script")
    expect((await answerWith(browser, page, { logout: "browser" })).text).toContain("You are signed out")
  })
})

describe("the provider says that a person is logged out (back-channel logout)", () => {
  const tell = (logout_token: string) => post(`${rig.issuer}/oauth/backchannel-logout`, { logout_token })

  it("and all that the person had here ends, in every browser and app", async () => {
    const [client, other] = [await Client.register(rig, WEB), await Client.register(rig)]
    const [tokens, elsewhere, bobs] = [await client.login("ada"), await other.login("ada"), await Client.register(rig)]
    const standing = await bobs.login("bob")
    await rig.idp.logOut("ada")
    for (const each of [tokens, elsewhere]) expect(await isRevoked(each)).toBe(true)
    expect(await json(await client.refresh(tokens.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect((await client.authorize({ prompt: "none" })).url).toContain("error=login_required")
    expect(await upstreamToken(tokens)).toBe("Failure")
    // And nobody else's.
    expect(await isRevoked(standing)).toBe(false)
    expect(await upstreamToken(standing)).toBe("Success")
    // A new login begins anew.
    const again = await client.elsewhere().login("ada")
    expect(await isRevoked(again)).toBe(false)
    expect(await upstreamToken(again)).toBe("Success")
  })

  it("by the session at the provider, where it names only that", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const entry = rig.idp.sessions.at(-1)
    expect(entry).toBeDefined()
    expect((await tell(await rig.idp.logoutToken({ sid: entry }))).status).toBe(200)
    expect(await isRevoked(tokens)).toBe(true)
    expect((await tell(await rig.idp.logoutToken({ sid: "unknown" }))).status).toBe(200)
  })

  it("and is not believed when it is not the provider, not now, not for us, or not a logout", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const now = Math.floor(Date.now() / 1000)
    const genuine = await rig.idp.logoutToken({ sub: "ada" })
    const [head = "", body = ""] = genuine.split(".")
    const unsigned = new UnsecuredJWT({ ...decodeJwt(genuine) }).encode()
    const bad = [
      "",
      "x",
      unsigned,
      `${head}.${body}.${randomBytes(256).toString("base64url")}`,
      await rig.idp.logoutToken({ sub: "ada", aud: "another-client" }),
      await rig.idp.logoutToken({ sub: "ada", iss: "https://evil.example" }),
      await rig.idp.logoutToken({ sub: "ada", iat: now - 3600 }),
      await rig.idp.logoutToken({ sub: "ada", exp: now - 3600 }),
      await rig.idp.logoutToken({ sub: "ada", nonce: "n" }),
      await rig.idp.logoutToken({ sub: "ada", events: {} }),
      await rig.idp.logoutToken({ sub: "ada", events: "x" }),
      await rig.idp.logoutToken({ sub: "ada", jti: undefined }),
      await rig.idp.logoutToken({}),
      tokens.id_token ?? "",
    ]
    for (const token of bad) expect((await tell(token)).status).toBe(400)
    expect((await fetch(`${rig.issuer}/oauth/backchannel-logout`)).status).toBe(405)
    expect(await isRevoked(tokens)).toBe(false)
    expect((await tell("x".repeat(100_000))).status).toBe(400)
  })

  it("once: the same token again is refused", async () => {
    const token = await rig.idp.logoutToken({ sub: "ada" })
    expect((await tell(token)).status).toBe(200)
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    expect((await tell(token)).status).toBe(400)
    expect(await isRevoked(tokens)).toBe(false)
  })

  it("when its keys cannot be had, and is asked to say it again", async () => {
    rig.idp.switches.down = 503
    const answer = await tell(await rig.idp.logoutToken({ sub: "ada" }))
    expect(answer.status).toBe(503)
    expect(answer.headers.get("retry-after")).toBeTruthy()
  })
})

it("the session cookie goes to the server's own paths only", async () => {
  const client = await Client.register(rig)
  await client.login("ada")
  const paths = client.browser.cookies.filter(({ name }) => name.includes("session")).map(({ path }) => path)
  expect(new Set(paths)).toEqual(new Set(["/oauth"]))
})
