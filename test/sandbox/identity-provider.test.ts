import { Effect, Redacted } from "effect"
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose"
import * as client from "openid-client"
import { describe, expect, it } from "vitest"
import type { Sandbox } from "../../runtime/sandbox/index.ts"
import { browser } from "../../runtime/sandbox/probe/browser.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { externalOidc, thv0050, thv0050Groups } from "./plans.ts"
import { must, runningSandbox } from "./running.ts"

const jwt = runningSandbox(thv0050)
const opaque = runningSandbox(thv0050Groups)
const external = runningSandbox(externalOidc)

const issuerOf = ({ plan }: Sandbox) => must(must(plan.providers[0]).issuer)

const secretOf = (box: Sandbox, name: string, key: string): Promise<string> =>
  Effect.runPromise(
    Effect.gen(function* () {
      return Redacted.value(yield* (yield* Secrets).get({ name, key }))
    }).pipe(Effect.provide(box.secrets)),
  )

/** Our side of the provider, as the plan's server configures it. */
const relyingParty = async (box: Sandbox) =>
  client.discovery(
    new URL(issuerOf(box)),
    "mcp-gateway",
    {},
    client.ClientSecretBasic(await secretOf(box, "corp-idp", "client-secret")),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  )

const logIn = async (
  box: Sandbox,
  config: client.Configuration,
  person: string,
  extra: Record<string, string> = {},
) => {
  const scope = extra["scope"] ?? must(box.plan.providers[0]?.client).scopes.join(" ")
  const redirectUri = extra["redirect_uri"] ?? must(box.plan.servers[0]).redirectUri
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  // A nonce is OpenID Connect's: plain OAuth has none.
  const nonce = scope.split(" ").includes("openid") ? client.randomNonce() : undefined
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...(nonce === undefined ? {} : { nonce }),
    ...extra,
    scope,
  })
  const answer = await browser().logIn(url, person, redirectUri)
  return client.authorizationCodeGrant(config, answer, {
    pkceCodeVerifier,
    ...(nonce === undefined ? {} : { expectedNonce: nonce }),
  })
}

describe("the sandbox's identity provider, for a server of the plan", () => {
  it("puts the declared claims into the ID token", async () => {
    const tokens = await logIn(opaque(), await relyingParty(opaque()), "ada")
    expect(tokens.claims()).toMatchObject({
      sub: "ada",
      aud: "mcp-gateway",
      groups: ["admins"],
      email: "ada@example.com",
      email_verified: true,
    })
  })

  it("gives opaque access tokens where the plan says so, good for userinfo", async () => {
    const config = await relyingParty(opaque())
    const tokens = await logIn(opaque(), config, "ravi")
    expect(() => decodeJwt(tokens.access_token)).toThrow()
    expect(await client.fetchUserInfo(config, tokens.access_token, "ravi")).toEqual({
      sub: "ravi",
      email: "ravi@example.com",
      email_verified: true,
    })
  })

  it("gives JWT access tokens for the declared audience where the plan says so, good for userinfo too", async () => {
    const config = await relyingParty(jwt())
    const tokens = await logIn(jwt(), config, "ada")
    const keys = createRemoteJWKSet(new URL(must(config.serverMetadata().jwks_uri)))
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
      issuer: issuerOf(jwt()),
      audience: "sts.amazonaws.com",
      algorithms: ["RS256"],
    })
    expect(protectedHeader.typ).toBe("at+jwt")
    expect(payload.sub).toBe("ada")
    expect(await client.fetchUserInfo(config, tokens.access_token, "ada")).toMatchObject({ email: "ada@example.com" })
  })

  it("keeps userinfo from a token whose signature is wrong", async () => {
    const config = await relyingParty(jwt())
    const { access_token: token } = await logIn(jwt(), config, "ada")
    const [head, , signature] = token.split(".")
    const payload = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: "ravi" })).toString("base64url")
    const response = await fetch(must(config.serverMetadata().userinfo_endpoint), {
      headers: { authorization: `Bearer ${head}.${payload}.${signature}` },
    })
    expect(response.status).toBe(401)
  })

  it("renews tokens, once for each refresh token", async () => {
    const config = await relyingParty(jwt())
    const first = await logIn(jwt(), config, "ravi")
    const second = await client.refreshTokenGrant(config, must(first.refresh_token))
    expect(second.access_token).not.toBe(first.access_token)
    expect(decodeJwt(second.access_token).aud).toBe("sts.amazonaws.com")
    await expect(client.refreshTokenGrant(config, must(first.refresh_token))).rejects.toMatchObject({
      error: "invalid_grant",
    })
  })

  it("says who it is in the answer to an authorization request (RFC 9207)", async () => {
    const config = await relyingParty(jwt())
    expect(config.serverMetadata().authorization_response_iss_parameter_supported).toBe(true)
  })

  it("refuses a request without PKCE, and one to a redirect URI that is not registered", async () => {
    const { redirectUri } = must(jwt().plan.servers[0])
    const ask = (parameters: Record<string, string>) =>
      fetch(
        `${issuerOf(jwt())}/auth?${new URLSearchParams({ client_id: "mcp-gateway", response_type: "code", scope: "openid", ...parameters })}`,
        { redirect: "manual" },
      )
    const plain = await ask({ redirect_uri: redirectUri })
    expect(new URL(must(plain.headers.get("location"))).searchParams.get("error")).toBe("invalid_request")
    const elsewhere = await ask({
      redirect_uri: "http://127.0.0.1:1/evil",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    })
    expect(elsewhere.status).toBe(400)
    expect(elsewhere.headers.get("location")).toBeNull()
  })

  it("takes only the generated client secret", async () => {
    const config = await client.discovery(
      new URL(issuerOf(jwt())),
      "mcp-gateway",
      {},
      client.ClientSecretBasic("guess"),
      {
        execute: [client.allowInsecureRequests],
      },
    )
    await expect(logIn(jwt(), config, "ada")).rejects.toMatchObject({ status: 401 })
  })

  it("registers nobody where no flow sends callers to it", async () => {
    const response = await fetch(`${issuerOf(jwt())}/reg`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:1/cb"] }),
    })
    expect(response.status).toBe(404)
  })
})

describe("the sandbox's identity provider, for callers of their own", () => {
  const redirectUri = "http://127.0.0.1:9/callback"
  const registered = () =>
    client.dynamicClientRegistration(
      new URL(issuerOf(external())),
      { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" },
      client.None(),
      { execute: [client.allowInsecureRequests] },
    )
  const scope = "mcp:use"

  it("registers a client and gives it a token for the flow, with the declared claims", async () => {
    const [flow] = external().plan.flows
    const tokens = await logIn(external(), await registered(), "ravi", {
      redirect_uri: redirectUri,
      resource: flow.resource,
      scope,
    })
    expect(decodeProtectedHeader(tokens.access_token).alg).toBe("RS256")
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      iss: issuerOf(external()),
      aud: flow.resource,
      sub: "ravi",
      scope,
      groups: ["readers"],
      email: "ravi@example.com",
    })
    expect(tokens.refresh_token).toEqual(expect.any(String))
  })

  it("knows no other resource", async () => {
    const config = await registered()
    await expect(
      logIn(external(), config, "ravi", { redirect_uri: redirectUri, resource: "http://127.0.0.1:1/other", scope }),
    ).rejects.toMatchObject({ error: "invalid_target" })
  })
})

describe("the login page", () => {
  const open = async () => {
    const { redirectUri } = must(jwt().plan.servers[0])
    const query = new URLSearchParams({
      client_id: "mcp-gateway",
      response_type: "code",
      scope: "openid",
      redirect_uri: redirectUri,
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    })
    const begun = await fetch(`${issuerOf(jwt())}/auth?${query}`, { redirect: "manual" })
    const cookie = begun.headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ")
    return { url: new URL(must(begun.headers.get("location")), issuerOf(jwt())), cookie }
  }

  it("says that it is a sandbox, names the three people, and runs no script", async () => {
    const { url, cookie } = await open()
    const response = await fetch(url, { headers: { cookie } })
    const page = await response.text()
    expect(response.status).toBe(200)
    expect(page).toMatch(/authflow sandbox/)
    expect(page).toContain("https://idp.example.com")
    for (const id of ["ada", "ravi", "nora"]) expect(page).toContain(`name="person" value="${id}"`)
    expect(page).not.toMatch(/<script|javascript:|\son\w+=/i)
    const policy = must(response.headers.get("content-security-policy"))
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain("unsafe")
    expect(page).toMatch(/<html lang="en">/)
  })

  it("lets in nobody else, and nobody without the cookie of the browser that began", async () => {
    const { url, cookie } = await open()
    const post = (person: string, headers: Record<string, string>) =>
      fetch(url, { method: "POST", redirect: "manual", headers, body: new URLSearchParams({ person }) })
    expect((await post("mallory", { cookie })).status).toBe(400)
    expect((await post("ada", {})).status).toBe(400)
    expect((await post("ada", { cookie })).status).toBe(303)
  })

  it("uses cookie names of its own, as all ports of a host share their cookies", async () => {
    const { cookie } = await open()
    const port = new URL(issuerOf(jwt())).port
    const names = cookie.split("; ").map((pair) => pair.split("=", 1)[0] ?? "")
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !name.startsWith(`authflow_sandbox_${port}_`))).toEqual([])
  })
})
