/** `delegates` and `trust`: the checks, the plan, ToolHive's resources, and the way back from those. */
import { describe, expect, test } from "vitest"
import { analyze, targets } from "../../compiler/index.ts"
import { compiled, documentsOf, imported, textOf } from "./import-source.ts"
import { analyzed, fixed, problems } from "./problems.ts"
import { compileForToolHive, EMBEDDED } from "./toolhive-source.ts"

const FLOW = /flow \w+ at "([^"]*)"/.exec(EMBEDDED)?.[1] ?? ""
const AGENT = `agent: { secret: secret("agent", key: "s"), scopes: ["mcp:use"], audiences: ["${FLOW}"] }`

/** One provider, and a server that says this. */
const saying = (fields: string): string =>
  EMBEDDED.replace(/provider corp_two[^}]*\}\n/, "").replace("  tokens ", () => `  ${fields}\n  tokens `)
const trusting = (issuer: string): string =>
  saying(`delegates = { ${AGENT} }\n  trust = { "https://login.example.net": { ${issuer} } }`)

const ALL = `jwks: "https://login.example.net/keys", private_network: true, audience: "api://gateway", delegates: ["agent"],
    actor_claim: "appid", actors: ["chat-ui"], actor_matches: "claims.tier == 'internal'", may_act: true,
    assertions: { max_age: 5m, audiences: ["https://auth.example.com"], subjects: { "job/1": ["${FLOW}"] } }`

const serverOf = (text: string) => {
  const { program } = analyze({ uri: "test.authflow", text })
  return program && targets.plan.lowerPlan(program).plan?.servers[0]
}

describe("what is said of delegation", () => {
  test("is in the plan, with ToolHive's defaults", () => {
    const server = serverOf(trusting(`${ALL}, id_jag: { clients: ["*"] }`))
    expect(server?.delegates).toEqual([
      { id: "agent", secret: { name: "agent", key: "s" }, scopes: ["mcp:use"], audiences: [FLOW] },
    ])
    expect(server?.tokens.delegated).toBe(900)
    expect(server?.trustedIssuers).toEqual([
      {
        issuer: "https://login.example.net",
        jwks: "https://login.example.net/keys",
        privateNetwork: true,
        delegation: {
          audience: "api://gateway",
          delegates: ["agent"],
          actorClaim: "appid",
          actors: ["chat-ui"],
          actorMatches: "claims.tier == 'internal'",
          mayAct: true,
        },
        assertions: {
          maxAge: 300,
          audiences: ["https://auth.example.com"],
          subjects: [{ subject: "job/1", resources: [FLOW] }],
        },
        idJag: { clients: ["*"], maxAge: 300 },
      },
    ])
    expect(serverOf(saying(""))).not.toHaveProperty("trustedIssuers")
  })

  test("is in ToolHive's resource, and the way back says the same", () => {
    const text = trusting(ALL)
    const { artifacts, errors } = compileForToolHive(text)
    expect(errors).toEqual([])
    const documents = documentsOf(artifacts[0]?.text ?? "")
    const server = documents.find(({ kind }) => kind === "MCPExternalAuthConfig")?.spec["embeddedAuthServer"]
    expect(server).toMatchObject({
      delegateClients: [
        { clientId: "agent", clientSecretRef: { name: "agent", key: "s" }, scopes: ["mcp:use"], audiences: [FLOW] },
      ],
      trustedIssuers: [
        {
          issuerUrl: "https://login.example.net",
          jwksUrl: "https://login.example.net/keys",
          allowPrivateIPs: true,
          expectedAudience: "api://gateway",
          allowedDelegateClients: ["agent"],
          actorClaim: "appid",
          allowedActors: ["chat-ui"],
          actorMatcher: "claims.tier == 'internal'",
          allowMayAct: true,
          jwtBearerGrant: {
            maxAssertionAge: "5m",
            acceptedAudiences: ["https://auth.example.com"],
            subjectBindings: [{ subject: "job/1", allowedResources: [FLOW] }],
          },
        },
      ],
    })
    const back = imported(textOf(documents)).artifacts[0]?.text ?? ""
    for (const said of ["delegates", "trust", '"https://login.example.net"', '"job/1"']) expect(back).toContain(said)
    const again = compiled(back)?.find(({ kind }) => kind === "MCPExternalAuthConfig")?.spec["embeddedAuthServer"]
    expect(again).toMatchObject(server as object)
  })
})

describe("a problem is told where it is", () => {
  test.each([
    ["all and some", 'audience: "a", delegates: ["*", "agent"], actors: ["x"]', ['AF1554 "*"']],
    ["any client by another's word", 'audience: "a", delegates: ["*"], may_act: true', ["AF1555 true"]],
    [
      "a claim that is of the person",
      'audience: "a", delegates: ["agent"], actors: ["x"], actor_claim: "email"',
      ['AF1556 "email"'],
    ],
    [
      "keys anywhere inside",
      'audience: "a", delegates: ["agent"], actors: ["x"], private_network: true',
      ["AF1557 true"],
    ],
    ["no audience", 'delegates: ["agent"], actors: ["x"]', ['AF1559 ["agent"]']],
    ["no delegates", 'audience: "a", actors: ["x"]', ['AF1559 "a"']],
    ["nobody whose tokens are taken", 'audience: "a", delegates: ["agent"]', ['AF1567 "a"']],
    ["a client that is not there", 'audience: "a", delegates: ["agnet"], actors: ["x"]', ['AF1560 "agnet"']],
    ["a client that is not there, of ID-JAGs", 'id_jag: { clients: ["nobody"] }', ['AF1560 "nobody"']],
    ["CEL that does not compile", 'audience: "a", delegates: ["agent"], actor_matches: "claims.x =="', ["AF0606 "]],
    ["CEL that is no boolean", 'audience: "a", delegates: ["agent"], actor_matches: "1 + 1"', ["AF0607 1 + 1"]],
    [
      "an assertion's audience that is the flow",
      `assertions: { max_age: 5m, audiences: ["${FLOW}"], subjects: { a: ["${FLOW}"] } }`,
      [`AF1566 "${FLOW}"`],
    ],
    [
      "a subject that is a pattern",
      `assertions: { max_age: 5m, subjects: { "job-*": ["${FLOW}"] } }`,
      ['AF0312 "job-*"'],
    ],
    [
      "a flow that is not there",
      'assertions: { max_age: 5m, subjects: { a: ["https://other.example.com/"] } }',
      ['AF1561 "https://other.example.com/"'],
    ],
  ])("%s", (_what, issuer, expected) => {
    const found = problems(trusting(issuer))
    expect(found.map((each, at) => each.slice(0, expected[at]?.length))).toEqual(expected)
  })

  test("an issuer by http, or that is trusted for nothing", () => {
    expect(problems(saying('trust = { "http://login.example.net": { audience: "a" } }'))[0]).toMatch(/^AF0702/)
    expect(problems(trusting(""))).toEqual(['AF1558 "https://login.example.net"'])
  })

  test("a client that is known, too; a misspelled one is put right", () => {
    const twice = saying(
      `clients = { known: { agent: { redirect_uris: ["https://a.example/cb"] } } }\n  delegates = { ${AGENT} }`,
    )
    expect(problems(twice).map((each) => each.slice(0, 6))).toEqual(["AF1553"])
    const misspelled = trusting('audience: "a", delegates: ["agnet"], actors: ["x"]')
    const [problem] = analyzed(misspelled).diagnostics
    expect(problem && problems(fixed(misspelled, problem))).toEqual([])
  })

  test("ToolHive: another lifetime, identity assertions, too many of them", () => {
    const delegates = (count: number) =>
      Array.from({ length: count }, (_, at) => AGENT.replace("agent:", () => `a${at}:`)).join(", ")
    expect(compileForToolHive(saying(`delegates = { ${delegates(10)} }`)).errors).toEqual([])
    expect(compileForToolHive(saying(`delegates = { ${delegates(11)} }`)).errors).toEqual(["AF1564"])
    expect(compileForToolHive(trusting('id_jag: { clients: ["agent"] }')).errors).toEqual(["AF1563"])
    const lifetime = saying(`delegates = { ${AGENT} }`).replace("code: 5m", "code: 5m, delegated: 1h")
    expect(compileForToolHive(lifetime).errors).toEqual(["AF1562"])
  })
})
