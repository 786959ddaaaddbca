/** The login at the upstream provider: which browser it belongs to, and what happens when the provider does not play along. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { Client, REDIRECT, type Rig, start } from "./authorization.ts"
import { Browser } from "./browser.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterEach(() => {
  rig.idp.switches.down = undefined
  rig.idp.switches.tokenError = undefined
  rig.idp.switches.authorizeError = undefined
  rig.idp.switches.omit = undefined
})
afterAll(() => rig.stop())

/** Goes as far as the provider's redirect back to us, which is returned and not followed. */
const toCallback = async (client: Client, person: string) => {
  const login = await client.authorize()
  return client.browser.submit(login, { person }, `${rig.issuer}/oauth/callback`)
}

describe("the login belongs to the browser that began it", () => {
  it("asks the provider with PKCE S256, state and nonce", async () => {
    const client = await Client.register(rig)
    const start = await client.browser.once(client.authorizationUrl())
    const interaction = await client.browser.once(new URL(start.headers.get("location") ?? "", rig.issuer).href)
    const asked = new URL(interaction.headers.get("location") ?? "")
    expect(asked.origin).toBe(rig.idp.issuer)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: `${rig.issuer}/oauth/callback`,
      scope: "openid email profile groups",
    })
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.searchParams.get(name)?.length).toBe(43)
  })

  it("refuses an answer that an attacker had prepared (login CSRF)", async () => {
    const attacker = await Client.register(rig)
    const prepared = await toCallback(attacker, "eve")
    const victim = new Browser()
    const refused = await victim.open(prepared.url)
    expect(refused.status).toBe(400)
    expect(victim.cookies).toEqual([])
    // It was not used up either: the browser it belongs to goes on.
    const consent = await attacker.browser.open(prepared.url)
    expect(consent.text).toContain("Allow")
  })

  it("does not hand a victim's login to the browser of who began it", async () => {
    // The attacker begins, and keeps the interaction's address and cookies.
    const attacker = await Client.register(rig)
    const first = await attacker.browser.once(attacker.authorizationUrl())
    const interaction = new URL(first.headers.get("location") ?? "", rig.issuer).href
    const toProvider = (await attacker.browser.once(interaction)).headers.get("location") ?? ""
    // The victim follows the attacker's link to the provider, and logs in there.
    const victim = new Browser()
    const login = await victim.open(toProvider)
    const back = await victim.submit(login, { person: "ada" })
    expect(back.status).toBe(400)
    expect(rig.journal.at(-1)).toMatchObject({ stage: "login corp", outcome: "refused" })
    expect(rig.journal.at(-1)?.summary).toContain("another browser")
    // The attacker's browser is still asked to log in.
    const again = await attacker.browser.once(interaction)
    expect(again.headers.get("location")?.startsWith(rig.idp.issuer)).toBe(true)
  })

  it("shows another browser neither the interaction nor the consent page", async () => {
    const client = await Client.register(rig)
    const first = await client.browser.once(client.authorizationUrl())
    const interaction = new URL(first.headers.get("location") ?? "", rig.issuer).href
    expect((await new Browser().once(interaction)).status).toBe(400)

    const consent = await client.toConsent("ada")
    const stranger = new Browser()
    expect((await stranger.once(consent.url)).status).toBe(400)
    const forced = await stranger.submit(consent, { decision: "allow" })
    expect(forced.status).toBe(400)
    expect(forced.text).toContain("not going on here")
  })

  it("takes each answer once", async () => {
    const client = await Client.register(rig)
    const answer = await toCallback(client, "ada")
    expect((await client.browser.open(answer.url)).text).toContain("Allow")
    const replayed = await client.browser.open(answer.url)
    expect(replayed.status).toBe(400)
    expect(replayed.text).toContain("was used already")
  })

  it("refuses an answer with no state, an unknown one, and one of another issuer (RFC 9207)", async () => {
    const browser = new Browser()
    for (const query of ["", "?code=x", "?code=x&state=unknown"]) {
      expect((await browser.open(`${rig.issuer}/oauth/callback${query}`)).status).toBe(400)
    }
    const client = await Client.register(rig)
    const answer = new URL((await toCallback(client, "ada")).url)
    answer.searchParams.set("iss", "https://evil.example")
    const redeemed = rig.idp.redeemed.length
    const refused = await client.browser.open(answer.href)
    expect(refused.status).toBe(502)
    expect(refused.text).toContain("Sign-in did not work")
    expect(rig.idp.redeemed.length).toBe(redeemed)
  })

  it("keeps its cookies to itself: own names, own paths, HttpOnly, SameSite", async () => {
    const client = await Client.register(rig)
    const lines: string[] = []
    let page = await client.browser.once(client.authorizationUrl())
    for (let hop = 0; hop < 2; hop++) {
      lines.push(...page.headers.getSetCookie())
      page = await client.browser.once(new URL(page.headers.get("location") ?? "", page.url).href)
    }
    expect(lines.length).toBeGreaterThanOrEqual(3)
    for (const line of lines) {
      expect(line).toMatch(/^authflow_gate_/)
      expect(line).toMatch(/path=\/oauth\/\w+/i)
      expect(line).toMatch(/httponly/i)
      expect(line).toMatch(/samesite=lax/i)
    }
  })

  it("lets two logins go on in one browser", async () => {
    const browser = new Browser()
    const one = await Client.register(rig, REDIRECT, browser)
    const two = await Client.register(rig, "http://127.0.0.1:8/callback", browser)
    const first = await one.authorize()
    const second = await two.authorize()
    const answerTwo = await browser.submit(second, { person: "ada" })
    expect(answerTwo.text).toContain("127.0.0.1:8")
    const answerOne = await browser.submit(first, { person: "ada" })
    expect(answerOne.text).toContain("127.0.0.1:9")
  })

  it("lets another person log in where somebody is signed in", async () => {
    const client = await Client.register(rig)
    await client.code("ada")
    const asked = await client.authorize({ prompt: "login" })
    expect(new URL(asked.url).pathname).toMatch(/^\/login\//)
    const consent = await client.browser.submit(asked, { person: "bob" }, REDIRECT)
    expect(consent.text).toContain("bob@example.com")
    const back = await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    expect(new URL(back.url).searchParams.get("code")).toBeTruthy()
  })
})

describe("the provider does not play along", () => {
  it("sends a person's refusal to the client as access_denied", async () => {
    const client = await Client.register(rig)
    rig.idp.switches.authorizeError = "access_denied"
    const answer = new URL((await client.authorize()).url).searchParams
    expect(answer.get("error")).toBe("access_denied")
    expect(answer.get("state")).toBe("client-state")
  })

  it("shows a page for another error, and lets the person try again", async () => {
    const client = await Client.register(rig)
    rig.idp.switches.authorizeError = "server_error"
    const page = await client.authorize()
    expect(page.status).toBe(502)
    expect(page.text).toContain("server_error")
    rig.idp.switches.authorizeError = undefined
    const retry = new URL(/<a [^>]*href="([^"]*)"/.exec(page.text)?.[1] ?? "", page.url).href
    const login = await client.browser.open(retry, REDIRECT)
    const consent = await client.browser.submit(login, { person: "ada" }, REDIRECT)
    expect(consent.text).toContain("Allow")
  })

  it("is a 503 with Retry-After when it is out at the beginning, and works when it is back", async () => {
    const fresh = await start()
    try {
      const client = await Client.register(fresh)
      fresh.idp.switches.down = 503
      const page = await client.authorize()
      expect(page.status).toBe(503)
      expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(page.text).toContain("Sign-in is not available")
      fresh.idp.switches.down = undefined
      expect((await client.login("ada")).access_token).toBeTruthy()
      // Discovered once: later logins use what is known.
      await client.login("ada", { prompt: "login" })
      expect(fresh.idp.count("/.well-known/openid-configuration")).toBe(2)
    } finally {
      await fresh.stop()
    }
  })

  it("is a 503 when nothing listens there", async () => {
    const lonely = await start({ provider: { issuer: "http://127.0.0.1:1" } })
    try {
      const client = await Client.register(lonely)
      expect((await client.authorize()).status).toBe(503)
    } finally {
      await lonely.stop()
    }
  })

  it("is a 503 when it goes out before the code is redeemed", async () => {
    const client = await Client.register(rig)
    const answer = await toCallback(client, "ada")
    rig.idp.switches.down = 502
    const page = await client.browser.open(answer.url)
    expect(page.status).toBe(503)
  })

  it("is believed in nothing when it gives no ID token, refuses the code, or names another issuer", async () => {
    const client = await Client.register(rig)
    rig.idp.switches.omit = "id_token"
    expect((await client.toConsent("ada")).status).toBe(502)
    rig.idp.switches.omit = undefined
    rig.idp.switches.tokenError = "invalid_client"
    const refused = await client.toConsent("ada")
    expect(refused.status).toBe(502)
    expect(refused.text).toContain("invalid_client")
    rig.idp.switches.tokenError = undefined

    const wrong = await start({ provider: { issuer: `${rig.idp.issuer}/` } })
    try {
      const page = await (await Client.register(wrong)).authorize()
      expect(page.status).toBe(502)
      expect(wrong.journal.at(-1)?.summary).toContain("its metadata says it is")
    } finally {
      await wrong.stop()
    }
  })

  it("is not believed when its ID token is signed with an algorithm the plan does not pin", async () => {
    const strict = await start({ provider: { algorithms: ["ES256"] } })
    try {
      const page = await (await Client.register(strict)).toConsent("ada")
      expect(page.status).toBe(502)
      expect(strict.journal.at(-1)?.summary).toContain("not signed with ES256")
    } finally {
      await strict.stop()
    }
  })
})
