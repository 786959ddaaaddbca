import { Effect, Redacted } from "effect"
import { SignJWT, UnsecuredJWT } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { possession } from "../../runtime/resource-server/possession.ts"
import { identifyAuthServer } from "../../runtime/stages/identify-auth-server.ts"
import { Client, FLOW, outcome, RESOURCE, type Rig, start } from "./authorization.ts"

import {
  failureOf,
  type Identify,
  type Issuer,
  principalOf,
  stageFor,
  startIssuer,
  withToken,
} from "./identification.ts"

describe("identify with an outside issuer", () => {
  let issuer: Issuer
  let stage: Identify
  beforeAll(async () => {
    issuer = await startIssuer()
    stage = stageFor(issuer)
  })
  afterAll(() => issuer.close())

  it("knows the caller by the token, and has that token for whom the plan shows it to", async () => {
    const token = await issuer.sign({ groups: ["admins"], email: "ada@example.com" })
    const principal = await principalOf(withToken(stage, token))
    expect(principal).toMatchObject({ issuer: issuer.issuer, subject: "ada", claims: { groups: ["admins"] } })
    const own = await Effect.runPromise(principal.token({ issuer: "corp", kind: "access_token" }))
    expect(Redacted.value(own.value)).toBe(token)
    expect(own.expiresAt).toBe(principal.expiresAt)
    expect(await outcome(principal.token({ issuer: "corp", kind: "id_token" }))).toMatchObject({
      failure: { _tag: "PipelineBroken" },
    })
    expect(JSON.stringify(own)).not.toContain(token)
  })

  it("takes tokens that say at+jwt, JWT, or nothing of their type", async () => {
    for (const typ of ["at+jwt", "application/at+jwt", "AT+JWT", "JWT", undefined]) {
      await principalOf(withToken(stage, await issuer.sign({}, typ === undefined ? {} : { typ })))
    }
  })

  it("takes scopes in the ways issuers write them", async () => {
    for (const claims of [
      { scope: "a mcp:use" },
      { scope: undefined, scp: ["mcp:use"] },
      { scope: undefined, scp: "mcp:use b" },
    ]) {
      await principalOf(withToken(stage, await issuer.sign(claims)))
    }
  })

  const past = Math.floor(Date.now() / 1000) - 120
  const future = Math.floor(Date.now() / 1000) + 120
  it.each<[string, (from: Issuer) => Promise<string> | string, string]>([
    ["another audience", (from) => from.sign({ aud: "https://other.example" }), "for another audience"],
    ["a longer audience", (from) => from.sign({ aud: `${RESOURCE}/more` }), "for another audience"],
    ["another issuer", (from) => from.sign({ iss: "https://evil.example" }), "of another issuer"],
    ["nearly the issuer", (from) => from.sign({ iss: `${from.issuer}/` }), "of another issuer"],
    ["one that has expired", (from) => from.sign({ exp: past }), "has expired"],
    ["one that is not valid yet", (from) => from.sign({ nbf: future }), "not valid yet"],
    ["one with no expiry", (from) => unexpiring(from), "required claim"],
    ["one that nobody signed", (from) => unsigned(from), "algorithm that is not accepted"],
    ["one with the signature cut off", async (from) => (await from.sign()).replace(/[^.]*$/, ""), "does not verify"],
    ["one whose claims were changed", (from) => tampered(from), "does not verify"],
    ["the public key used as a MAC key", (from) => macWithPublicKey(from), "algorithm that is not accepted"],
    ["a logout token", (from) => from.sign({}, { typ: "logout+jwt" }), "another type"],
    ["an ID token with a nonce", (from) => from.sign({ nonce: "n" }), "ID token"],
    ["an ID token with at_hash", (from) => from.sign({ at_hash: "h" }), "ID token"],
    ["Keycloak's ID token", (from) => from.sign({ typ: "ID" }), "ID token"],
    ["Cognito's ID token", (from) => from.sign({ token_use: "id" }), "ID token"],
    ["something else", () => "opaque-token", "not a JWT"],
  ])("refuses %s", async (_what, make, reason) => {
    const failure = await failureOf(withToken(stage, await make(issuer)))
    expect(failure._tag).toBe("TokenInvalid")
    expect(failure.detail).toContain(reason)
  })

  it("refuses an algorithm that the plan does not pin", async () => {
    const failure = await failureOf(withToken(stageFor(issuer, ["ES256", "PS256"]), await issuer.sign()))
    expect(failure).toMatchObject({ _tag: "TokenInvalid", detail: expect.stringContaining("algorithm") })
  })

  it("refuses another key under the name of a known one", async () => {
    const forged = await issuer.makeKey("one")
    expect(await failureOf(withToken(stage, await issuer.sign({}, {}, forged)))).toMatchObject({ _tag: "TokenInvalid" })
  })

  it("takes a token with no key id where one key fits, and none where it does not know which", async () => {
    const alone = await startIssuer()
    const both = await startIssuer()
    both.keys.push(await both.makeKey("two"))
    try {
      await principalOf(withToken(stageFor(alone), await alone.sign({}, { kid: undefined })))
      const failure = await failureOf(withToken(stageFor(both), await both.sign({}, { kid: undefined })))
      expect(failure).toMatchObject({ _tag: "TokenInvalid", detail: expect.stringContaining("which key") })
    } finally {
      await Promise.all([alone.close(), both.close()])
    }
  })

  it("asks for the scopes it lacks", async () => {
    const failure = await failureOf(withToken(stage, await issuer.sign({ scope: "other mcp:user" })))
    expect(failure).toMatchObject({ _tag: "ScopeInsufficient", required: ["mcp:use"] })
  })
})

const unsigned = (from: Issuer) =>
  new UnsecuredJWT({ scope: "mcp:use" })
    .setIssuer(from.issuer)
    .setAudience(RESOURCE)
    .setSubject("ada")
    .setExpirationTime("5m")
    .encode()

const unexpiring = (from: Issuer) => {
  const [key] = from.keys
  if (key === undefined) throw new Error("no key")
  return new SignJWT({ scope: "mcp:use" })
    .setProtectedHeader({ alg: "RS256", kid: key.kid })
    .setIssuer(from.issuer)
    .setAudience(RESOURCE)
    .setSubject("ada")
    .sign(key.privateKey)
}

const tampered = async (from: Issuer) => {
  const [header, payload = "", signature] = (await from.sign()).split(".")
  const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: "bob" }
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".")
}

const macWithPublicKey = async (from: Issuer) => {
  const key = Buffer.from(JSON.stringify(from.keys[0]?.jwk))
  return new SignJWT({ scope: "mcp:use" })
    .setProtectedHeader({ alg: "HS256", kid: "one" })
    .setIssuer(from.issuer)
    .setAudience(RESOURCE)
    .setSubject("ada")
    .setExpirationTime("5m")
    .sign(key)
}

describe("identify with our own server", () => {
  let rig: Rig
  let stage: Identify
  beforeAll(async () => {
    rig = await start()
    stage = identifyAuthServer(
      { kind: "identify.auth_server", server: "gate", scopes: FLOW.scopes, audience: RESOURCE },
      rig.server,
      possession(RESOURCE),
    )
  })
  afterAll(() => rig.stop())

  it("knows the caller, and has the upstream's tokens for whom the plan shows them to", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const principal = await principalOf(withToken(stage, tokens.access_token))
    expect(principal).toMatchObject({ issuer: rig.issuer, claims: { groups: ["admins"], email: "ada@example.com" } })
    const upstream = await Effect.runPromise(principal.token({ issuer: "corp", kind: "id_token" }))
    expect(Redacted.value(upstream.value)).not.toBe(tokens.access_token)
    const own = await Effect.runPromise(principal.token({ issuer: "gate", kind: "access_token" }))
    expect(Redacted.value(own.value)).toBe(tokens.access_token)
  })

  it("refuses our own ID token, the upstream's tokens, and a token with too little scope", async () => {
    const client = await Client.register(rig)
    const tokens = await client.login("ada")
    const principal = await principalOf(withToken(stage, tokens.access_token))
    expect(await failureOf(withToken(stage, tokens.id_token ?? ""))).toMatchObject({ _tag: "TokenInvalid" })
    for (const kind of ["id_token", "access_token"] as const) {
      const upstream = await Effect.runPromise(principal.token({ issuer: "corp", kind }))
      expect(await failureOf(withToken(stage, Redacted.value(upstream.value)))).toMatchObject({ _tag: "TokenInvalid" })
    }
    const narrow = await client.elsewhere().login("ada", { scope: "openid" })
    expect(await failureOf(withToken(stage, narrow.access_token))).toMatchObject({ _tag: "ScopeInsufficient" })
  })

  it("refuses access tokens of a code that was used twice", async () => {
    const client = await Client.register(rig)
    const code = (await client.code("ada")).get("code") ?? ""
    const { access_token } = (await (await client.redeem(code)).json()) as { access_token: string }
    await principalOf(withToken(stage, access_token))
    await client.redeem(code)
    const failure = await failureOf(withToken(stage, access_token))
    expect(failure).toMatchObject({ _tag: "TokenInvalid", detail: "the token was revoked" })
  })

  it("refuses the tokens of another server with the same name and other keys, and for another flow", async () => {
    const other = await start({
      flows: [FLOW, { ...FLOW, name: "second", resource: "https://mcp.example.com/second" }],
    })
    try {
      const client = await Client.register(other)
      const foreign = await client.login("ada")
      expect(await failureOf(withToken(stage, foreign.access_token))).toMatchObject({ _tag: "TokenInvalid" })
      const second = identifyAuthServer(
        {
          kind: "identify.auth_server",
          server: "gate",
          scopes: FLOW.scopes,
          audience: "https://mcp.example.com/second",
        },
        other.server,
        possession(RESOURCE),
      )
      const failure = await failureOf(withToken(second, foreign.access_token))
      expect(failure.detail).toBe("the token is for another audience")
    } finally {
      await other.stop()
    }
  })
})
