import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ScopeInsufficient, TokenInvalid } from "../../runtime/failure.ts"
import { challenge } from "../../runtime/resource-server/challenge.ts"
import {
  metadataPath,
  metadataUrl,
  type ResourceMetadata,
  respondMetadata,
} from "../../runtime/resource-server/metadata.ts"
import { close } from "./identity-provider.ts"

describe("protected resource metadata (RFC 9728)", () => {
  const metadata: ResourceMetadata = {
    resource: "https://mcp.example.com/aws",
    authorizationServers: ["https://auth.example.com"],
    scopes: ["mcp:use", "offline_access"],
    name: "aws_mcp",
  }
  let server: Server
  let url: string
  beforeAll(async () => {
    server = createServer((request, response) => respondMetadata(request.method, response, metadata))
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => close(server))

  it.each([
    ["https://mcp.example.com", "/.well-known/oauth-protected-resource"],
    ["https://mcp.example.com/", "/.well-known/oauth-protected-resource"],
    ["https://mcp.example.com/aws", "/.well-known/oauth-protected-resource/aws"],
    ["https://mcp.example.com/a/b/", "/.well-known/oauth-protected-resource/a/b"],
  ])("of %s is at %s", (resource, path) => {
    expect(metadataPath(resource)).toBe(path)
    expect(metadataUrl(resource)).toBe(`https://mcp.example.com${path}`)
  })

  it("says which servers issue tokens, which scopes there are, and that tokens go into the header", async () => {
    const response = await fetch(url)
    expect(response.headers.get("access-control-allow-origin")).toBe("*")
    expect(await response.json()).toEqual({
      resource: "https://mcp.example.com/aws",
      authorization_servers: ["https://auth.example.com"],
      scopes_supported: ["mcp:use"],
      bearer_methods_supported: ["header"],
      resource_name: "aws_mcp",
    })
  })

  it("answers preflights and HEAD, and has no other method", async () => {
    const preflight = await fetch(url, { method: "OPTIONS" })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-headers")).toContain("mcp-protocol-version")
    const head = await fetch(url, { method: "HEAD" })
    expect([head.status, await head.text()]).toEqual([200, ""])
    expect((await fetch(url, { method: "POST" })).status).toBe(405)
  })
})

describe("challenges (RFC 6750)", () => {
  const flow = { resource: "https://mcp.example.com/aws", scopes: ["mcp:use"] }

  it("ask for all scopes a step-up needs", () => {
    const failure = new ScopeInsufficient({ detail: "the token lacks the scope b", required: ["a", "b"] })
    expect(challenge(failure, flow)).toContain('scope="a b", error="insufficient_scope"')
  })

  it("hold only the characters that RFC 6750 section 3 allows, whatever the detail is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (detail) => {
        const value = challenge(new TokenInvalid({ detail }), flow) ?? ""
        expect(value).toMatch(/^Bearer (\w+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(, |$))+$/)
      }),
    )
  })
})
