/** Token exchange (RFC 8693) at our token endpoint: delegate clients act for people, within what file and subject token allow. */
import { Effect } from "effect"
import { decodeJwt, type JWTPayload } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Client, json, RESOURCE, type Rig, start, type Tokens } from "./authorization.ts"
import { type OutsideIssuer, startOutsideIssuer } from "./outside-issuer.ts"

const OTHER = "https://mcp.example.com/other"
const TYPE = "urn:ietf:params:oauth:token-type:access_token"
const SECRET = "s3cret of the agent"

let outside: OutsideIssuer
let rig: Rig
beforeAll(async () => {
  outside = await startOutsideIssuer()
  rig = await start({
    flows: [
      { name: "aws_mcp", resource: RESOURCE, scopes: ["mcp:use", "mcp:admin"] },
      { name: "other", resource: OTHER, scopes: ["mcp:use"] },
    ],
    config: {
      tokens: { access: 600, refresh: 3600, code: 60, delegated: 300 },
      delegates: [
        { id: "agent", secret: { name: "agent", key: "s" }, scopes: ["mcp:use", "email"], audiences: [RESOURCE] },
        { id: "second", secret: { name: "agent", key: "s" }, scopes: ["mcp:use"], audiences: [RESOURCE, OTHER] },
      ],
      trustedIssuers: [
        {
          issuer: outside.issuer,
          privateNetwork: false,
          delegation: {
            audience: RESOURCE,
            delegates: ["agent"],
            actorClaim: "azp",
            actors: ["known-app"],
            actorMatches: '"delegators" in claims.roles',
            mayAct: true,
          },
        },
      ],
    },
    secrets: { "agent/s": SECRET },
    strangers: { loopback: true },
  })
})
afterAll(() => Promise.all([rig.stop(), outside.stop()]))

const exchange = (token: string, fields: Record<string, string> = {}, client = "agent", secret = SECRET) =>
  fetch(`${rig.issuer}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString("base64")}` },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: token,
      subject_token_type: TYPE,
      ...fields,
    }),
  })

interface Exchanged {
  readonly access_token: string
  readonly issued_token_type: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope?: string
  readonly refresh_token?: string
  readonly error?: string
}
const answerOf = async (response: Promise<Response>) => {
  const answer = await response
  return { status: answer.status, ...(await json<Exchanged>(answer)) }
}
const claimsOf = ({ access_token }: Exchanged): JWTPayload => decodeJwt(access_token)

const login = async (person = "ada", scope = "email mcp:use mcp:admin", resource = RESOURCE) => {
  const client = await Client.register(rig)
  const code = (await client.code(person, { scope, resource })).get("code") ?? ""
  return { client, tokens: await json<Tokens>(await client.redeem(code, { resource })) }
}

describe("a person's token of ours", () => {
  it("is exchanged for one that says who acts, with no more scope, audience or time", async () => {
    const { tokens } = await login()
    const answer = await answerOf(exchange(tokens.access_token))
    expect(answer).toMatchObject({
      status: 200,
      issued_token_type: TYPE,
      token_type: "Bearer",
      expires_in: 300,
    })
    expect(answer).not.toHaveProperty("refresh_token")
    const subject = decodeJwt(tokens.access_token)
    const claims = claimsOf(answer)
    expect(claims).toMatchObject({
      iss: rig.issuer,
      sub: subject.sub,
      aud: RESOURCE,
      client_id: "agent",
      email: "ada@example.com",
      grant_id: subject["grant_id"],
      act: { iss: rig.issuer, sub: "agent" },
    })
    expect(String(claims["scope"]).split(" ").sort()).toEqual(["email", "mcp:use"])
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300)
  })

  it("of what is asked for, and nothing more: more is refused and not left out", async () => {
    const { tokens } = await login()
    expect((await answerOf(exchange(tokens.access_token, { scope: "mcp:use" }))).scope).toBe("mcp:use")
    expect(await answerOf(exchange(tokens.access_token, { scope: "mcp:use mcp:admin" }))).toMatchObject({
      status: 400,
      error: "invalid_scope",
    })
    const { tokens: narrow } = await login("ada", "mcp:use")
    expect(await answerOf(exchange(narrow.access_token, { scope: "email" }))).toMatchObject({ error: "invalid_scope" })
  })

  it("is for the resource that it was for, by either name of the parameter", async () => {
    const { tokens } = await login()
    for (const fields of [{ resource: RESOURCE }, { audience: RESOURCE }, { resource: `${RESOURCE}/` }]) {
      expect((await answerOf(exchange(tokens.access_token, fields))).status).toBe(200)
    }
    for (const fields of [{ resource: OTHER }, { audience: "https://evil.example" }]) {
      expect(await answerOf(exchange(tokens.access_token, fields, "second"))).toMatchObject({ error: "invalid_target" })
    }
    // The client's own bounds, too.
    const { tokens: elsewhere } = await login("ada", "mcp:use", OTHER)
    expect(await answerOf(exchange(elsewhere.access_token))).toMatchObject({ error: "invalid_target" })
    expect((await answerOf(exchange(elsewhere.access_token, {}, "second"))).status).toBe(200)
  })

  it("ends with the grant that it comes from", async () => {
    const { client, tokens } = await login()
    const delegated = claimsOf(await answerOf(exchange(tokens.access_token)))
    await fetch(`${rig.issuer}/oauth/revoke`, {
      method: "POST",
      body: new URLSearchParams({ client_id: client.id, token: tokens.refresh_token }),
    })
    expect(await Effect.runPromise(rig.server.tokens.revoked(String(delegated["grant_id"])))).toBe(true)
    expect(await answerOf(exchange(tokens.access_token))).toMatchObject({ status: 400, error: "invalid_request" })
  })

  it("is exchanged again by another, and the chain names both; ten at most", async () => {
    const { tokens } = await login("bob", "mcp:use")
    const first = await answerOf(exchange(tokens.access_token, {}, "agent"))
    const second = await answerOf(exchange(first.access_token, {}, "second"))
    expect(claimsOf(second)["act"]).toEqual({
      iss: rig.issuer,
      sub: "second",
      act: { iss: rig.issuer, sub: "agent" },
    })
    let token = second.access_token
    const outcomes: number[] = []
    for (let depth = 3; depth <= 11; depth++) {
      const next = await answerOf(exchange(token))
      outcomes.push(next.status)
      if (next.status === 200) token = next.access_token
      else expect(next.error).toBe("invalid_grant")
    }
    expect(outcomes).toEqual([...Array(8).fill(200), 400])
  })

  it("may come with a token of the actor's own, which has to be the client's", async () => {
    const { tokens } = await login()
    const { tokens: actor } = await login("bob")
    expect(
      await answerOf(exchange(tokens.access_token, { actor_token: actor.access_token, actor_token_type: TYPE })),
    ).toMatchObject({ error: "invalid_request" })
    const own = await answerOf(exchange(actor.access_token))
    const answer = await answerOf(
      exchange(tokens.access_token, { actor_token: own.access_token, actor_token_type: TYPE }),
    )
    expect(claimsOf(answer)["act"]).toEqual({ iss: rig.issuer, sub: decodeJwt(actor.access_token).sub })
  })
})

describe("nobody exchanges", () => {
  it("without being a delegate client, or its secret", async () => {
    const { client, tokens } = await login()
    const asked = await fetch(`${rig.issuer}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        client_id: client.id,
        subject_token: tokens.access_token,
        subject_token_type: TYPE,
      }),
    })
    expect(asked.status).toBe(400)
    expect((await exchange(tokens.access_token, {}, "agent", "wrong")).status).toBe(401)
    expect((await exchange(tokens.access_token, {}, "nobody")).status).toBe(401)
  })

  it.each<[string, (tokens: Tokens) => Record<string, string>, string]>([
    ["an ID token", ({ id_token = "" }) => ({ subject_token: id_token }), "invalid_request"],
    [
      "an ID token that is called so",
      () => ({ subject_token_type: "urn:ietf:params:oauth:token-type:id_token" }),
      "invalid_request",
    ],
    ["a refresh token", ({ refresh_token }) => ({ subject_token: refresh_token }), "invalid_request"],
    [
      "a token with another signature",
      ({ access_token }) => ({ subject_token: `${access_token.slice(0, -8)}AAAAAAAA` }),
      "invalid_request",
    ],
    ["nothing", () => ({ subject_token: "" }), "invalid_request"],
    [
      "for a refresh token",
      () => ({ requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" }),
      "invalid_request",
    ],
    ["with the type of an actor and no actor", () => ({ actor_token_type: TYPE }), "invalid_request"],
  ])("%s", async (_what, fields, error) => {
    const { tokens } = await login("ada", "openid mcp:use")
    expect(await answerOf(exchange(tokens.access_token, fields(tokens)))).toMatchObject({ status: 400, error })
  })

  it("twice over with one request", async () => {
    const { tokens } = await login()
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: tokens.access_token,
      subject_token_type: TYPE,
    })
    body.append("resource", RESOURCE)
    body.append("resource", OTHER)
    const authorization = `Basic ${Buffer.from(`second:${encodeURIComponent(SECRET)}`).toString("base64")}`
    const answer = await fetch(`${rig.issuer}/oauth/token`, { method: "POST", headers: { authorization }, body })
    expect(await json(answer)).toMatchObject({ error: "invalid_target" })
  })
})

describe("a token of a trusted issuer", () => {
  const good = { aud: RESOURCE, scope: "mcp:use mcp:admin", azp: "known-app", email: "eva@example.com", name: "Eva" }

  it("is exchanged, and the chain names its own actor", async () => {
    const answer = await answerOf(exchange(await outside.sign(good)))
    expect(answer).toMatchObject({ status: 200, scope: "mcp:use" })
    expect(claimsOf(answer)).toMatchObject({
      email: "eva@example.com",
      name: "Eva",
      act: { iss: rig.issuer, sub: "agent", act: { iss: outside.issuer, sub: "known-app" } },
    })
    // Neither the other side's subject as it is, nor anybody's here.
    expect(claimsOf(answer).sub).toMatch(/^[\w-]{43}$/)
  })

  it("by an expression, or by may_act", async () => {
    const matching = await outside.sign({ ...good, azp: "new-app", roles: ["delegators"] })
    expect(claimsOf(await answerOf(exchange(matching)))["act"]).toEqual({ iss: rig.issuer, sub: "agent" })
    const named = await outside.sign({ ...good, azp: "new-app", may_act: { sub: "agent" } })
    expect((await answerOf(exchange(named))).status).toBe(200)
  })

  it("leaves out an e-mail address that is not verified", async () => {
    const answer = await answerOf(exchange(await outside.sign({ ...good, email_verified: false })))
    expect(claimsOf(answer)).not.toHaveProperty("email")
  })

  it("never lives longer than the one that was shown", async () => {
    const exp = Math.floor(Date.now() / 1000) + 30
    expect((await answerOf(exchange(await outside.sign({ ...good, exp })))).expires_in).toBeLessThanOrEqual(90)
  })

  it.each<[string, Record<string, unknown>]>([
    ["for another audience", { aud: "https://other.example" }],
    ["of an app that nothing allows", { azp: "new-app" }],
    ["of an app that an expression does not allow", { azp: "new-app", roles: ["others"] }],
    ["whose claim is of another type than the expression wants", { azp: "new-app", roles: 7 }],
    ["that may_act gives to another client", { may_act: { sub: "second" } }],
    ["with a may_act that is nothing", { may_act: "agent" }],
    ["that is an ID token", { at_hash: "x" }],
    ["that is an ID token by its nonce", { nonce: "x" }],
    ["that has expired", { exp: 1_700_000_000 }],
    ["without an end", { exp: undefined }],
    ["without a subject", { sub: undefined }],
    ["of an issuer that is spelled otherwise", { iss: "http://127.0.0.1/" }],
    ["bound to a key", { cnf: { jkt: "x" } }],
  ])("%s is refused, and the client is not told why", async (_what, claims) => {
    const answer = await answerOf(exchange(await outside.sign({ ...good, ...claims })))
    expect(answer).toMatchObject({
      status: 400,
      error: "invalid_request",
      error_description: "the subject token is invalid or could not be verified",
    })
  })

  it("is taken from the delegate that the file names only", async () => {
    expect((await answerOf(exchange(await outside.sign(good), {}, "second"))).error).toBe("invalid_request")
    expect(rig.journal.some(({ summary }) => summary.includes("second may not exchange tokens"))).toBe(true)
  })

  it("that claims to be signed by nobody, or by a key that everybody has, is refused", async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ iss: outside.issuer, sub: "x", aud: RESOURCE })).toString("base64url")}.`
    expect((await answerOf(exchange(none))).error).toBe("invalid_request")
  })

  it("costs its issuer no request each, whatever key it names", async () => {
    const before = outside.asked()
    for (let at = 0; at < 10; at++) await exchange(await outside.sign(good, { kid: `k${at}` }))
    expect(outside.asked() - before).toBeLessThanOrEqual(1)
  })
})

it("the metadata names the grant where there are delegates, and only there", async () => {
  const grants = async (issuer: string) =>
    (await json<{ grant_types_supported: string[] }>(await fetch(`${issuer}/.well-known/oauth-authorization-server`)))
      .grant_types_supported
  expect(await grants(rig.issuer)).toContain("urn:ietf:params:oauth:grant-type:token-exchange")
  const plain = await start()
  expect(await grants(plain.issuer)).not.toContain("urn:ietf:params:oauth:grant-type:token-exchange")
  await plain.stop()
})
