import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Plan } from "../../runtime/plan.ts"
import { type LoopbackAddresses, publicAddresses, rewrite } from "../../runtime/sandbox/rewrite.ts"
import { externalOidc, thv0050, thv0050Groups } from "./plans.ts"

/** Ports by order of appearance. */
const addressesFor = (plan: Plan): LoopbackAddresses => {
  let port = 10_000
  const place = (names: readonly string[]) => new Map(names.map((name) => [name, `http://127.0.0.1:${port++}`]))
  const { origins, issuers, providers } = publicAddresses(plan)
  return {
    origins: place(origins),
    issuers: place(issuers),
    providers: place(providers),
    upstreams: place(plan.flows.map(({ name }) => name)),
    sts: `http://127.0.0.1:${port}`,
    tokenEndpoints: new Map(),
  }
}

const rewritten = (plan: Plan): Plan => rewrite(plan, addressesFor(plan))

/** Every string of a value. */
const strings = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(strings)
      : []

describe("rewriting a plan to loopback", () => {
  it.each([thv0050, thv0050Groups, externalOidc])("leaves no public URL in $source", (plan) => {
    const urls = strings(rewritten(plan)).filter((text) => /^https?:\/\//.test(text))
    expect(urls.length).toBeGreaterThan(2)
    expect(urls.filter((url) => new URL(url).hostname !== "127.0.0.1")).toEqual([])
  })

  it("gives each public origin a port of its own and keeps paths", () => {
    const { servers, flows } = rewritten(thv0050Groups)
    expect(servers[0]?.issuer).toBe("http://127.0.0.1:10000")
    expect(servers[0]?.redirectUri).toBe("http://127.0.0.1:10000/oauth/callback")
    expect(flows[0].resource).toBe("http://127.0.0.1:10001/aws")
  })

  it("puts a server and a flow of one origin on one port", () => {
    const plan: Plan = {
      ...thv0050,
      flows: [{ ...thv0050.flows[0], resource: "https://auth.example.com/mcp" }],
    }
    const { servers, flows } = rewritten(plan)
    expect(new URL(flows[0].resource).origin).toBe(servers[0]?.issuer)
  })

  it("makes audiences that are the flow's URL follow it, and leaves other audiences alone", () => {
    const plan = rewritten(thv0050)
    expect(plan.flows[0].stages[0]).toMatchObject({ audience: plan.flows[0].resource })
    expect(plan.providers[0]?.accessToken.audience).toBe("sts.amazonaws.com")
  })

  it("sends each flow to an MCP server of its own, with path and query byte for byte", () => {
    const [flow] = thv0050.flows
    const forward = (url: string) => ({ kind: "forward" as const, url, timeout: 5 })
    const plan: Plan = {
      ...thv0050,
      flows: [
        { ...flow, stages: [...flow.stages.slice(0, -1), forward("https://up.example/a%2Fb/../c?x=%7e")] as never },
        { ...flow, name: "other", stages: [...flow.stages.slice(0, -1), forward("https://up.example")] as never },
      ],
    }
    const [first, second] = rewritten(plan).flows
    expect(first.stages.at(-1)).toMatchObject({ url: "http://127.0.0.1:10003/a%2Fb/../c?x=%7e" })
    expect(second?.stages.at(-1)).toMatchObject({ url: "http://127.0.0.1:10004" })
  })

  it("points every STS stage at the stand-in, whatever endpoint the file names", () => {
    const [flow] = thv0050.flows
    const stages = flow.stages.map((stage) =>
      stage.kind === "aws.sts" ? { ...stage, endpoint: "https://sts.example.com" } : stage,
    )
    const plan = rewritten({ ...thv0050, flows: [{ ...flow, stages: stages as never }] })
    expect(plan.flows[0].stages[1]).toMatchObject({ endpoint: "http://127.0.0.1:10004" })
  })

  it("makes rules on the issuer follow it, in words and in CEL", () => {
    const [flow] = thv0050.flows
    const decision = { role: "arn:aws:iam::123456789012:role/x" }
    const role = {
      rules: [
        { when: { op: "equals", claim: "iss", value: "https://idp.example.com" }, then: decision },
        { when: { op: "in", claim: "iss", values: ["https://idp.example.com", "other"] }, then: decision },
        {
          when: {
            op: "cel",
            expression: "claims.iss == 'https://idp.example.com' || claims.x == 'https://idp.example.com/y'",
          },
          then: decision,
        },
      ],
      otherwise: { deny: "no" },
    }
    const stages = flow.stages.map((stage) => (stage.kind === "aws.sts" ? { ...stage, role } : stage))
    const plan = rewritten({ ...thv0050, flows: [{ ...flow, stages: stages as never }] })
    const issuer = plan.providers[0]?.issuer
    expect(plan.flows[0].stages[1]).toMatchObject({
      role: {
        rules: [
          { when: { value: issuer } },
          { when: { values: [issuer, "other"] } },
          { when: { expression: `claims.iss == '${issuer}' || claims.x == 'https://idp.example.com/y'` } },
        ],
      },
    })
  })

  it("changes nothing but addresses: rewriting twice to the same place is rewriting once", () => {
    const hosts = fc.constantFrom("a.example", "b.example", "a.example:8443")
    const path = fc.constantFrom("", "/", "/x", "/x/", "/x%20y?z=1")
    fc.assert(
      fc.property(hosts, hosts, path, path, (serverHost, flowHost, serverPath, flowPath) => {
        const [server] = thv0050.servers
        const [flow] = thv0050.flows
        if (server === undefined) throw new Error("the plan has a server")
        const plan: Plan = {
          ...thv0050,
          servers: [{ ...server, issuer: `https://${serverHost}${serverPath}` }],
          flows: [{ ...flow, resource: `https://${flowHost}${flowPath}` }],
        }
        const once = rewritten(plan)
        const { origins, issuers, providers, upstreams, sts } = addressesFor(plan)
        const stay = (map: ReadonlyMap<string, string>) => new Map([...map.values()].map((to) => [to, to]))
        expect(
          rewrite(once, {
            origins: stay(origins),
            issuers: stay(issuers),
            providers,
            upstreams,
            tokenEndpoints: new Map(),
            sts,
          }),
        ).toEqual(once)
        expect(once.flows[0].resource.endsWith(flowPath)).toBe(true)
        expect(origins.size).toBe(
          new Set(["https://auth.example.com", `https://${serverHost}`, `https://${flowHost}`]).size,
        )
      }),
    )
  })
})
