import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, REDIRECT, RESOURCE, type Rig, register, start } from "./authorization.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

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
    expect(policy).toMatch(/form-action 'self' https: http:\/\/127\.0\.0\.1:9 http:\/\/127\.0\.0\.1:\d+(;|$)/)
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
