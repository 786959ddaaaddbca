/**
 * The main job, whole: the official MCP client logs in and calls tools through the runtime, on each example, as each person.
 */
import { decodeJwt } from "jose"
import { describe, expect, it } from "vitest"
import type { SeenRequest } from "../../runtime/sandbox/seen-request.ts"
import { bareRequest, bearer, callTool, logIn, type User, withClient } from "./mcp-user.ts"
import { compileExample, running } from "./running.ts"

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`

const examples = [
  { name: "thv-0050", ownServer: true, refusal: "no AWS role for people outside example.com" },
  { name: "thv-0050-groups", ownServer: true, refusal: "no group of yours has a role here" },
  { name: "external-oidc", ownServer: false, refusal: "the role rules refuse this caller" },
]

describe.each(examples)("the example $name", ({ name, ownServer, refusal }) => {
  const now = running(compileExample(name))
  const flow = () => now().box.plan.flows[0]
  const users = new Map<string, Promise<User>>()
  /** Each person logs in once; the tests share the login. */
  const user = (person: string): Promise<User> => {
    const known = users.get(person) ?? logIn(flow().resource, person)
    users.set(person, known)
    return known
  }
  const since = (count: number): readonly SeenRequest[] => now().box.seen(flow().name).slice(count)
  const seenSoFar = () => now().box.seen(flow().name).length

  it("tells a client without a token where to log in", async () => {
    const response = await bareRequest(flow().resource)
    expect(response.status).toBe(401)
    const metadata = /resource_metadata="([^"]+)"/.exec(response.headers.get("www-authenticate") ?? "")?.[1] ?? ""
    expect(await (await fetch(metadata)).json()).toMatchObject({
      resource: flow().resource,
      authorization_servers: [now().box.plan.servers[0]?.issuer ?? now().box.plan.providers[0]?.issuer],
    })
    expect(seenSoFar()).toBe(0)
  })

  it.each([
    ["ada", "mcp-admin"],
    ["ravi", "mcp-reader"],
  ])("%s works as %s, with an answer that streams", async (person, wanted) => {
    const before = seenSoFar()
    await withClient(await user(person), async (client) => {
      expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(["whoami", "echo", "countdown"])
      expect(JSON.parse(await callTool(client, "whoami"))).toMatchObject({ role: role(wanted) })
      const text = "ünï🥊\n"
      expect(await callTool(client, "echo", { text })).toBe(text)

      const progress: number[] = []
      const countdown = { name: "countdown", arguments: { from: 4 } }
      await client.callTool(countdown, undefined, { onprogress: ({ progress: step }) => progress.push(step) })
      expect(progress).toEqual([1, 2, 3, 4])
    })
    const requests = since(before)
    expect(requests.length).toBeGreaterThan(4)
    expect(requests.map(({ outcome }) => outcome)).toEqual(
      requests.map(() => ({ accepted: true, role: role(wanted), sessionName: expect.any(String) })),
    )
  })

  it("nora is refused with 403 and the reason, and AWS and the MCP server hear nothing of it", async () => {
    const before = seenSoFar()
    const nora = await user("nora")
    const response = await bareRequest(flow().resource, bearer(nora.accessToken()))
    expect(response.status).toBe(403)
    expect(response.headers.get("content-type")).toBe("application/problem+json")
    expect(response.headers.get("www-authenticate")).toBeNull()
    expect(await response.json()).toMatchObject({
      type: "urn:authflow:problem:role-denied",
      status: 403,
      detail: refusal,
    })
    await expect(withClient(nora, (client) => client.listTools())).rejects.toMatchObject({ code: 403 })
    expect(since(before)).toEqual([])
  })

  it("a refreshed token works as the same role, and nobody logs in again", async () => {
    const ravi = await user("ravi")
    const before = ravi.accessToken()
    const refresh = ravi.keychain.saved?.refresh_token ?? ""
    // A token the proxy refuses: the client's own answer to the 401 is to refresh.
    if (ravi.keychain.saved !== undefined) ravi.keychain.saved = { ...ravi.keychain.saved, access_token: "spent" }
    ravi.keychain.wanted = undefined
    await withClient(ravi, async (client) => {
      expect(JSON.parse(await callTool(client, "whoami"))).toMatchObject({ role: role("mcp-reader") })
    })
    expect(ravi.keychain.wanted).toBeUndefined()
    expect([before, "spent"]).not.toContain(ravi.accessToken())
    expect(ravi.keychain.saved?.refresh_token).not.toBe(refresh)
  })

  it("no token of a client, and nothing of who forwarded it, has reached the MCP server", async () => {
    const people = await Promise.all([...users.values()])
    expect(people.length).toBe(3)
    const secrets = people.flatMap(({ keychain }) => [keychain.saved?.access_token, keychain.saved?.refresh_token])
    const requests = since(0)
    expect(requests.length).toBeGreaterThan(10)
    for (const request of requests) {
      const everything = JSON.stringify(request)
      for (const secret of secrets) expect(everything).not.toContain(secret)
      const names = request.headers.map(([header]) => header.toLowerCase())
      expect(names.filter((header) => /^(x-forwarded|forwarded$|via$|x-real-ip|cookie$)/.test(header))).toEqual([])
      const [authorization] = request.headers.filter(([header]) => header.toLowerCase() === "authorization")
      expect(authorization?.[1]).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIA/)
    }
  })

  it("the journal follows a request through the stages, and holds no secret", async () => {
    const people = await Promise.all([...users.values()])
    const { journal } = now()
    const asked = journal.find(({ stage }) => stage === "forward")?.request
    expect(
      journal.filter(({ request, flow }) => request === asked && flow === "aws_mcp").map(({ stage }) => stage),
    ).toEqual([expect.stringMatching(/^identify /), "exchange aws.sts", "sign aws.sigv4", "forward"])
    const everything = JSON.stringify(journal)
    for (const { keychain, callback } of people) {
      expect(everything).not.toContain(keychain.saved?.access_token)
      expect(everything).not.toContain(callback.searchParams.get("code"))
    }
  })

  if (!ownServer) return
  it("shows who is asking before it hands out anything, and says who it is (RFC 9207)", async () => {
    const ada = await user("ada")
    expect(ada.pages).toHaveLength(2)
    expect(ada.pages.some((page) => page.includes("e2e") && page.includes('value="deny"'))).toBe(true)
    expect(ada.callback.searchParams.get("iss")).toBe(now().box.plan.servers[0]?.issuer)
    const claims = decodeJwt(ada.accessToken())
    expect(claims).toMatchObject({ iss: now().box.plan.servers[0]?.issuer, aud: flow().resource })
    // The token is the MCP client's: nothing that AWS would take is in it.
    expect(claims.iss).not.toBe(now().box.plan.providers[0]?.issuer)
  })
})
