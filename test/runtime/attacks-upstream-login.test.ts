/** What attackers do to a login at a provider (RFC 9700 section 4), with two providers at one server. */
import { decodeJwt } from "jose"
import { afterEach, describe, expect, it } from "vitest"
import type { ProtectedResource } from "../../runtime/auth-server/index.ts"
import { Client, json, REDIRECT, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser, type Page } from "./browser.ts"
import { type Hub, SECRETS, startHub } from "./oauth2-provider.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const RESOURCE = "https://mcp.example.com/hub"
const FLOWS: readonly ProtectedResource[] = [{ name: "tools", resource: RESOURCE, scopes: ["use"], logins: ["hub"] }]
const WANTED = { resource: RESOURCE, scope: "openid use" }

const two = async () => {
  let hub: Hub | undefined
  const rig = await start({
    config: { claims: [] },
    flows: FLOWS,
    further: async (redirectUriOf) => {
      hub = await startHub(redirectUriOf("hub"))
      return [hub.provider]
    },
    secrets: SECRETS,
  })
  stops.push(rig.stop)
  if (hub === undefined) throw new Error("there is no hub")
  stops.push(hub.stop)
  return { rig, hub, client: await Client.register(rig) }
}

/** The address that the provider sends the browser back to, not opened. */
const answerOf = async (rig: Rig, browser: Browser, login: Page, person: string) =>
  (await browser.submit(login, { person }, `${rig.issuer}/oauth/callback`)).url

/** From the authorization request to the second provider's page. */
const toHub = async (client: Client, person = "ada") =>
  client.browser.submit(await client.authorize(WANTED), { person }, REDIRECT)

const refused = (page: Page) => {
  expect(page.status).toBe(400)
  expect(page.headers.get("location")).toBeNull()
  expect(page.text).toContain("This sign-in is not going on here")
}

const redeemed = ({ seen }: Hub) => seen.filter(({ form }) => form.get("grant_type") === "authorization_code").length

describe("mix-up", () => {
  it("an answer of one provider is not taken at the address of another, and is not used up by it", async () => {
    const { rig, hub, client } = await two()
    const answer = new URL(await answerOf(rig, client.browser, await toHub(client), "ada"))
    const elsewhere = new URL(answer)
    elsewhere.pathname = "/oauth/callback"
    refused(await client.browser.open(elsewhere.href, REDIRECT))
    expect(redeemed(hub)).toBe(0)
    const consent = await client.browser.open(answer.href, REDIRECT)
    expect(consent.text).toContain("ada@example.com")
  })

  it("an answer that says another issuer is not redeemed", async () => {
    const { rig, client } = await two()
    const answer = new URL(await answerOf(rig, client.browser, await client.authorize(WANTED), "ada"))
    answer.searchParams.set("iss", "https://attacker.example")
    const before = rig.idp.redeemed.length
    const page = await client.browser.open(answer.href, REDIRECT)
    expect(page.status).toBe(502)
    expect(rig.idp.redeemed.length).toBe(before)
  })
})

describe("code injection", () => {
  it("a code of another login is refused by the verifier, though state and browser are right", async () => {
    const { rig, hub, client } = await two()
    const attacker = client.elsewhere()
    const stolen = new URL(await answerOf(rig, client.browser, await toHub(client), "ada")).searchParams.get("code")
    const own = new URL(await answerOf(rig, attacker.browser, await toHub(attacker, "bob"), "eve"))
    own.searchParams.set("code", stolen ?? "")
    const page = await attacker.browser.open(own.href, REDIRECT)
    expect(page.status).toBe(502)
    expect(page.text).toContain("invalid_grant")
    expect(redeemed(hub)).toBe(1)
  })
})

describe("fixation", () => {
  it("of a state: a link with the attacker's answer logs nobody else in", async () => {
    const { rig, hub, client } = await two()
    const link = await answerOf(rig, client.browser, await toHub(client, "eve"), "eve")
    const victim = new Browser()
    refused(await victim.open(link, REDIRECT))
    expect(redeemed(hub)).toBe(0)
  })

  it("of a session: who logs in leaves nothing in the session that was there before", async () => {
    const { rig, client } = await two()
    await client.login("eve", { ...WANTED }).catch(() => undefined)
    const planted = client.browser.cookies.filter(({ name }) => name.includes("_session"))
    expect(planted.length).toBeGreaterThan(0)
    const victim = client.elsewhere()
    victim.browser.plant(planted)
    const second = await victim.browser.submit(
      await victim.authorize({ ...WANTED, prompt: "login" }),
      { person: "ada" },
      REDIRECT,
    )
    await victim.browser.submit(second, { person: "ada" }, REDIRECT)
    // The attacker's cookie is as good as it was, and no better.
    const attacker = client.elsewhere()
    attacker.browser.plant(planted)
    const seen = await attacker.authorize(WANTED)
    expect(seen.text).not.toContain("ada@example.com")
    expect(rig.journal.some(({ summary }) => summary.includes("ada@example.com logged in"))).toBe(true)
  })
})

describe("replay", () => {
  it("an answer is taken once, at either provider", async () => {
    const { rig, hub, client } = await two()
    const first = await answerOf(rig, client.browser, await client.authorize(WANTED), "ada")
    const atHub = await client.browser.open(first, REDIRECT)
    refused(await client.browser.open(first, REDIRECT))
    const second = await answerOf(rig, client.browser, atHub, "ada")
    await client.browser.open(second, REDIRECT)
    refused(await client.browser.open(second, REDIRECT))
    expect(redeemed(hub)).toBe(1)
  })
})

describe("a confused deputy", () => {
  it("is none: our one client at the provider gets each client of ours a consent of its own", async () => {
    const { rig, client } = await two()
    const consent = await client.browser.submit(await toHub(client), { person: "ada" }, REDIRECT)
    await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    const answer = await json<{ client_id: string }>(
      await register(rig, { client_name: "Evil", redirect_uris: ["https://evil.example/cb"] }),
    )
    const evil = new URL(client.authorizationUrl(WANTED))
    evil.searchParams.set("client_id", answer.client_id)
    evil.searchParams.set("redirect_uri", "https://evil.example/cb")
    // Nothing has to be logged in at any more, and still the person is asked.
    const page = await client.browser.open(evil.href, "https://evil.example")
    expect(page.status).toBe(200)
    expect(page.text).toContain("Evil")
    expect(page.text).toContain('name="decision"')
    expect(page.text).toContain("evil.example")
  })

  it("cannot be made by a forged consent: of another site, or of another browser", async () => {
    const { client } = await two()
    const consent = await client.browser.submit(await toHub(client), { person: "ada" }, REDIRECT)
    const action = new URL(/action="([^"]*)"/.exec(consent.text)?.[1] ?? "", consent.url).href
    const send = (browser: Browser, origin: string) =>
      browser.open(action, REDIRECT, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin },
        body: "decision=allow",
      })
    const foreign = await send(client.browser, "https://evil.example")
    expect([foreign.status, foreign.url.startsWith(REDIRECT)]).toEqual([400, false])
    const other = await send(new Browser(), new URL(action).origin)
    expect([other.status, other.url.startsWith(REDIRECT)]).toEqual([400, false])
  })
})

describe("an open redirect", () => {
  it.each([
    "?state=unknown&redirect_uri=https://evil.example",
    "?state=unknown&code=x&returnTo=//evil.example",
    "?error=access_denied&error_uri=https://evil.example&state=x",
    "//evil.example/%2f..",
  ])("is not at the callback: %s", async (query) => {
    const { rig, client } = await two()
    for (const path of ["/oauth/callback", "/oauth/callback/hub"]) {
      const page = await client.browser.once(rig.issuer + path + query)
      expect(page.status).toBeGreaterThanOrEqual(400)
      expect(page.headers.get("location")).toBeNull()
      expect(page.text).not.toContain("evil.example")
    }
  })
})

describe("a second login", () => {
  it("goes to the person of the interaction, not to whom the provider names", async () => {
    const { client } = await two()
    const consent = await client.browser.submit(await toHub(client, "bob"), { person: "ada" }, REDIRECT)
    const back = await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    const code = new URL(back.url).searchParams.get("code") ?? ""
    const { access_token } = await json<Tokens>(await client.redeem(code, { resource: RESOURCE }))
    expect(decodeJwt(access_token)["email"]).toBe("bob@example.com")
  })

  it("is none by itself: without the first one there is nobody to give it to", async () => {
    const { rig, hub, client } = await two()
    const atHub = await toHub(client)
    const answer = await answerOf(rig, client.browser, atHub, "ada")
    // Signed out meanwhile: the interaction's session is gone.
    for (const { name } of [...client.browser.cookies])
      if (name.endsWith("_session") || name.endsWith("_session.sig")) forget(client, name)
    const page = await client.browser.open(answer, REDIRECT)
    expect(page.text).not.toContain('name="decision"')
    expect(redeemed(hub)).toBeLessThanOrEqual(1)
  })
})

const forget = (client: Client, name: string) => {
  const kept = client.browser.cookies.filter((cookie) => cookie.name !== name)
  ;(client.browser.cookies as unknown[]).splice(0, client.browser.cookies.length, ...kept)
}
