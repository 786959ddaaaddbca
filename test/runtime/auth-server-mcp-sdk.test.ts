/** The official MCP SDK's own OAuth client against the server: discovery, registration, code, refresh. */

import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { type AuthResult, auth, type OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js"
import type { OAuthClientInformationFull, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js"
import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { metadataPath, respondMetadata } from "../../runtime/resource-server/metadata.ts"
import { REDIRECT, type Rig, start } from "./authorization.ts"
import { Browser } from "./browser.ts"
import { close } from "./identity-provider.ts"

describe("the MCP SDK's client", () => {
  let rig: Rig
  let front: Server
  let resource: string
  beforeAll(async () => {
    front = createServer()
    await new Promise<void>((done) => front.listen(0, "127.0.0.1", done))
    resource = `http://127.0.0.1:${(front.address() as AddressInfo).port}/mcp`
    rig = await start({ flows: [{ name: "mcp", resource, scopes: ["mcp:use"] }] })
    front.on("request", (request, response) => {
      if (request.url !== metadataPath(resource)) return response.writeHead(404).end()
      return respondMetadata(request.method, response, {
        resource,
        authorizationServers: [rig.issuer],
        scopes: ["mcp:use"],
        name: "mcp",
      })
    })
  })
  afterAll(async () => {
    await Promise.all([rig.stop(), close(front)])
  })

  it("finds the server, registers, logs in and refreshes", async () => {
    const kept: { client?: OAuthClientInformationFull; tokens?: OAuthTokens; verifier?: string; url?: URL } = {}
    const provider: OAuthClientProvider = {
      redirectUrl: REDIRECT,
      clientMetadata: {
        client_name: "SDK client",
        redirect_uris: [REDIRECT],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
      state: () => "sdk-state",
      clientInformation: () => kept.client,
      saveClientInformation: (client) => {
        kept.client = client as OAuthClientInformationFull
      },
      tokens: () => kept.tokens,
      saveTokens: (tokens) => {
        kept.tokens = tokens
      },
      redirectToAuthorization: (url) => {
        kept.url = url
      },
      saveCodeVerifier: (verifier) => {
        kept.verifier = verifier
      },
      codeVerifier: () => kept.verifier ?? "",
    }
    expect(await auth(provider, { serverUrl: resource })).toBe("REDIRECT" satisfies AuthResult)
    expect(kept.url?.searchParams.get("scope")).toContain("mcp:use")
    const browser = new Browser()
    const login = await browser.open(kept.url?.href ?? "", REDIRECT)
    const consent = await browser.submit(login, { person: "ada" }, REDIRECT)
    const back = await browser.submit(consent, { decision: "allow" }, REDIRECT)
    const authorizationCode = new URL(back.url).searchParams.get("code") ?? ""
    expect(await auth(provider, { serverUrl: resource, authorizationCode })).toBe("AUTHORIZED" satisfies AuthResult)
    const first = kept.tokens
    expect(decodeJwt(first?.access_token ?? "")).toMatchObject({ aud: resource, email: "ada@example.com" })
    // With tokens at hand it refreshes.
    expect(await auth(provider, { serverUrl: resource })).toBe("AUTHORIZED" satisfies AuthResult)
    expect(kept.tokens?.refresh_token).not.toBe(first?.refresh_token)
  })
})
