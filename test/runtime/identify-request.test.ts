import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { challenge } from "../../runtime/resource-server/challenge.ts"
import { RESOURCE } from "./authorization.ts"

import {
  failureOf,
  type Identify,
  type Issuer,
  identify,
  principalOf,
  stageFor,
  startIssuer,
  withToken,
} from "./identification.ts"

describe("an outside issuer's keys", () => {
  const issuers: Issuer[] = []
  const begin = async () => {
    const issuer = await startIssuer()
    issuers.push(issuer)
    return issuer
  }
  afterEach(async () => {
    for (const issuer of issuers.splice(0)) await issuer.close()
  })

  it("are fetched when the first token comes, once for many", async () => {
    const issuer = await begin()
    const stage = stageFor(issuer)
    expect(issuer.requests).toEqual([])
    const token = await issuer.sign()
    await Promise.all(Array.from({ length: 10 }, () => principalOf(withToken(stage, token))))
    expect(issuer.requests).toEqual(["/.well-known/openid-configuration", "/keys"])
  })

  it("are found by RFC 8414 where there is no OpenID metadata", async () => {
    const issuer = await begin()
    issuer.metadataPath = "/.well-known/oauth-authorization-server"
    await principalOf(withToken(stageFor(issuer), await issuer.sign()))
  })

  it("are not taken from metadata that names another issuer or no safe address", async () => {
    for (const wrong of [
      { issuer: "https://evil.example" },
      { jwks_uri: "http://evil.example/keys" },
      { jwks_uri: 5 },
    ]) {
      const issuer = await begin()
      Object.assign(issuer.metadata, wrong)
      expect(await failureOf(withToken(stageFor(issuer), await issuer.sign()))).toMatchObject({
        _tag: "IssuerUnavailable",
      })
    }
  })

  it("cannot be had in an outage: that is 503, no matter what the token is", async () => {
    const issuer = await begin()
    issuer.status = 503
    const stage = stageFor(issuer)
    expect(await failureOf(withToken(stage, await issuer.sign()))).toMatchObject({
      _tag: "IssuerUnavailable",
      retryAfter: 5,
    })
    expect(await failureOf(withToken(stageFor({ issuer: "http://127.0.0.1:1" }), await issuer.sign()))).toMatchObject({
      _tag: "IssuerUnavailable",
    })
  })

  it("go on verifying through an outage that comes later", async () => {
    const issuer = await begin()
    const stage = stageFor(issuer)
    await principalOf(withToken(stage, await issuer.sign()))
    issuer.status = 503
    await principalOf(withToken(stage, await issuer.sign()))
  })

  it("are not fetched again and again for key ids that somebody made up", async () => {
    const issuer = await begin()
    const stage = stageFor(issuer)
    await principalOf(withToken(stage, await issuer.sign()))
    const stranger = await issuer.makeKey("made-up")
    for (let n = 0; n < 5; n++) {
      expect(await failureOf(withToken(stage, await issuer.sign({}, {}, stranger)))).toMatchObject({
        _tag: "TokenInvalid",
      })
    }
    expect(issuer.requests).toHaveLength(2)
  })
})

describe("how the token is sent", () => {
  let issuer: Issuer
  let stage: Identify
  beforeAll(async () => {
    issuer = await startIssuer()
    stage = stageFor(issuer)
  })
  afterAll(() => issuer.close())

  it("may be written Bearer in any case", async () => {
    const token = await issuer.sign()
    for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token}`]) {
      await principalOf(identify(stage, [["Authorization", header]]))
    }
  })

  it.each<[string, Array<[string, string]>, string, string]>([
    ["no header", [], "/aws", "TokenMissing"],
    ["another scheme", [["authorization", "Basic YTpi"]], "/aws", "TokenMissing"],
    ["an empty token", [["authorization", "Bearer "]], "/aws", "TokenMalformed"],
    ["two tokens", [["authorization", "Bearer a b"]], "/aws", "TokenMalformed"],
    ["a list", [["authorization", "Bearer a, Bearer b"]], "/aws", "TokenMalformed"],
    [
      "two headers",
      [
        ["authorization", "Bearer a"],
        ["Authorization", "Bearer b"],
      ],
      "/aws",
      "TokenMalformed",
    ],
    ["a token in the URL", [], "/aws?access_token=a", "TokenMalformed"],
    ["one in each", [["authorization", "Bearer a"]], "/aws?x=1&access_token=a", "TokenMalformed"],
  ])("is %s -> %s", async (_what, headers, url, tag) => {
    expect((await failureOf(identify(stage, headers, url)))._tag).toBe(tag)
  })
})

describe("the challenge", () => {
  const flow = { resource: RESOURCE, scopes: ["mcp:use"] }
  const metadata = 'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/aws"'
  it("names the metadata and the scopes, and no error to a request without a token", async () => {
    const stage = stageFor({ issuer: "http://127.0.0.1:1" })
    expect(challenge(await failureOf(identify(stage, [])), flow)).toBe(`Bearer ${metadata}, scope="mcp:use"`)
    expect(challenge(await failureOf(identify(stage, [["authorization", "Bearer a b"]])), flow)).toBe(
      `Bearer ${metadata}, scope="mcp:use", error="invalid_request", error_description="what follows Bearer is not one token"`,
    )
  })

  it("is none for an outage", async () => {
    const stage = stageFor({ issuer: "http://127.0.0.1:1" })
    const issuer = await startIssuer()
    try {
      const failure = await failureOf(withToken(stage, await issuer.sign()))
      expect(failure._tag).toBe("IssuerUnavailable")
      expect(challenge(failure, flow)).toBe(undefined)
    } finally {
      await issuer.close()
    }
  })
})
