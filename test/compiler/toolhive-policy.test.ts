/** What ToolHive would ignore, drop or do otherwise of policies, limits, webhooks and containers: each is refused, where it is said. */
import { describe, expect, test } from "vitest"
import { analyze, codes, explain, registry, targets } from "../../compiler/index.ts"
import { parse } from "../../compiler/targets/toolhive/crd/index.ts"
import { CONTAINER, policed, policy, STDIO, TOOLS } from "./policy-source.ts"
import { change } from "./problems.ts"
import { behind, compileForToolHive, EMBEDDED, outside, SHOWN } from "./toolhive-source.ts"

/** `AF1331 the place`, of what the target refuses. */
const refused = (text: string): readonly string[] => {
  const { program, diagnostics } = analyze({ uri: "test.authflow", text })
  const found = program ? targets.toolhive.lower(program).diagnostics : diagnostics
  return found
    .filter(({ severity }) => severity === "error")
    .map(({ code, span }) => `${code} ${text.slice(span.start, span.end).split("\n")[0]}`)
}

const messages = (text: string): string => {
  const { program } = analyze({ uri: "test.authflow", text })
  return (program ? targets.toolhive.lower(program).diagnostics : []).map(({ message }) => message).join("\n")
}

interface Manifest {
  readonly kind: string
  readonly spec: Readonly<Record<string, unknown>>
}

const manifest = (text: string, kind: string): Manifest["spec"] | undefined => {
  const { artifacts, errors } = compileForToolHive(text)
  expect(errors).toEqual([])
  const documents = parse([{ path: "flow.yaml", text: artifacts[0]?.text ?? "" }]).documents
  return (documents as unknown as readonly Manifest[]).find((each) => each.kind === kind)?.spec
}

const STORE = '  deploy toolhive { session_storage = { redis: "redis.mcp.svc:6379" } }\n'
const LIMIT = "  limit tool_calls { per_user = { calls: 60, per: 1m } }\n"
const CEDAR = `  authorize cedar { policies = [${policy(TOOLS)}] }\n`
const PDP = '  authorize http { url = "https://policy.example.com", claims = standard }\n'
const HOOK = '  validate "https://hooks.example.com"\n'
const CHANGE = '  mutate "https://hooks.example.com"\n'
const EXCHANGE = SHOWN.token_exchange

describe("the kind that carries a flow with policies", () => {
  test("is a MCPRemoteProxy where it can be, with the policies in it", () => {
    const spec = manifest(outside(`${CEDAR}${EXCHANGE}`), "MCPRemoteProxy")
    expect(spec?.["authzConfig"]).toEqual({ type: "inline", inline: { policies: [TOOLS] } })
  })

  test("is a VirtualMCPServer for limits, which are in its configuration, beside how tools are put together", () => {
    const text = outside(`${STORE}${LIMIT}${CEDAR}${EXCHANGE}`)
    const spec = manifest(text, "VirtualMCPServer")
    expect(spec?.["config"]).toMatchObject({
      aggregation: { conflictResolution: "priority" },
      rateLimiting: { perUser: { maxTokens: 60, refillPeriod: "1m" } },
    })
    expect(spec?.["incomingAuth"]).toMatchObject({ type: "oidc", authzConfig: { inline: { policies: [TOOLS] } } })
    expect(compileForToolHive(text).artifacts[0]?.text).toContain("because a MCPRemoteProxy counts no calls")
  })

  test("is a VirtualMCPServer for policies on the second login, which it is told as primary", () => {
    const text = behind(
      `  authorize cedar { token = corp_two.access_token, policies = [${policy(TOOLS)}] }\n${EXCHANGE}`,
      ["corp", "corp_two"],
    )
    expect(manifest(text, "VirtualMCPServer")?.["authServerConfig"]).toMatchObject({
      primaryUpstreamProvider: "corp-two",
    })
  })

  test("is the one that the flow asks for, or the flow is refused", () => {
    const asked = (kind: string, text: string) =>
      change(text, "  deploy toolhive {\n", `  deploy toolhive {\n    kind = ${kind}\n`)
    expect(refused(asked("MCPServer", CONTAINER))).toEqual([])
    expect(refused(asked("MCPRemoteProxy", CONTAINER))).toEqual(["AF0835 MCPRemoteProxy"])
    const remote = outside(`  deploy toolhive { kind = MCPServer }\n${EXCHANGE}`)
    expect(refused(remote)).toEqual(["AF0835 MCPServer"])
    expect(messages(remote)).toContain("it runs a container, and the flow ends in `forward`")
  })
})

describe("what a kind has no place for", () => {
  test.each<[what: string, text: string, found: readonly string[]]>([
    ["webhooks of a MCPRemoteProxy", outside(`${HOOK}${EXCHANGE}`), ['AF1331 validate "https://hooks.example.com"']],
    [
      "webhooks of a VirtualMCPServer",
      outside(`${CHANGE}${SHOWN["inject.header"]}`),
      ['AF1331 mutate "https://hooks.example.com"'],
    ],
    ["a policy decision point of a VirtualMCPServer", outside(`${PDP}${SHOWN["inject.header"]}`), ["AF1331 http"]],
    [
      "limits beside what a MCPRemoteProxy alone can show",
      outside(`${STORE}${LIMIT}${SHOWN["inject.bearer"]}`),
      ["AF1331 tool_calls"],
    ],
    [
      "sets of words of a VirtualMCPServer, which drops them",
      policed(`  authorize cedar { policies = [${policy(TOOLS)}], scope_claims = ["scp"] }\n`),
      ['AF1331 ["scp"]'],
    ],
    ["limits without a store that all pods share", outside(`${LIMIT}${EXCHANGE}`), ["AF1333 tool_calls"]],
    [
      "headers of verbatim fields",
      outside(`  deploy toolhive { spec = { headerForward: {} } }\n${EXCHANGE}`),
      ["AF0831 {}"],
    ],
    [
      "policies of verbatim fields",
      outside(`  deploy toolhive { spec = { authzConfigRef: { name: "x" } } }\n${EXCHANGE}`),
      ['AF0831 { name: "x" }'],
    ],
    [
      "limits of verbatim fields",
      outside(`  deploy toolhive { spec = { config: { rateLimiting: {} } } }\n${SHOWN["inject.header"]}`),
      ["AF0831 {}"],
    ],
  ])("%s", (_, text, found) => {
    expect(refused(text)).toEqual(found)
  })
})

describe("the order in a proxy, which no field changes", () => {
  const all = (stages: readonly string[]) =>
    CONTAINER.replace(/ {2}limit[\s\S]*? {2}inject token/, () => `${stages.join("")}  inject token`).replace(
      /\n {4}(webhook|authz)_config[^\n]*/g,
      "",
    )
  const cedar = CEDAR.replace("{ ", "{ token = corp.access_token, ")
  test("is that of limits, changes, judgements, policies", () => {
    expect(refused(all([LIMIT, CHANGE, HOOK, cedar]))).toEqual([])
  })

  test.each<[earlier: string, later: string]>([
    [cedar, LIMIT],
    [cedar, CHANGE],
    [cedar, HOOK],
    [HOOK, CHANGE],
    [HOOK, LIMIT],
    [CHANGE, LIMIT],
  ])("%s%s would be the other way round", (earlier, later) => {
    const found = refused(all([earlier, later]))
    expect(found).toEqual([`AF1330 ${later.trim()}`])
  })

  test("has one place for limits and one for policies, and any for webhooks", () => {
    expect(refused(all([LIMIT, LIMIT]))).toEqual([`AF1338 ${LIMIT.trim()}`])
    expect(refused(all([cedar, PDP]))).toEqual([`AF1338 ${PDP.trim()}`])
    expect(refused(all([HOOK, HOOK, CHANGE.replace("mutate", "validate")]))).toEqual([])
  })
})

describe("whose claims policies see", () => {
  const seeing = (token: string, logins: readonly string[] = ["corp"]) =>
    behind(`  authorize cedar { ${token}policies = [${policy(TOOLS)}] }\n${EXCHANGE}`, logins)
  const readable = (text: string) =>
    change(
      text,
      '"offline_access"]\n',
      '"offline_access"]\n  access_token  = { format: jwt, audience: "sts.amazonaws.com" }\n',
    )

  test("are the login's where its access tokens can be read: the file has to say so", () => {
    expect(refused(readable(seeing("")))).toEqual(["AF1332 cedar"])
    expect(refused(readable(seeing("token = corp.access_token, ")))).toEqual([])
    expect(messages(readable(seeing("")))).toContain("claims of `corp.access_token`, not those of `gate.access_token`")
  })

  test("are those of the server's own token where nobody can read the login's", () => {
    expect(refused(seeing(""))).toEqual([])
  })

  test("are never an ID token's", () => {
    expect(refused(readable(seeing("token = corp.id_token, ")))).toEqual(["AF1332 corp.id_token"])
  })
})

describe("a container", () => {
  const shown = (stage: string) => change(CONTAINER, "  inject token { token = corp.access_token }\n", stage)
  test.each<[what: string, text: string, found: readonly string[]]>([
    [
      "a header, which headerInjection does not add",
      shown(SHOWN["inject.header"]),
      [`AF1334 ${SHOWN["inject.header"].trim()}`],
    ],
    [
      "a bearer token, which is for remote URLs",
      shown(SHOWN["inject.bearer"]),
      [`AF1334 ${SHOWN["inject.bearer"].trim()}`],
    ],
    ["an ID-JAG", shown(SHOWN.xaa), ["AF1334 exchange xaa {"]],
    [
      "a token over stdio",
      change(STDIO, "  inject none\n", "  inject token { token = corp.access_token }\n"),
      ["AF1334 inject token { token = corp.access_token }"],
    ],
    [
      "an exchange of another token",
      shown(SHOWN.token_exchange.replace("corp.access_token", "corp.id_token")),
      ["AF0850 corp.id_token"],
    ],
    [
      "two variables of one Secret",
      change(CONTAINER, 'LOG_LEVEL: "info"', 'OTHER: secret("orders", key: "other")'),
      ["AF1337 API_KEY"],
    ],
    [
      "several replicas of one that speaks stdio",
      change(STDIO, "  deploy toolhive {\n", "  deploy toolhive {\n    replicas = 2\n").replace(
        "  login ",
        '  storage = { redis: "r:1", password: secret("r", key: "p") }\n  login ',
      ),
      ["AF1335 2"],
    ],
    [
      "another path than that of stdio's proxy",
      change(STDIO, "orders.example.com/mcp", "orders.example.com/tools"),
      ['AF1336 "https://orders.example.com/tools"'],
    ],
    [
      "a way to speak MCP that is `run`'s to say",
      change(CONTAINER, "  deploy toolhive {\n", "  deploy toolhive {\n    transport = sse\n"),
      ["AF0834 sse"],
    ],
    [
      "names of objects that nothing makes",
      change(CONTAINER, /.*authorize cedar[\s\S]*?\n {2}\}\n/.exec(CONTAINER)?.[0] ?? "", ""),
      ['AF1339 "rules"'],
    ],
  ])("is refused %s", (_, text, found) => {
    expect(refused(text)).toEqual(found)
  })

  test("that is shown nothing is kept from the login's token, and from the caller's own there is no way", () => {
    const text = shown("  inject none\n")
    const { artifacts } = compileForToolHive(text)
    expect(artifacts[0]?.text).toContain("disableUpstreamTokenInjection: true")
    const own = policed("  inject none\n", '  run "x:1" { transport = sse, port = 80 }\n')
    expect(refused(own)).toEqual(["AF1334 inject none"])
    expect(messages(own)).toContain("the token that the caller brought would be passed on")
  })
})

test("on-behalf-of is refused but for the enterprise build, which is told the subject", () => {
  expect(refused(behind(SHOWN.obo))).toEqual(["AF0854 obo"])
  const text = behind(
    `  deploy toolhive { enterprise = true }\n${SHOWN.obo.replace("corp.", "corp_two.").replace('"exchanger"', '"sts.amazonaws.com"')}`,
    ["corp", "corp_two"],
  )
  expect(manifest(text, "VirtualMCPServer")).toBeDefined()
  expect(compileForToolHive(text).artifacts[0]?.text).toContain("subjectTokenProviderName: corp-two")
})

describe("`authflow run` is named as a way out", () => {
  const notes = (text: string): string => {
    const { program } = analyze({ uri: "test.authflow", text })
    return (program ? targets.toolhive.lower(program).diagnostics : []).flatMap((each) => each.notes).join("\n")
  }
  const WAY_OUT = "run this flow with `authflow run`"

  test("of a code only where its runtime takes the code's own example", () => {
    const told = codes.filter((code) => registry[code].remedy.includes(WAY_OUT))
    expect(told.length).toBeGreaterThan(15)
    for (const code of told) {
      const bad = explain(code)?.example?.bad ?? ""
      const { program } = analyze({ uri: "test.authflow", text: bad })
      const runs = program !== undefined && targets.plan.lower(program).artifacts.length > 0
      expect(runs, code).toBe(true)
      expect(notes(bad), code).toContain(WAY_OUT)
    }
  })

  test("of a file only where it refuses nothing else of it", () => {
    const text = EMBEDDED.replace("duration: 1h }", "duration: 1h, on_invalid: sanitize }").replace(
      "claims.sub",
      "claims.email",
    )
    expect(refused(text)).toContain("AF0808 sanitize")
    expect(notes(text)).toContain(WAY_OUT)
    const both = text.replace("  exchange", `${LIMIT}  exchange`)
    expect(refused(both)).toContain("AF0808 sanitize")
    expect(notes(both)).not.toContain(WAY_OUT)
  })
})

test("authflow's own runtime refuses all of it, by name", () => {
  const { program } = analyze({ uri: "test.authflow", text: CONTAINER })
  const found = program ? targets.plan.lower(program).diagnostics : []
  expect(
    found
      .map(({ code, message }) => `${code} ${message.match(/`([^`]+)`/)?.[1]}`)
      .filter((each) => !/storage|inject/.test(each)),
  ).toEqual(["limit tool_calls", "mutate", "validate", "authorize cedar", "run"].map((stage) => `AF0891 ${stage}`))
})
