/** Logging in at a provider that is no OpenID provider: the codes, the tokens, and who the person is. */
import { Redacted } from "effect"
import { decodeJwt } from "jose"
import { afterEach, describe, expect, it } from "vitest"
import { subjectOf } from "../../runtime/auth-server/claims.ts"
import type { OAuth2Provider } from "../../runtime/plan.ts"
import { Client, outcome, REDIRECT, type Rig, type Setup, start } from "./authorization.ts"
import { type Hub, SECRETS, startHub } from "./oauth2-provider.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A server whose people log in at the hub. */
const atHub = async (
  change: (origin: string) => Partial<OAuth2Provider> = () => ({}),
  options: Parameters<typeof startHub>[2] = {},
  setup: Setup = {},
): Promise<{ rig: Rig; hub: Hub; client: Client }> => {
  let hub: Hub | undefined
  const rig = await start({
    ...setup,
    config: {
      login: ["hub"],
      claims: [{ claim: "handle", provider: "hub", from: "userinfo", source: "login" }],
      ...setup.config,
    },
    further: async (redirectUriOf) => {
      hub = await startHub(redirectUriOf("hub").replace(/\/hub$/, ""), change, options)
      return [hub.provider]
    },
    secrets: SECRETS,
  })
  stops.push(rig.stop)
  if (hub === undefined) throw new Error("there is no hub")
  stops.push(hub.stop)
  return { rig, hub, client: await Client.register(rig) }
}

const subjectIn = (token: string) => String(decodeJwt(token).sub)
const hubToken = async ({ rig }: { rig: Rig }, subject: string) =>
  outcome(rig.server.token(subject, { issuer: "hub", kind: "access_token" }))

describe("a person who logs in at an OAuth 2.0 provider", () => {
  it("is asked for with PKCE and state, and is who its userinfo says, by the plan's fields", async () => {
    const { rig, hub, client } = await atHub(() => ({ client: { ...CLIENT, params: { allow_signup: "false" } } }))
    const login = await client.authorize()
    const asked = new URL(login.url)
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      client_id: "gateway-at-hub",
      response_type: "code",
      redirect_uri: `${rig.issuer}/oauth/callback`,
      scope: "read:user",
      allow_signup: "false",
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    })
    const consent = await client.browser.submit(login, { person: "ada" }, REDIRECT)
    expect(consent.text).toContain("You are signed in as <strong>ada@hub.example</strong>")
    const back = await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    const redeemed = await client.redeem(new URL(back.url).searchParams.get("code") ?? "")
    const { access_token } = (await redeemed.json()) as { access_token: string }
    expect(decodeJwt(access_token)).toMatchObject({
      sub: subjectOf(hub.provider.authorizationEndpoint, "hub-ada"),
      name: "ADA",
      email: "ada@hub.example",
      handle: "ada",
    })
  })

  it("is the same person at each login, and nobody else", async () => {
    const { rig, client } = await atHub()
    const [one, again] = [await client.login("ada"), await client.elsewhere().login("ada")]
    const other = await (await Client.register(rig)).login("bob")
    expect(subjectIn(again.access_token)).toBe(subjectIn(one.access_token))
    expect(subjectIn(other.access_token)).not.toBe(subjectIn(one.access_token))
  })

  it("has a token there that is handed out, and refreshed once when many ask", async () => {
    const { rig, hub, client } = await atHub(undefined, { lifetime: 1 })
    const subject = subjectIn((await client.login("ada")).access_token)
    const first = await hubToken({ rig }, subject)
    await new Promise((done) => setTimeout(done, 1100))
    const answers = await Promise.all(Array.from({ length: 20 }, () => hubToken({ rig }, subject)))
    const values = answers.map((each) =>
      each._tag === "Success" ? Redacted.value(each.success.value) : each.failure._tag,
    )
    expect(new Set(values).size).toBe(1)
    expect(values[0]).toMatch(/^gho_/)
    expect(first._tag === "Success" && Redacted.value(first.success.value)).not.toBe(values[0])
    expect(hub.refreshes()).toBe(1)
  })

  it("has no ID token there", async () => {
    const { rig, client } = await atHub()
    const subject = subjectIn((await client.login("ada")).access_token)
    const asked = await outcome(rig.server.token(subject, { issuer: "hub", kind: "id_token" }))
    expect(asked._tag).toBe("Failure")
  })

  it("may be told about beside the token, inside of it, and with everything at another place", async () => {
    const nested = await atHub(() => ({
      identity: { from: "token_response", subject: "authed_user.id", name: "authed_user.name" },
      tokenResponse: {
        accessToken: "authed_user.access_token",
        refreshToken: "authed_user.refresh_token",
        expiresIn: "authed_user.expires_in",
        scope: "authed_user.scope",
      },
    }))
    const one = decodeJwt((await nested.client.login("ada")).access_token)
    expect(one).toMatchObject({ name: "ADA" })
    expect(one["email"]).toBeUndefined()
    const inside = await atHub(() => ({
      identity: {
        from: "token_response",
        subject: "access_token|@upstreamjwt|sub",
        email: "access_token|@upstreamjwt|mail",
      },
    }))
    expect(decodeJwt((await inside.client.login("ada")).access_token)).toMatchObject({ email: "ada@hub.example" })
  })

  it.each([
    ["nothing of who it is", {}],
    ["an object for it", { user: { id: { number: 1 } } }],
    ["an empty text for it", { user: { id: "" } }],
  ])("is nobody where the answer says %s", async (_what, said) => {
    const { rig, hub, client } = await atHub(() => ({ identity: { from: "token_response", subject: "user.id" } }))
    const login = await client.authorize()
    hub.switches.token = (response) => {
      const answer = { access_token: "gho_unknown", token_type: "bearer", ...said }
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer))
    }
    const page = await client.browser.submit(login, { person: "ada" }, REDIRECT)
    expect(page.status).toBe(502)
    expect(JSON.stringify(rig.journal)).not.toContain("gho_unknown")
    expect(rig.journal.at(-1)?.summary).toContain("its token endpoint says nothing at user.id")
  })

  it("is told apart by numbers that JavaScript cannot count to", async () => {
    const { hub, client } = await atHub(() => ({ identity: { from: "token_response", subject: "id" } }))
    const subjectOfId = async (id: string) => {
      hub.switches.token = (response) => {
        const answer = `{"access_token":"gho_x","token_type":"bearer","id":${id}}`
        response.writeHead(200, { "content-type": "application/json" }).end(answer)
      }
      return subjectIn((await client.elsewhere().login("ada")).access_token)
    }
    const realm = hub.provider.authorizationEndpoint
    expect(await subjectOfId("9007199254740993")).toBe(subjectOf(realm, "9007199254740993"))
    expect(await subjectOfId("9007199254740992")).toBe(subjectOf(realm, "9007199254740992"))
    expect(await subjectOfId("42")).toBe(subjectOf(realm, "42"))
  })
})

const CLIENT = { id: "gateway-at-hub", secret: { name: "hub", key: "client-secret" }, scopes: ["read:user"] } as const

describe("a provider that does not play along", () => {
  const finished = async (break_: (hub: Hub) => void, options: Parameters<typeof startHub>[2] = {}) => {
    const all = await atHub(undefined, options)
    const login = await all.client.authorize()
    break_(all.hub)
    const page = await all.client.browser.submit(login, { person: "ada" }, REDIRECT)
    return { ...all, page }
  }
  const json =
    (body: unknown, status = 200) =>
    (hub: Hub) => {
      hub.switches.token = (response) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    }

  it("is believed when it says no with the status of a yes, as GitHub does", async () => {
    const { page, rig } = await finished(json({ error: "bad_verification_code", error_description: "expired" }))
    expect(page.status).toBe(502)
    expect(page.text).toContain("bad_verification_code")
    expect(rig.journal.map(({ summary }) => summary).join("\n")).toContain("it answered 400 bad_verification_code")
  })

  it.each([
    ["no token", { token_type: "bearer" }],
    ["a token of another type", { access_token: "x", token_type: "mac" }],
    ["a list", []],
  ])("brings nobody in with %s", async (_what, body) => {
    const { page } = await finished(json(body))
    expect(page.status).toBe(502)
    expect(page.text).toContain("Sign-in did not work")
  })

  it("is out when its token endpoint is, and its userinfo, and the login can go on after", async () => {
    const { page, hub, client } = await finished((hub) => {
      hub.switches.token = (response) => response.writeHead(503).end()
    })
    expect(page.status).toBe(503)
    expect(page.headers.get("retry-after")).toBe("5")
    hub.switches.token = undefined
    const retry = /href="([^"]+)"/.exec(page.text)?.[1] ?? ""
    const login = await client.browser.open(new URL(retry, page.url).href, REDIRECT)
    const consent = await client.browser.submit(login, { person: "ada" }, REDIRECT)
    expect(consent.text).toContain("ada@hub.example")
  })

  it("sends the person's no to the client", async () => {
    const { client } = await atHub()
    const login = await client.authorize()
    const back = await client.browser.submit(login, { person: "nobody" }, REDIRECT)
    expect(new URL(back.url).searchParams.get("error")).toBe("access_denied")
  })
})

describe("where nobody has registered us", () => {
  const registering = (origin: string): Partial<OAuth2Provider> => ({
    client: {
      scopes: ["read:user"],
      registration: { discovery: `${origin}/metadata`, initialAccessToken: { name: "hub", key: "registration" } },
    },
  })

  it("we register once, log people in, and refresh with that registration", async () => {
    const { rig, hub, client } = await atHub(registering, { lifetime: 1 })
    const subject = subjectIn((await client.login("ada")).access_token)
    await (await Client.register(rig)).login("bob")
    await new Promise((done) => setTimeout(done, 1100))
    expect((await hubToken({ rig }, subject))._tag).toBe("Success")
    expect(hub.seen.filter(({ path }) => path === "/sandbox/register")).toHaveLength(1)
    expect(hub.refreshes()).toBe(1)
  })
})

describe("an answer with the issuer in it (RFC 9207)", () => {
  it.each([
    ["its own", undefined, true],
    ["another's", (to: URL) => to.searchParams.set("iss", "https://elsewhere.example"), false],
    ["none", (to: URL) => to.searchParams.delete("iss"), false],
  ])("is taken with %s: %s", async (_what, location, taken) => {
    const { client, hub } = await atHub((origin) => ({ issuer: `${origin}/login/oauth` }))
    hub.switches.location = location
    const login = await client.authorize()
    const page = await client.browser.submit(login, { person: "ada" }, REDIRECT)
    expect(page.status).toBe(taken ? 200 : 502)
    // The code of a login that is not taken is shown to nobody.
    expect(hub.seen.some(({ path }) => path === "/login/oauth/access_token")).toBe(taken)
  })

  it("is no matter where the plan knows of no issuer", async () => {
    const { client, hub } = await atHub()
    hub.switches.location = (to) => to.searchParams.set("iss", "https://hub.example")
    expect((await client.login("ada")).access_token).toBeDefined()
  })
})
