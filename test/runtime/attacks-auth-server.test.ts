/** What is tried on the authorization server's own endpoints: each attempt is made as an attacker would, and comes to nothing. */
import { Effect } from "effect"
import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, post, REDIRECT, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser } from "./browser.ts"

const WEB = "https://client.example/callback"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

describe("PKCE", () => {
  it("cannot be talked out of PKCE", async () => {
    const client = await Client.register(rig)
    for (const downgrade of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: "plain" },
      { code_challenge_method: "none" },
      { code_challenge: "" },
      { code_challenge: "x".repeat(42) },
      { code_challenge: "x".repeat(129) },
    ]) {
      const { url } = await client.authorize(downgrade)
      expect(new URL(url).searchParams.get("error")).toBe("invalid_request")
    }
    const { client_id } = await json<{ client_id: string }>(
      await register(rig, {
        require_pkce: false,
        pkce_required: false,
        token_endpoint_auth_method: "client_secret_basic",
      }),
    )
    const other = new Client(rig, client_id, REDIRECT, new Browser())
    const { url } = await other.authorize({ code_challenge: undefined, code_challenge_method: undefined })
    expect(new URL(url).searchParams.get("error")).toBe("invalid_request")
  })

  it("a code that was stolen is of no use to who did not begin", async () => {
    const victim = await Client.register(rig, WEB)
    const code = (await victim.code("ada")).get("code") ?? ""
    const thief = victim.elsewhere()
    thief.authorizationUrl()
    expect((await thief.redeem(code)).status).toBe(400)
    // And is not used up by the attempt.
    expect((await victim.redeem(code)).status).toBe(200)
  })

  it("a code that is put into another's answer is refused (code injection)", async () => {
    const [attacker, victim] = [await Client.register(rig, WEB), await Client.register(rig, WEB)]
    const injected = (await attacker.code("eve")).get("code") ?? ""
    await victim.code("ada")
    expect(await json(await victim.redeem(injected))).toMatchObject({ error: "invalid_grant" })
  })
})

describe("a person", () => {
  it.each([
    ["a user name in front of the host", "https://client.example@evil.example/callback"],
    ["the host as a user name", "https://evil.example@client.example/callback"],
    ["a longer host", "https://client.example.evil.example/callback"],
    ["a host that looks the same (Cyrillic)", "https://cli\u0435nt.example/callback"],
    ["the same host in another case of its path", "https://client.example/CALLBACK"],
    ["a path that comes to the same", "https://client.example/x/../callback"],
    ["an encoded path that comes to the same", "https://client.example/%63allback"],
    ["a slash more", "https://client.example/callback/"],
    ["a query", "https://client.example/callback?next=https://evil.example"],
    ["a fragment", "https://client.example/callback#x"],
    ["another port", "https://client.example:8443/callback"],
    ["http", "http://client.example/callback"],
    ["another scheme", "javascript:alert(1)//client.example/callback"],
    ["a backslash", "https://client.example\\@evil.example/callback"],
    ["a line break", "https://client.example/callback\r\nlocation: https://evil.example"],
    ["a loopback address that was not registered", "http://127.0.0.1:1/callback"],
  ])("is not sent to %s", async (_what, redirect_uri) => {
    const client = await Client.register(rig, WEB)
    const page = await client.browser.once(client.authorizationUrl({ redirect_uri }))
    expect(page.status).toBe(400)
    expect(page.headers.get("location")).toBe(null)
    expect(page.text).not.toContain("evil.example/")
  })

  it("sends nobody anywhere when the client or its redirect URI is not known", async () => {
    const client = await Client.register(rig, WEB)
    for (const parameters of [
      { client_id: "unknown", redirect_uri: "https://evil.example/" },
      { redirect_uri: "https://evil.example/", response_type: "token" },
      { redirect_uri: "https://evil.example/", prompt: "none" },
      { redirect_uri: undefined, client_id: undefined },
    ]) {
      const page = await client.browser.once(client.authorizationUrl(parameters))
      expect(page.status).toBe(400)
      expect(page.headers.get("location")).toBe(null)
    }
  })

  it("sees a host as what it is, and not as what it looks like (IDN)", async () => {
    const lookalike = "https://\u0430pple.example/callback"
    const { client_id } = await json<{ client_id: string }>(await register(rig, { redirect_uris: [lookalike] }))
    const page = await new Client(rig, client_id, lookalike, new Browser()).toConsent("ada")
    expect(page.text).toContain("xn--pple-43d.example")
    expect(page.text).not.toContain("\u0430pple.example")
  })

  it("sees that nobody vouches for a client that calls itself like another", async () => {
    const { client_id } = await json<{ client_id: string }>(
      await register(rig, { client_name: "Claude (verified) \u202e\u2066 official", redirect_uris: [WEB] }),
    )
    const page = await new Client(rig, client_id, WEB, new Browser()).toConsent("ada")
    expect(page.text).toContain("it is not verified")
    expect(page.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  })
})

describe("tokens", () => {
  it("of a refresh token that two have end for both, and the person's other clients go on", async () => {
    const [client, other] = [await Client.register(rig), await Client.register(rig)]
    const [stolen, standing] = [await client.login("ada"), await other.login("ada")]
    const thiefs = await json<Tokens>(await client.refresh(stolen.refresh_token))
    const next = await json<Tokens>(await client.refresh(thiefs.refresh_token))
    expect((await client.refresh(stolen.refresh_token)).status).toBe(400)
    expect((await client.refresh(next.refresh_token)).status).toBe(400)
    const grant = String(decodeJwt(next.access_token)["grant_id"])
    expect(await Effect.runPromise(rig.server.tokens.revoked(grant))).toBe(true)
    expect((await other.refresh(standing.refresh_token)).status).toBe(200)
  })

  it("are not given to a client for another's refresh token or code", async () => {
    const [client, stranger] = [await Client.register(rig), await Client.register(rig)]
    const tokens = await client.login("ada")
    expect((await stranger.refresh(tokens.refresh_token)).status).toBe(400)
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
  })
})

describe("what is too large", () => {
  const long = "x".repeat(200_000)

  it("is refused and takes nothing down: a query, a form, a registration, a cookie", async () => {
    const answers = [
      await fetch(`${rig.issuer}/oauth/authorize?client_id=${"x".repeat(15_000)}`),
      await post(`${rig.issuer}/oauth/token`, { grant_type: "authorization_code", client_id: "x", code: long }),
      await post(`${rig.issuer}/oauth/revoke`, { client_id: "x", token: long }),
      await register(rig, { client_name: long }),
      await register(rig, { redirect_uris: Array.from({ length: 11 }, (_, at) => `${WEB}/${at}`) }),
      await register(rig, { redirect_uris: [`${WEB}?${"x".repeat(2048)}`] }),
      await register(rig, { contacts: Array.from({ length: 11 }, () => "a@example.com") }),
      await fetch(`${rig.issuer}/oauth/authorize`, { headers: { cookie: `a=${"x".repeat(8000)}` } }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
    }
    const client = await Client.register(rig)
    expect((await client.login("ada")).access_token).toBeTruthy()
  })

  it("is refused in depth, too", async () => {
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`
    const answer = await fetch(`${rig.issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"redirect_uris":["${WEB}"],"contacts":${deep}}`,
    })
    expect(answer.status).toBe(400)
  })
})

describe("the journal", () => {
  it("cannot be written into by who registers, asks, or is refused", async () => {
    const evil = "x\r\n2026-11-25 token ok: forged\u001b[2K\u2028\u202e"
    await register(rig, { client_name: evil, redirect_uris: [WEB] })
    await register(rig, { redirect_uris: [`https://a.example/${evil}`] })
    const client = await Client.register(rig)
    await client.browser.once(client.authorizationUrl({ client_id: evil }))
    await post(`${rig.issuer}/oauth/token`, { grant_type: evil, client_id: evil })
    await fetch(`${rig.issuer}/oauth/callback?state=${encodeURIComponent(evil)}&error=${encodeURIComponent(evil)}`)
    for (const { summary, detail } of rig.journal) {
      for (const text of [summary, ...Object.values(detail)]) {
        expect(String(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u)
      }
    }
  })
})
