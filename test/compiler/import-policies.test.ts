/** Bringing in what manifests say of policies, limits, webhooks, telemetry and containers. */
import { describe, expect, test } from "vitest"
import { compiled, documentsOf, imported, said } from "./import-source.ts"
import { ASKING, CONTAINER, ELSEWHERE, REFERRED, STDIO } from "./policy-source.ts"
import { compileForToolHive, EMBEDDED } from "./toolhive-source.ts"

const manifestsOf = (source: string): string => {
  const { artifacts, errors } = compileForToolHive(source)
  expect(errors).toEqual([])
  return artifacts.map(({ text }) => text).join("")
}

/** What is said of the import beside what the result takes for granted. */
const losses = (text: string) =>
  imported(text)
    .diagnostics.map(said)
    .filter((each) => !/^AF10(12|14|16|17|22)/.test(each))

describe("what the target wrote is read back, with nothing lost", () => {
  test.each([
    ["a container with everything", CONTAINER],
    ["a container that speaks stdio", STDIO],
    ["a policy decision point, and headers", ASKING],
    ["policies in a ConfigMap", ELSEWHERE],
    ["policies in an object that is kept elsewhere", REFERRED],
    [
      "limits of a remote server",
      ASKING.replace(
        / {2}authorize http[\s\S]*?\n {2}\}\n/,
        '  limit tool_calls { shared = { calls: 5, per: 1m } }\n  deploy toolhive { session_storage = { redis: "r:1" } }\n',
      ),
    ],
  ])("%s", (_, source) => {
    const manifests = manifestsOf(source)
    expect(losses(manifests)).toEqual([])
    const [artifact] = imported(manifests).artifacts
    expect(compiled(artifact?.text ?? ""), artifact?.text).toEqual(documentsOf(manifests))
  })
})

describe("a server's storage, clients and addresses are read back", () => {
  const storing = (where: string) =>
    EMBEDDED.replace(
      "  tokens ",
      () => `  clients   = { registration: dynamic, metadata_documents: on, metadata_cache: { size: 64, lifetime: 1m }, confidential: on, confidential_redirects: ["https://app.example.com/callback"] }
  authorization_base = "https://login.example.org"
  storage   = {
    ${where}
    username: secret("redis", key: "username")
    password: secret("redis", key: "password")
    tls:      { ca: secret("redis-ca", key: "ca.crt"), verify: true }
    timeouts: { dial: 6s, read: 4s }
  }
  tokens `,
    )
  test.each([
    ["one server", 'redis: "redis.mcp.svc:6379"'],
    ["a cluster", 'redis: "redis.mcp.svc:6379"\n    cluster: true'],
    [
      "sentinels of a Service",
      'sentinel: { master: "mymaster", service: { name: "sentinel", namespace: "redis", port: 26380 }, db: 3 }\n    sentinel_tls: { verify: false }',
    ],
    ["sentinels by their addresses", 'sentinel: { master: "mymaster", addresses: ["s-0:26379", "s-1:26379"] }'],
  ])("%s", (_, where) => {
    const manifests = manifestsOf(storing(where))
    expect(losses(manifests)).toEqual([])
    const [artifact] = imported(manifests).artifacts
    expect(compiled(artifact?.text ?? ""), artifact?.text).toEqual(documentsOf(manifests))
  })
})

const SERVER = `apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPOIDCConfig
metadata: { name: corp }
spec: { type: inline, inline: { issuer: "https://idp.example.com" } }
---
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPServer
metadata: { name: fetch }
spec:
  image: ghcr.io/example/fetch:1
  transport: streamable-http
  mcpPort: 8080
  oidcConfigRef: { name: corp, audience: "https://fetch.example.com/mcp", resourceUrl: "https://fetch.example.com/mcp" }
`

describe("a MCPServer", () => {
  test("becomes a flow that ends in its container", () => {
    const { artifacts, diagnostics } = imported(SERVER)
    expect(artifacts[0]?.text).toContain('run "ghcr.io/example/fetch:1" { transport = streamable_http, port = 8080 }')
    // Nothing is shown to the container but what the proxy passes on by itself, and that is said.
    expect(artifacts[0]?.text).toContain("inject token { token = corp.access_token, passthrough = allowed }")
    expect(diagnostics.map(({ code }) => code)).toEqual(expect.not.arrayContaining(["AF1010", "AF1011"]))
  })

  test("whose policies ask for what no request has is told so, at the policy", () => {
    const text = `${SERVER}  authzConfig:\n    type: inline\n    inline:\n      policies:\n        - 'permit(principal, action == Action::"tools/call", resource);'\n`
    const told = imported(text).diagnostics.filter(({ code }) => code === "AF1018")
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining("AF1303")])
    expect(told[0]?.message).toContain("did you mean `call_tool`")
    expect(text.slice(told[0]?.span.start, told[0]?.span.end)).toContain("tools/call")
  })

  test("whose limits have no store is told so", () => {
    const text = `${SERVER}  rateLimiting: { shared: { maxTokens: 5, refillPeriod: 1m } }\n`
    expect(imported(text).diagnostics.map(said).join("\n")).toContain("AF1333")
  })

  test.each([
    ["headerInjection", "headerName: X-Key\n    valueSecretRef: { name: a, key: b }", "AF1334"],
    ["bearerToken", "tokenSecretRef: { name: a, key: b }", "AF1334"],
  ])("with %s is told that it has no effect", (type, block, code) => {
    const text = `${SERVER}  externalAuthConfigRef: { name: out }\n---\napiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPExternalAuthConfig\nmetadata: { name: out }\nspec:\n  type: ${type}\n  ${type}:\n    ${block}\n`
    expect(imported(text).diagnostics.map(said).join("\n")).toContain(code)
  })

  test("keeps its variables, and what authflow has no word for as it stands", () => {
    const text = `${SERVER}  env:\n    - { name: A, value: b }\n  podTemplateSpec: { spec: { nodeSelector: { disk: ssd } } }\n`
    const { artifacts } = imported(text)
    expect(losses(text)).toEqual([])
    expect(artifacts[0]?.text).toContain('env = { A: "b" }')
    expect(artifacts[0]?.text).toContain('podTemplateSpec: { spec: { nodeSelector: { disk: "ssd" } } }')
  })
})
