/** Logins at two providers: who is asked for which, and what comes of one that has ended. */
import { Redacted } from "effect"
import { decodeJwt } from "jose"
import { afterEach, describe, expect, it } from "vitest"
import type { ProtectedResource } from "../../runtime/auth-server/index.ts"
import type { CarriedClaim } from "../../runtime/plan.ts"
import { Client, json, outcome, REDIRECT, type Rig, start, type Tokens } from "./authorization.ts"
import type { Page } from "./browser.ts"
import { type Hub, SECRETS, startHub } from "./oauth2-provider.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const CORP = "https://mcp.example.com/corp"
const HUB = "https://mcp.example.com/hub"
const FLOWS: readonly ProtectedResource[] = [
  { name: "corp_tools", resource: CORP, scopes: ["corp:use"], logins: ["corp"] },
  { name: "hub_tools", resource: HUB, scopes: ["hub:use"], logins: ["hub"] },
]

const two = async (options: { readonly claims?: readonly CarriedClaim[]; readonly lifetime?: number } = {}) => {
  let hub: Hub | undefined
  const rig = await start({
    config: { claims: options.claims ?? [] },
    flows: FLOWS,
    further: async (redirectUriOf) => {
      hub = await startHub(redirectUriOf("hub"), () => ({}), { lifetime: options.lifetime ?? 3600 })
      return [hub.provider]
    },
    secrets: SECRETS,
  })
  stops.push(rig.stop)
  if (hub === undefined) throw new Error("there is no hub")
  stops.push(hub.stop)
  return { rig, hub, client: await Client.register(rig) }
}

const at = (page: Page) => new URL(page.url).origin
const forHub = { resource: HUB, scope: "openid hub:use" }
const forCorp = { resource: CORP, scope: "openid corp:use" }

/** From the page of the first provider to the tokens; `asked` collects where the person logs in. */
const through = async (client: Client, page: Page, asked: string[], resource: string): Promise<Tokens> => {
  let next = page
  for (let step = 0; step < 4 && !next.url.startsWith(REDIRECT); step++) {
    const consent = next.text.includes('name="decision"')
    if (!consent) asked.push(at(next))
    next = await client.browser.submit(next, consent ? { decision: "allow" } : { person: "ada" }, REDIRECT)
  }
  return json<Tokens>(await client.redeem(new URL(next.url).searchParams.get("code") ?? "", { resource }))
}

const login = async (client: Client, wanted: typeof forHub, extra: Record<string, string> = {}) => {
  const asked: string[] = []
  const tokens = await through(client, await client.authorize({ ...wanted, ...extra }), asked, wanted.resource)
  return { tokens, asked, subject: String(decodeJwt(tokens.access_token).sub) }
}

const token = (rig: Rig, subject: string, issuer: "corp" | "hub") =>
  outcome(rig.server.token(subject, { issuer, kind: "access_token" }))

describe("two logins", () => {
  it("are asked for, one after the other, of who wants the flow that needs the second; the first says who it is", async () => {
    const { rig, hub, client } = await two()
    const { asked, tokens, subject } = await login(client, forHub)
    expect(asked).toEqual([rig.idp.issuer, new URL(hub.provider.authorizationEndpoint).origin])
    expect(decodeJwt(tokens.access_token)).toMatchObject({ email: "ada@example.com", aud: HUB })
    const [corp, other] = [await token(rig, subject, "corp"), await token(rig, subject, "hub")]
    expect(other._tag === "Success" && Redacted.value(other.success.value)).toMatch(/^gho_/)
    expect(corp._tag === "Success" && Redacted.value(corp.success.value)).not.toMatch(/^gho_/)
  })

  it("are not asked for where one does", async () => {
    const { rig, client } = await two()
    const { asked, subject } = await login(client, forCorp)
    expect(asked).toEqual([rig.idp.issuer])
    expect(await token(rig, subject, "hub")).toMatchObject({ failure: { _tag: "LoginExpired" } })
  })

  it("are asked for once: what is still good is not asked for again, and a missing one alone", async () => {
    const { hub, client } = await two()
    await login(client, forCorp)
    const second = await login(client, forHub)
    expect(second.asked).toEqual([new URL(hub.provider.authorizationEndpoint).origin])
    expect((await login(client, forHub)).asked).toEqual([])
    expect((await login(client, forCorp)).asked).toEqual([])
  })

  it("are the first one again when the client asks for a new login", async () => {
    const { rig, client } = await two()
    await login(client, forHub)
    expect((await login(client, forHub, { prompt: "login" })).asked).toEqual([rig.idp.issuer])
  })

  it("are named on the consent page", async () => {
    const { client } = await two()
    const first = await client.browser.submit(await client.authorize(forHub), { person: "ada" }, REDIRECT)
    const consent = await client.browser.submit(first, { person: "ada" }, REDIRECT)
    expect(consent.text).toContain("It acts with your sign-in at</dt><dd>hub</dd>")
    const corp = await client.authorize(forCorp)
    expect(corp.text).toContain("It acts with your sign-in at</dt><dd>corp</dd>")
  })

  it("bring claims of both into our tokens, where the plan carries them", async () => {
    const { client } = await two({ claims: [{ claim: "handle", provider: "hub", from: "userinfo", source: "login" }] })
    const { asked, tokens } = await login(client, forCorp)
    // Our tokens say it for every flow.
    expect(asked).toHaveLength(2)
    expect(decodeJwt(tokens.access_token)).toMatchObject({ email: "ada@example.com", handle: "ada" })
  })

  it("may be of different people's names at each: the second belongs to who the first one says", async () => {
    const { rig, client } = await two()
    const first = await client.browser.submit(await client.authorize(forHub), { person: "bob" }, REDIRECT)
    const consent = await client.browser.submit(first, { person: "eve" }, REDIRECT)
    expect(consent.text).toContain("bob@example.com")
    const back = await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    const code = new URL(back.url).searchParams.get("code") ?? ""
    const { access_token } = await json<Tokens>(await client.redeem(code, { resource: HUB }))
    expect(decodeJwt(access_token)["email"]).toBe("bob@example.com")
    expect((await token(rig, String(decodeJwt(access_token).sub), "hub"))._tag).toBe("Success")
  })
})

describe("a second login that has ended", () => {
  const ended = async () => {
    const all = await two({ lifetime: 1 })
    const hub = await login(all.client, forHub)
    const corp = await login(all.client, forCorp)
    await new Promise((done) => setTimeout(done, 1100))
    return { ...all, hubTokens: hub.tokens, corpTokens: corp.tokens, subject: hub.subject }
  }
  const refuse = (hub: Hub) => {
    hub.switches.token = (response) =>
      response.writeHead(400, { "content-type": "application/json" }).end('{"error":"invalid_grant"}')
  }

  it("ends only what needs it: the other flow goes on, and its refresh grant", async () => {
    const { rig, hub, client, hubTokens, corpTokens, subject } = await ended()
    refuse(hub)
    expect(await token(rig, subject, "hub")).toMatchObject({ failure: { _tag: "LoginExpired" } })
    expect((await token(rig, subject, "corp"))._tag).toBe("Success")
    expect((await client.refresh(corpTokens.refresh_token, { resource: CORP })).status).toBe(200)
    const gone = await client.refresh(hubTokens.refresh_token, { resource: HUB })
    expect(gone.status).toBe(400)
    expect(await json(gone)).toMatchObject({ error: "invalid_grant" })
    // And is brought back by a login there, and there alone.
    hub.switches.token = undefined
    const again = await login(client, forHub)
    expect(again.asked).toEqual([new URL(hub.provider.authorizationEndpoint).origin])
    expect((await token(rig, subject, "hub"))._tag).toBe("Success")
  })

  it("is not ended by an outage, which is told as one", async () => {
    const { rig, hub, client, hubTokens, subject } = await ended()
    hub.switches.down = 503
    expect(await token(rig, subject, "hub")).toMatchObject({ failure: { _tag: "IssuerUnavailable", retryAfter: 5 } })
    expect((await client.refresh(hubTokens.refresh_token, { resource: HUB })).status).toBe(200)
    hub.switches.down = undefined
    expect((await token(rig, subject, "hub"))._tag).toBe("Success")
  })

  it("is not asked at when somebody refreshes for another flow", async () => {
    const { hub, client, corpTokens } = await ended()
    const before = hub.seen.length
    expect((await client.refresh(corpTokens.refresh_token, { resource: CORP })).status).toBe(200)
    expect(hub.seen.length).toBe(before)
  })
})
