/**
 * Clients as they are in the field log in at the authorization server and call a tool through the proxy. Each does all of it
 * by itself, from the first refused request on; only the browser is the test's.
 */
import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as v2 from "@modelcontextprotocol/client"
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { describe, expect, it } from "vitest"
import { logInWithBrowser } from "./mcp-user.ts"
import { compileExample, running } from "./running.ts"

const now = running(compileExample("thv-0050"))
const endpoint = () => new URL(now().box.plan.flows[0].resource)

const REDIRECT = "http://127.0.0.1:8/cb"
const whoami = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "whoami", arguments: {} } }
const mcp = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2025-11-25",
}
/** What the sandbox's MCP server says of who is there. */
const ADA = /role\/mcp-admin/

type Send = (headers: Headers, body: string) => Promise<Response>

/** What an MCP client does with its token, for libraries that are not of MCP: a session, and the tool in it. */
const callTool = async (send: Send): Promise<string> => {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }
  const initialize = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params })
  const begun = await send(new Headers(mcp), initialize)
  await begun.text()
  const session = new Headers({ ...mcp, "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" })
  return (await send(session, JSON.stringify(whoami))).text()
}

/** RFC 9728 by hand, as the libraries that are not of MCP leave it to who uses them. */
const serverOf = async (): Promise<URL> => {
  const refused = await fetch(endpoint(), { method: "POST", headers: mcp, body: JSON.stringify(whoami) })
  expect(refused.status).toBe(401)
  const found = /resource_metadata="([^"]*)"/.exec(refused.headers.get("www-authenticate") ?? "")?.[1] ?? ""
  const metadata = (await (await fetch(found)).json()) as { resource: string; authorization_servers: string[] }
  expect(metadata.resource).toBe(endpoint().href)
  return new URL(metadata.authorization_servers[0] ?? "")
}

describe("real clients log in and call a tool", () => {
  it("@modelcontextprotocol/client 2.x", async () => {
    const kept: { client?: unknown; tokens?: unknown; verifier?: string; url?: URL; state?: unknown } = {}
    const authProvider = {
      redirectUrl: REDIRECT,
      clientMetadata: {
        client_name: "client 2.x",
        redirect_uris: [REDIRECT],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
      state: () => "state-of-2",
      clientInformation: () => kept.client,
      saveClientInformation: (client: unknown) => void Object.assign(kept, { client }),
      tokens: () => kept.tokens,
      saveTokens: (tokens: unknown) => void Object.assign(kept, { tokens }),
      redirectToAuthorization: (url: URL) => void Object.assign(kept, { url }),
      saveCodeVerifier: (verifier: string) => void Object.assign(kept, { verifier }),
      codeVerifier: () => kept.verifier ?? "",
      // So that it sees whether the answer comes from the server that it asked (SEP-2352).
      saveDiscoveryState: (state: unknown) => void Object.assign(kept, { state }),
      discoveryState: () => kept.state,
    } as unknown as v2.OAuthClientProvider
    const connect = async () => {
      const client = new v2.Client({ name: "real", version: "1" })
      const transport = new v2.StreamableHTTPClientTransport(endpoint(), { authProvider })
      const failure = await client.connect(transport).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      return { client, transport, failure }
    }
    const first = await connect()
    expect(first.failure).toBeInstanceOf(v2.UnauthorizedError)
    if (kept.url === undefined) throw new Error("it was not sent to log in")
    const { callback } = await logInWithBrowser(kept.url, "ada")
    // It checks `iss` against the metadata (RFC 9207).
    await first.transport.finishAuth(callback.searchParams)
    const { client, failure } = await connect()
    expect(failure).toBe(undefined)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("whoami")
    expect(JSON.stringify(await client.callTool({ name: "whoami", arguments: {} }))).toMatch(ADA)
    await client.close()
  })

  it("mcp-remote, as a program that speaks over standard input and output", async () => {
    const config = await mkdtemp(join(tmpdir(), "mcp-remote-"))
    const program = join(dirname(createRequire(import.meta.url).resolve("mcp-remote/package.json")), "dist/proxy.js")
    // No browser is opened: what would open one is not found.
    const env = { ...process.env, MCP_REMOTE_CONFIG_DIR: config, PATH: config, DISPLAY: "", HOME: config }
    const port = await freePort()
    const child = spawn(process.execPath, [program, endpoint().href, String(port), "--transport", "http-only"], { env })
    let told = ""
    let answers = ""
    const waits: (() => void)[] = []
    const wake = () => waits.splice(0).forEach((each) => void each())
    child.stderr.on("data", (chunk) => {
      told += chunk
      wake()
    })
    child.stdout.on("data", (chunk) => {
      answers += chunk
      wake()
    })
    const found = async (pattern: RegExp, where: () => string): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(where())
        if (match !== null) return match
        if (child.exitCode !== null) throw new Error(`mcp-remote ended:\n${told}`)
        await new Promise<void>((done) => waits.push(done))
      }
    }
    child.on("exit", wake)
    const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
    try {
      const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }
      say({ id: 0, method: "initialize", params })
      const [url = ""] = await found(/http:\/\/\S+\/oauth\/authorize\?\S+/, () => told)
      const { callback } = await logInWithBrowser(
        new URL(url),
        "ada",
        `http://127.0.0.1:${port}/`,
        `http://localhost:${port}/`,
      )
      await fetch(callback)
      await found(/"id":0/, () => answers)
      say({ method: "notifications/initialized" })
      say({ ...whoami, id: 1 })
      const [answer] = await found(/^.*"id":1\b.*$/m, () => answers)
      expect(answer).toMatch(ADA)
    } finally {
      child.kill()
      await rm(config, { recursive: true, force: true })
    }
  })

  it.each([
    ["oauth4webapi", false],
    ["oauth4webapi, with tokens that are bound to its key (DPoP)", true],
  ])("%s", async (_what, bound) => {
    const insecure = { [oauth.allowInsecureRequests]: true }
    const issuer = await serverOf()
    const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, found)
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        as,
        { client_name: "oauth4webapi", redirect_uris: [REDIRECT], token_endpoint_auth_method: "none" },
        insecure,
      ),
    )
    const DPoP = bound ? oauth.DPoP({}, await oauth.generateKeyPair("ES256")) : undefined
    const proving = { ...insecure, ...(DPoP && { DPoP }) }
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const authorize = new URL(as.authorization_endpoint ?? "")
    authorize.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: REDIRECT,
      response_type: "code",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      resource: endpoint().href,
      state,
    }).toString()
    const { callback } = await logInWithBrowser(authorize, "ada")
    // `state` and `iss`, which the metadata promises (RFC 9207).
    expect(as.authorization_response_iss_parameter_supported).toBe(true)
    const parameters = oauth.validateAuthResponse(as, client, callback, state)
    const answer = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), parameters, REDIRECT, verifier, {
      ...proving,
      additionalParameters: { resource: endpoint().href },
    })
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer)
    const send: Send = (headers, body) =>
      oauth.protectedResourceRequest(tokens.access_token, "POST", endpoint(), headers, body, proving)
    expect(tokens.token_type).toBe(bound ? "dpop" : "bearer")
    expect(await callTool(send)).toMatch(ADA)
    // Without the key it is worth nothing.
    const stolen = await fetch(endpoint(), {
      method: "POST",
      headers: { ...mcp, authorization: `Bearer ${tokens.access_token}` },
      body: JSON.stringify(whoami),
    })
    expect(stolen.status === 401).toBe(bound)
    // It registered for no refresh tokens, and is given none.
    expect(tokens.refresh_token).toBe(undefined)
  })

  it("openid-client, and refreshes, and gives its access back", async () => {
    const issuer = await serverOf()
    const config = await openid.dynamicClientRegistration(
      issuer,
      {
        client_name: "openid-client",
        redirect_uris: [REDIRECT],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
      },
      openid.None(),
      { execute: [openid.allowInsecureRequests] },
    )
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const resource = endpoint().href
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: "openid email",
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      state: expectedState,
      resource,
    })
    const { callback } = await logInWithBrowser(url, "ada")
    const tokens = await openid.authorizationCodeGrant(
      config,
      callback,
      { pkceCodeVerifier, expectedState, idTokenExpected: true },
      { resource },
    )
    expect(tokens.claims()?.["email"]).toMatch(/^ada@/)
    const sendWith =
      (token: string): Send =>
      (headers, body) =>
        openid.fetchProtectedResource(config, token, endpoint(), "POST", body, headers)
    expect(await callTool(sendWith(tokens.access_token))).toMatch(ADA)
    const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "", { resource })
    expect(await callTool(sendWith(again.access_token))).toMatch(ADA)
    await openid.tokenRevocation(config, again.refresh_token ?? "")
    await expect(callTool(sendWith(again.access_token))).rejects.toMatchObject({ status: 401 })
  })
})

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
