/**
 * Every server scenario of the official MCP conformance suite, once against an MCP server and once through the proxy in front
 * of that server: what the suite finds has to be the same, check by check.
 */
import { request as ask, createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { sandbox } from "../../runtime/sandbox/index.ts"
import { logIn } from "../e2e/mcp-user.ts"
import { compileExample } from "../e2e/running.ts"
import { type EverythingServer, startEverythingServer } from "./everything-server.ts"
import { type Results, runSuite } from "./suite.ts"

const scope = Scope.makeUnsafe()
let upstream: EverythingServer
let client: Server
/** What the suite talks to: a client's side of the proxy, which adds the person's token and changes nothing else. */
let through: string

beforeAll(async () => {
  upstream = await startEverythingServer()
  const box = await Effect.runPromise(Scope.provide(sandbox(compileExample("thv-0050")), scope))
  const plan: Plan = {
    ...box.plan,
    flows: box.plan.flows.map((flow) => ({
      ...flow,
      stages: flow.stages.map((stage) => (stage.kind === "forward" ? { ...stage, url: upstream.url } : stage)),
    })) as unknown as Plan["flows"],
  }
  const serving = serve(plan, { listen: box.listen, drainSeconds: 1, env: {} }).pipe(Effect.provide(box.secrets))
  await Effect.runPromise(Scope.provide(serving, scope))
  const [{ resource }] = plan.flows
  const token = (await logIn(resource, "ada")).accessToken()
  client = createServer((request, response) => {
    // The proxy knows its flows by their public names, and pages by theirs; what is of another name stays as it is.
    const { host, origin } = request.headers
    const own = host?.startsWith("127.0.0.1:") === true
    const headers = {
      ...request.headers,
      authorization: `Bearer ${token}`,
      ...(own ? { host: new URL(resource).host } : {}),
      ...(own && origin === `http://${host}` ? { origin: new URL(resource).origin } : {}),
    }
    const passed = ask(resource, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      response.on("close", () => answer.destroy())
    })
    passed.on("error", () => response.destroy())
    request.pipe(passed)
  })
  await new Promise<void>((done) => client.listen(0, "127.0.0.1", done))
  through = `http://127.0.0.1:${(client.address() as AddressInfo).port}/mcp`
})
afterAll(async () => {
  client.closeAllConnections()
  await new Promise((done) => client.close(done))
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await upstream.stop()
})

/** `scenario check: STATUS`, without what differs from run to run. */
const told = (results: Results): readonly string[] =>
  [...results].flatMap(([scenario, checks]) => checks.map(({ id, status }) => `${scenario} ${id}: ${status}`)).sort()

const suite = async (revision: string) => {
  const args = ["server", "--suite", "all", "--spec-version", revision, "--url"]
  return { direct: told(await runSuite([...args, upstream.url])), proxied: told(await runSuite([...args, through])) }
}

describe("the server scenarios of the MCP conformance suite", () => {
  it("of revision 2025-11-25 all pass through the proxy, as without it", async () => {
    const { direct, proxied } = await suite("2025-11-25")
    expect(direct.filter((each) => /FAILURE|WARNING|SKIPPED/.test(each))).toEqual([])
    expect(direct.length).toBeGreaterThan(80)
    expect(proxied).toEqual(direct)
  }, 120_000)

  // The SDK that the server is made of speaks the older revisions: what it answers to the newest is as wrong with the proxy.
  it("of revision 2026-07-28 come to the same through the proxy as without it", async () => {
    const { direct, proxied } = await suite("2026-07-28")
    expect(direct.length).toBeGreaterThan(80)
    expect(proxied).toEqual(direct)
  }, 120_000)
})
