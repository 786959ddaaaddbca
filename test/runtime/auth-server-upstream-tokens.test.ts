/** The upstream's tokens after the login: handed out fresh, refreshed once, and the way back when the login has ended. */
import { Effect, Redacted } from "effect"
import { decodeJwt } from "jose"
import { afterEach, describe, expect, it } from "vitest"
import type { TokenRef } from "../../runtime/plan.ts"
import { Client, json, outcome, REDIRECT, type Rig, type Setup, start, type Tokens } from "./authorization.ts"

const rigs: Rig[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop()
})

const ID_TOKEN: TokenRef = { issuer: "corp", kind: "id_token" }
const ACCESS_TOKEN: TokenRef = { issuer: "corp", kind: "access_token" }

const loggedIn = async (setup: Setup = {}, person = "ada") => {
  const rig = await start(setup)
  rigs.push(rig)
  const client = await Client.register(rig)
  const tokens = await client.login(person)
  const subject = String(decodeJwt(tokens.access_token).sub)
  const token = (ref: TokenRef) => outcome(rig.server.token(subject, ref))
  return { rig, client, tokens, subject, token }
}

/** Tokens of the first login live this many seconds where a test has them run out; those that come after live an hour. */
const SHORT = 1
const ranOut = async (rig: Rig, next = 3600) => {
  await new Promise((done) => setTimeout(done, (rig.idp.switches.lifetime + 0.2) * 1000))
  rig.idp.switches.lifetime = next
}

const tokenIn = (result: Awaited<ReturnType<Awaited<ReturnType<typeof loggedIn>>["token"]>>) => {
  if (result._tag === "Failure") throw new Error(`${result.failure._tag}: ${result.failure.detail}`)
  return Redacted.value(result.success.value)
}

describe("a person's upstream token", () => {
  it("is handed out as it came while it has life left", async () => {
    const { rig, token } = await loggedIn()
    const idToken = await token(ID_TOKEN)
    expect(decodeJwt(tokenIn(idToken))).toMatchObject({ iss: rig.idp.issuer, sub: "ada", aud: "mcp-gateway" })
    expect(idToken._tag === "Success" && idToken.success.expiresAt).toBe(decodeJwt(tokenIn(idToken)).exp)
    expect(tokenIn(await token(ACCESS_TOKEN))).not.toBe(tokenIn(idToken))
    expect(rig.idp.redeemed).toEqual(["authorization_code"])
  })

  it("does not show in print", async () => {
    const { token } = await loggedIn()
    const result = await token(ID_TOKEN)
    expect(JSON.stringify(result)).not.toContain(tokenIn(result))
  })

  it("is of nobody's for a stranger, and of no other provider", async () => {
    const { rig, subject } = await loggedIn()
    expect(await outcome(rig.server.token("stranger", ID_TOKEN))).toMatchObject({ failure: { _tag: "LoginExpired" } })
    expect(await outcome(rig.server.token(subject, { issuer: "other", kind: "id_token" }))).toMatchObject({
      failure: { _tag: "PipelineBroken" },
    })
  })

  it("is refreshed once however many ask, and the rotated refresh token works the next time", async () => {
    const { rig, token } = await loggedIn({ upstreamLifetime: SHORT })
    await ranOut(rig, 2)
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, n) => token(n % 2 === 0 ? ID_TOKEN : ACCESS_TOKEN)),
    )
    for (const answer of answers) expect(answer._tag).toBe("Success")
    expect(rig.idp.redeemed).toEqual(["authorization_code", "refresh_token"])
    await ranOut(rig)
    expect((await token(ID_TOKEN))._tag).toBe("Success")
    expect(rig.idp.redeemed).toEqual(["authorization_code", "refresh_token", "refresh_token"])
  })

  it("brings changed claims into our tokens when it is refreshed", async () => {
    const { rig, client, tokens, token } = await loggedIn({ upstreamLifetime: SHORT })
    rig.idp.people["ada"] = { ...rig.idp.people["ada"], groups: ["readers"] }
    await ranOut(rig)
    await token(ID_TOKEN)
    const refreshed = await json<Tokens>(await client.refresh(tokens.refresh_token))
    expect(decodeJwt(refreshed.access_token)["groups"]).toEqual(["readers"])
  })

  it("keeps the refresh token of an earlier login when a new one brings none", async () => {
    const { rig, client, token } = await loggedIn({ upstreamLifetime: SHORT })
    rig.idp.switches.omit = "refresh_token"
    await client.login("ada", { prompt: "login" })
    rig.idp.switches.omit = undefined
    await ranOut(rig)
    expect((await token(ID_TOKEN))._tag).toBe("Success")
    expect(rig.idp.redeemed.at(-1)).toBe("refresh_token")
  })

  it("takes claims that the ID token lacks from userinfo", async () => {
    const { rig, tokens } = await loggedIn({
      config: { claims: [{ claim: "team", provider: "corp", from: "userinfo", source: "groups" }] },
    })
    expect(decodeJwt(tokens.access_token)["team"]).toEqual(["admins"])
    expect(rig.idp.count("/me")).toBe(1)
  })
})

describe("an outage of the provider", () => {
  it.each([
    ["answers 503", (rig: Rig) => Object.assign(rig.idp.switches, { down: 503 })],
    ["answers 429", (rig: Rig) => Object.assign(rig.idp.switches, { down: 429 })],
    [
      "refuses our client, which no login cures",
      (rig: Rig) => Object.assign(rig.idp.switches, { tokenError: "invalid_client" }),
    ],
  ])("that %s is IssuerUnavailable, and over when it is over", async (_what, breakIt) => {
    const { rig, client, tokens, token } = await loggedIn({ upstreamLifetime: SHORT })
    await ranOut(rig)
    breakIt(rig)
    const out = await token(ID_TOKEN)
    expect(out).toMatchObject({ failure: { _tag: "IssuerUnavailable" } })
    // Our own refresh grant goes on: it is no reason to send anybody to log in.
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200)
    rig.idp.switches.down = undefined
    rig.idp.switches.tokenError = undefined
    expect((await token(ID_TOKEN))._tag).toBe("Success")
  })
})

describe("a login that has ended", () => {
  const ended = async () => {
    const all = await loggedIn({ upstreamLifetime: SHORT })
    await ranOut(all.rig)
    all.rig.idp.switches.tokenError = "invalid_grant"
    return all
  }

  it("is LoginExpired, and stays so without asking the provider again", async () => {
    const { rig, token } = await ended()
    expect(await token(ID_TOKEN)).toMatchObject({ failure: { _tag: "LoginExpired" } })
    const asked = rig.idp.count("/token")
    expect(await token(ACCESS_TOKEN)).toMatchObject({ failure: { _tag: "LoginExpired" } })
    expect(rig.idp.count("/token")).toBe(asked)
  })

  it("is cured by the client's re-authorization and by nothing less", async () => {
    const { rig, client, tokens, token } = await ended()
    await token(ID_TOKEN)
    rig.idp.switches.tokenError = undefined
    // What a client tries first on a 401.
    const refused = await client.refresh(tokens.refresh_token)
    expect(refused.status).toBe(400)
    expect((await json(refused))["error"]).toBe("invalid_grant")
    // What it does next. The browser is still signed in here, and yet is sent to the provider.
    const page = await client.authorize()
    expect(page.url.startsWith(rig.idp.issuer)).toBe(true)
    const consent = await client.browser.submit(page, { person: "ada" }, REDIRECT)
    const back = await client.browser.submit(consent, { decision: "allow" }, REDIRECT)
    const code = new URL(back.url).searchParams.get("code") ?? ""
    const renewed = await json<Tokens>(await client.redeem(code))
    expect((await token(ID_TOKEN))._tag).toBe("Success")
    expect((await client.refresh(renewed.refresh_token)).status).toBe(200)
  })

  it("is noticed by our own refresh grant when the provider has shut the person out", async () => {
    const { client, tokens } = await ended()
    const refused = await client.refresh(tokens.refresh_token)
    expect((await json(refused))["error"]).toBe("invalid_grant")
  })

  it("is one whose refresh brings no ID token, when an ID token is what is needed", async () => {
    const { rig, token } = await loggedIn({ upstreamLifetime: SHORT })
    await ranOut(rig)
    rig.idp.switches.omit = "id_token"
    expect(await token(ID_TOKEN)).toMatchObject({ failure: { _tag: "LoginExpired" } })
    expect(rig.journal.at(-1)?.summary).toContain("refreshes no id_token")
  })

  it("is one that never had a refresh token, once its tokens run out", async () => {
    const rig = await start({ upstreamLifetime: SHORT })
    rigs.push(rig)
    rig.idp.switches.omit = "refresh_token"
    const client = await Client.register(rig)
    const subject = String(decodeJwt((await client.login("ada")).access_token).sub)
    await ranOut(rig)
    expect(await outcome(rig.server.token(subject, ID_TOKEN))).toMatchObject({ failure: { _tag: "LoginExpired" } })
  })

  it("is one whose token was refused where it was shown, when no refresh brings another", async () => {
    const rig = await start()
    rigs.push(rig)
    rig.idp.switches.omit = "refresh_token"
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const bearer = await outcome(rig.server.token(String(decodeJwt(tokens.access_token).sub), ID_TOKEN))
    if (bearer._tag === "Failure") throw bearer.failure
    await Effect.runPromise(bearer.success.refused ?? Effect.die("it cannot be refused"))
    const refused = await client.refresh(tokens.refresh_token)
    expect((await json(refused))["error"]).toBe("invalid_grant")
  })
})

describe("a token that was refused where it was shown", () => {
  it("is not handed out again, and its refusal does nothing to the one that came after", async () => {
    const { rig, token } = await loggedIn()
    const first = await token(ACCESS_TOKEN)
    if (first._tag === "Failure") throw first.failure
    await Effect.runPromise(first.success.refused ?? Effect.die("it cannot be refused"))
    const second = await token(ACCESS_TOKEN)
    expect(tokenIn(second)).not.toBe(tokenIn(first))
    await Effect.runPromise(first.success.refused ?? Effect.void)
    expect(tokenIn(await token(ACCESS_TOKEN))).toBe(tokenIn(second))
    expect(rig.idp.redeemed).toEqual(["authorization_code", "refresh_token"])
  })
})
