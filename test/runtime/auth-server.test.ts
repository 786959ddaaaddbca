/** The code flow as an MCP client sees it: codes, tokens, resources and what the journal says of them. */
import { Effect } from "effect"
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, post, REDIRECT, RESOURCE, type Rig, register, start, type Tokens } from "./authorization.ts"

let rig: Rig
beforeAll(async () => {
  rig = await start()
})
afterAll(() => rig.stop())

const revoked = (grant: string) => Effect.runPromise(rig.server.tokens.revoked(grant))

const errorOf = async (response: Response) => ({ status: response.status, ...(await json(response)) })

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
    expect(await revoked(grant)).toBe(false)
    expect(await errorOf(await client.redeem(code))).toMatchObject({ status: 400, error: "invalid_grant" })
    expect(await errorOf(await client.refresh(tokens.refresh_token))).toMatchObject({ error: "invalid_grant" })
    expect(await revoked(grant)).toBe(true)
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
    expect(await revoked(String(decodeJwt(third.access_token)["grant_id"]))).toBe(true)
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
