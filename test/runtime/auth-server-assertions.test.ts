/** The JWT bearer grant (RFC 7523): workloads' assertions with no client, and ID-JAGs that clients bring (cross-application access). */

import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { decodeJwt, type JWTPayload } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { json, RESOURCE, type Rig, start } from "./authorization.ts"
import { type OutsideIssuer, startOutsideIssuer } from "./outside-issuer.ts"

const OTHER = "https://mcp.example.com/other"
const SECRET = "s3cret of the agent"
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

let outside: OutsideIssuer
let rig: Rig
beforeAll(async () => {
  outside = await startOutsideIssuer()
  rig = await start({
    flows: [
      { name: "aws_mcp", resource: RESOURCE, scopes: ["mcp:use"] },
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
          jwks: `${outside.issuer}/jwks`,
          privateNetwork: false,
          assertions: {
            maxAge: 300,
            audiences: [],
            subjects: [
              { subject: "workload-1", resources: [RESOURCE] },
              { subject: "workload-2", resources: [RESOURCE, OTHER] },
            ],
          },
          idJag: { clients: ["agent"], maxAge: 300 },
        },
      ],
    },
    secrets: { "agent/s": SECRET },
    strangers: { loopback: true },
  })
})
afterAll(() => Promise.all([rig.stop(), outside.stop()]))

const now = () => Math.floor(Date.now() / 1000)

interface Answer {
  readonly status: number
  readonly access_token: string
  readonly expires_in: number
  readonly scope?: string
  readonly error?: string
}
const ask = async (fields: Record<string, string>, client?: string): Promise<Answer> => {
  const basic = client && `Basic ${Buffer.from(`${client}:${encodeURIComponent(SECRET)}`).toString("base64")}`
  const answer = await fetch(`${rig.issuer}/oauth/token`, {
    method: "POST",
    headers: basic === undefined ? {} : { authorization: basic },
    body: new URLSearchParams({ grant_type: GRANT, ...fields }),
  })
  return { ...(await json<Answer>(answer)), status: answer.status }
}
const claimsOf = ({ access_token }: Answer): JWTPayload => decodeJwt(access_token)

describe("a workload's assertion", () => {
  const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    outside.sign({ sub: "workload-1", aud: `${rig.issuer}/oauth/token`, exp: now() + 120, ...claims }, header)

  it("is taken with no client, for the resource that the file allows its subject", async () => {
    const answer = await ask({ assertion: await sign(), resource: RESOURCE })
    expect(answer).toMatchObject({ status: 200, expires_in: 300, scope: "mcp:use", token_type: "Bearer" })
    expect(answer).not.toHaveProperty("refresh_token")
    const claims = claimsOf(answer)
    expect(claims).toMatchObject({ iss: rig.issuer, aud: RESOURCE, client_id: "urn:authflow:assertion" })
    expect(claims).not.toHaveProperty("act")
    expect(claims.sub).toMatch(/^[\w-]{43}$/)
    expect(await Effect.runPromise(rig.server.tokens.revoked(String(claims["grant_id"])))).toBe(false)
  })

  it("names the resource where there are several", async () => {
    const sub = "workload-2"
    expect(await ask({ assertion: await sign({ sub }) })).toMatchObject({ status: 400, error: "invalid_target" })
    expect(claimsOf(await ask({ assertion: await sign({ sub }), resource: OTHER })).aud).toBe(OTHER)
    expect(claimsOf(await ask({ assertion: await sign() })).aud).toBe(RESOURCE)
    for (const resource of [OTHER, "https://evil.example"]) {
      expect(await ask({ assertion: await sign(), resource })).toMatchObject({ error: "invalid_target" })
    }
    expect(await ask({ assertion: await sign(), scope: "mcp:use admin" })).toMatchObject({ error: "invalid_scope" })
  })

  it("is taken once, of those that race for it too, with or without a name of its own", async () => {
    for (const jti of [randomUUID(), undefined]) {
      const assertion = await sign({ jti })
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask({ assertion })))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
      expect(await ask({ assertion })).toMatchObject({ error: "invalid_grant" })
    }
  })

  it.each<[string, () => Record<string, unknown>]>([
    ["of a subject that the file does not name", () => ({ sub: "workload-3" })],
    ["of a subject that is a pattern", () => ({ sub: "*" })],
    ["for another server", () => ({ aud: "https://other.example/oauth/token" })],
    ["for a resource of ours, which is no audience of an assertion", () => ({ aud: RESOURCE })],
    ["that lives too long", () => ({ exp: now() + 301 })],
    ["without a beginning", () => ({ iat: undefined })],
    ["that has expired", () => ({ iat: now() - 300, exp: now() - 100 })],
    ["from the future", () => ({ iat: now() + 200, exp: now() + 300 })],
    ["not yet", () => ({ nbf: now() + 200 })],
    ["of another issuer", () => ({ iss: "https://evil.example" })],
  ])("%s is refused", async (_what, claims) => {
    expect(await ask({ assertion: await sign(claims()) })).toMatchObject({ status: 400, error: "invalid_grant" })
  })

  it("that is not even one is refused", async () => {
    for (const assertion of ["x", "a.b.c", "e30.e30.", "x".repeat(20_000)]) {
      expect((await ask({ assertion })).status).toBe(400)
    }
    expect(await ask({})).toMatchObject({ error: "invalid_request" })
  })

  it("is not taken together with a client, nor may a client call itself nobody", async () => {
    expect(await ask({ assertion: await sign() }, "agent")).toMatchObject({ status: 400, error: "invalid_grant" })
    const named = await ask({ assertion: await sign(), client_id: "urn:authflow:assertion" })
    expect(named.status).toBe(400)
    const authorize = await fetch(`${rig.issuer}/oauth/authorize?client_id=urn:authflow:assertion&response_type=code`)
    expect(authorize.status).toBe(400)
  })

  it("goes through whatever way its bytes come", async () => {
    const body = new URLSearchParams({ grant_type: GRANT, assertion: await sign() }).toString()
    const chunked = new ReadableStream({
      start: (controller) => {
        for (const character of body) controller.enqueue(new TextEncoder().encode(character))
        controller.close()
      },
    })
    const answer = await fetch(`${rig.issuer}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: chunked,
      duplex: "half",
    } as RequestInit)
    expect(answer.status).toBe(200)
    const large = await fetch(`${rig.issuer}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: GRANT, assertion: "x".repeat(100_000) }),
    })
    expect(large.status).toBe(413)
  })
})

describe("an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant)", () => {
  const TYPE = "oauth-id-jag+jwt"
  const sign = (claims: Record<string, unknown> = {}, typ = TYPE) =>
    outside.sign(
      {
        aud: rig.issuer,
        client_id: "agent",
        resource: RESOURCE,
        scope: "mcp:use email admin",
        exp: now() + 300,
        email: "eva@example.com",
        ...claims,
      },
      { typ },
    )

  it("is taken from the client that it was issued to, for what it says, within what the file allows", async () => {
    const answer = await ask({ assertion: await sign() }, "agent")
    expect(answer).toMatchObject({ status: 200, scope: "mcp:use email" })
    expect(answer).not.toHaveProperty("refresh_token")
    expect(claimsOf(answer)).toMatchObject({ aud: RESOURCE, client_id: "agent", email: "eva@example.com" })
    expect((await ask({ assertion: await sign(), scope: "mcp:use" }, "agent")).scope).toBe("mcp:use")
    expect(await ask({ assertion: await sign(), scope: "admin" }, "agent")).toMatchObject({ error: "invalid_scope" })
  })

  it("is the same person as one who exchanged a token of the same issuer, and nobody else", async () => {
    const [one, again, other] = [await sign(), await sign(), await sign({ sub: "outside-bob" })]
    const subjects: unknown[] = []
    for (const assertion of [one, again, other]) subjects.push(claimsOf(await ask({ assertion }, "agent")).sub)
    expect(subjects[0]).toBe(subjects[1])
    expect(subjects[2]).not.toBe(subjects[0])
  })

  it("is taken once", async () => {
    const assertion = await sign()
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask({ assertion }, "agent")))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
  })

  it.each<[string, () => Record<string, unknown>]>([
    ["that was issued to another client", () => ({ client_id: "second" })],
    ["that was issued to no client", () => ({ client_id: undefined })],
    ["for another server", () => ({ aud: "https://other.example" })],
    ["for the token endpoint, which is the audience of others", () => ({ aud: `${rig.issuer}/oauth/token` })],
    ["for others, too", () => ({ aud: [rig.issuer, "https://other.example"] })],
    ["without a name of its own", () => ({ jti: undefined })],
    ["that lives too long", () => ({ exp: now() + 3600 })],
  ])("%s is refused", async (_what, claims) => {
    expect(await ask({ assertion: await sign(claims()) }, "agent")).toMatchObject({
      status: 400,
      error: "invalid_grant",
    })
  })

  it("for a resource beyond it, or beyond the client, is refused", async () => {
    expect(await ask({ assertion: await sign({ resource: OTHER }) }, "agent")).toMatchObject({
      error: "invalid_target",
    })
    const two = await sign({ resource: [RESOURCE, OTHER] })
    expect(await ask({ assertion: two, resource: OTHER }, "agent")).toMatchObject({ error: "invalid_target" })
  })

  it("is not taken from a client that the file does not name, from nobody, or under another type", async () => {
    expect(await ask({ assertion: await sign({ client_id: "second" }) }, "second")).toMatchObject({
      error: "invalid_grant",
    })
    expect(await ask({ assertion: await sign() })).toMatchObject({ error: "invalid_grant" })
    // RFC 8725 section 3.11: a token of another kind is never taken for one.
    for (const typ of ["JWT", "at+jwt"]) {
      expect(await ask({ assertion: await sign({}, typ) }, "agent")).toMatchObject({ error: "invalid_grant" })
    }
  })
})

it("the metadata names the grant where an issuer is trusted with it, and only there", async () => {
  const grants = async (issuer: string) =>
    (await json<{ grant_types_supported: string[] }>(await fetch(`${issuer}/.well-known/oauth-authorization-server`)))
      .grant_types_supported
  expect(await grants(rig.issuer)).toContain(GRANT)
  const plain = await start()
  expect(await grants(plain.issuer)).not.toContain(GRANT)
  await plain.stop()
})
