/** Who may call what and how often, as far as the language itself has something to say of it. */
import { describe, expect, test } from "vitest"
import { cedar, policed, policy, TOOLS } from "./policy-source.ts"
import { analyzed, fixed, problems } from "./problems.ts"

/** A policy of the stage, with more fields beside it. */
const deciding = (text: string, more = ""): string =>
  policed(`  authorize cedar {\n    policies = [${policy(text)}]\n${more}  }\n`)

const when = (condition: string): string => `permit(principal, action, resource) when { ${condition} };`

describe("a Cedar policy", () => {
  test.each([
    TOOLS,
    'permit(principal in THVGroup::"admins", action in [Action::"call_tool", Action::"list_tools"], resource in MCP::"orders");',
    '@id("one")\npermit(principal is Client, action, resource is Tool) unless { resource.destructiveHint };',
    when('principal has claim_tier && principal.claim_tier == "gold" && context.arg_city like "B*"'),
    when('principal.claim_sub == "ada" || principal.claim_iss == "https://idp.example.com"'),
    when(
      'if resource.name == "x" then ["a", "b"].contains(context.arg_x) else ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))',
    ),
    when('decimal("1.23").lessThan(decimal("2.0")) && -1 + 2 * 3 >= 4 && !(false) && {a: 1, "b c": 2} has a'),
    when('principal has claim_groups && principal["claim_groups"].containsAny(["a"])'),
  ])("%s is right", (text) => {
    expect(problems(deciding(text))).toEqual([])
  })

  test.each<[text: string, at: string]>([
    ["permit(principal, action);", ")"],
    ["permit(principal, action, resource)", '"'],
    ["allow(principal, action, resource);", "allow"],
    [when("foo(1)"), "("],
    [when('"a'), '\\"'],
    [when("principal.claim_sub.startsWith(1)"), "startsWith"],
    [when("a = b"), "="],
    ["permit(principal == ?principal, action, resource);", "?"],
    [when("!!!!!true"), "true"],
    [when("99999999999999999999"), "99999999999999999999"],
  ])("%s is none, and the place is within it", (text, at) => {
    const found = problems(deciding(text))
    expect(found.map((each) => each.slice(0, 6))).toEqual(["AF1301"])
    expect(found[0]?.slice(7)).toContain(at)
  })

  test("is one a string", () => {
    expect(problems(deciding(TOOLS + TOOLS))).toEqual([`AF1302 ${policy(TOOLS + TOOLS)}`])
    expect(problems(deciding("// nothing"))).toEqual(['AF1302 "// nothing"'])
  })

  test("has to permit something", () => {
    const forbid = TOOLS.replace("permit", "forbid")
    expect(problems(cedar(forbid))).toEqual([`AF1304 [${policy(forbid)}]`])
    expect(problems(cedar(forbid, TOOLS))).toEqual([])
  })
})

describe("what a policy asks for is something that a request can be", () => {
  test.each<[text: string, at: string, meant: string | undefined]>([
    ['permit(principal, action == Action::"tools/call", resource);', 'Action::\\"tools/call\\"', "call_tool"],
    [when('action == Action::"calltool"'), 'Action::\\"calltool\\"', "call_tool"],
    ['permit(principal == User::"ada", action, resource);', 'User::\\"ada\\"', "Client"],
    ['permit(principal in Group::"admins", action, resource);', 'Group::\\"admins\\"', "THVGroup"],
    ['permit(principal, action, resource == Tols::"x");', 'Tols::\\"x\\"', "Tool"],
    [when('principal.email == "a"'), "email", undefined],
    [when('principal.groups.contains("a")'), "groups", "claim_groups"],
    [when('context.city == "Bern"'), "city", undefined],
    [when('principal has claimset_scp && principal.claimset_scp.contains("a")'), "claimset_scp", undefined],
  ])("%s", (text, at, meant) => {
    const source = deciding(text)
    const [first] = analyzed(source).diagnostics
    expect(first?.code).toBe("AF1303")
    expect(source.slice(first?.span.start, first?.span.end)).toBe(at)
    if (meant === undefined) return expect(first?.fix).toBeUndefined()
    expect(first?.message).toContain(`did you mean \`${meant}\``)
    const after = first && fixed(source, first)
    expect(after).toContain(meant)
    expect(problems(after ?? "").filter((each) => each.startsWith("AF1303"))).toEqual([])
  })

  test("entities that the file lists are known, and groups by the type that is said", () => {
    const entities = '    entities = [{ uid: { type: "Role", id: "a" }, attrs: {}, parents: [] }]\n'
    expect(problems(deciding('permit(principal in Role::"a", action, resource);', entities))).toEqual([])
    const team = 'permit(principal in Team::"a", action, resource);'
    expect(problems(deciding(team, '    group_type = "Team"\n'))).toEqual([])
    expect(problems(deciding(team))).toEqual(['AF1303 Team::\\"a\\"'])
    expect(problems(deciding(TOOLS, '    entities = [{ id: "a" }]\n'))).toEqual(['AF1309 { id: "a" }'])
    expect(problems(deciding(TOOLS, '    group_type = "in"\n'))).toEqual(['AF0312 "in"'])
  })
})

describe("claims that policies read", () => {
  test("have to be in the token", () => {
    expect(problems(deciding(when('principal has claim_depart && principal.claim_depart == "x"')))).toEqual([
      "AF0507 depart",
    ])
    expect(problems(deciding(when('context.claim_depart == "x"')))).toEqual(["AF0507 depart"])
    expect(problems(deciding(TOOLS, '    groups = "crews"\n'))).toEqual(['AF0507 "crews"'])
    expect(problems(deciding(TOOLS, '    groups = "tier"\n'))).toEqual(['AF1307 "tier"'])
    expect(problems(deciding(TOOLS, '    scope_claims = ["words"]\n'))).toEqual(['AF0507 "words"'])
  })

  test("that a token may lack are asked for first", () => {
    const found = problems(deciding(when('principal.claim_tier == "gold" || principal.claim_tier == "silver"')))
    expect(found).toEqual(["AF1305 claim_tier"])
    const other = when('context has claim_tier && principal.claim_tier == "gold"')
    expect(problems(deciding(other))).toEqual([])
  })

  test("cannot come from a token that nobody can read", () => {
    const opaque = deciding(TOOLS, "    token = corp.access_token\n").replace(/ {2}access_token {2}= .*\n/, "")
    expect(problems(opaque).filter((each) => each.startsWith("AF1308"))).toEqual([])
    const gate = opaque
      .replace(
        "flow orders",
        () =>
          'server gate = auth_server {\n  issuer = "https://auth.example.com"\n  login = [corp]\n  keys = [secret("k", key: "k")]\n}\nflow orders',
      )
      .replace('identify corp { audience = "orders-gateway" }', "identify gate")
    expect(problems(gate)).toEqual(["AF1308 corp.access_token"])
  })

  test("and groups from a claim that lists them", () => {
    const source = deciding('permit(principal in THVGroup::"a", action, resource);')
    expect(problems(source)).toEqual([])
    expect(problems(source.replace("groups: strings, ", ""))).toEqual(['AF1306 THVGroup::\\"a\\"'])
    const named = deciding('permit(principal in THVGroup::"a", action, resource);', '    groups = "teams"\n')
    expect(problems(named.replace("groups: strings, ", ""))).toEqual([])
  })
})

describe("limits", () => {
  test.each<[fields: string, found: readonly string[]]>([
    ["{ shared = { calls: 10, per: 1m } }", []],
    ["", ["AF1311 tool_calls"]],
    ["{ tools = { search: {} } }", ["AF1311 search"]],
    ["{ shared = { calls: 0, per: 1m } }", ["AF0305 0"]],
    ["{ shared = { calls: 10, per: 500ms } }", ["AF0305 500ms"]],
    ["{ shared = { calls: 10, per: 2d } }", ["AF0305 2d"]],
    ["{ shared = { calls: 10 } }", ["AF0302 { calls: 10 }"]],
    ["{ shared = { calls: 3000000000, per: 1m } }", ["AF0305 3000000000"]],
  ])("limit tool_calls %s", (fields, found) => {
    expect(problems(policed(`  limit tool_calls ${fields}\n`))).toEqual(found)
  })
})

describe("webhooks", () => {
  const hook = (fields: string, url = "https://hooks.example.com") => policed(`  validate "${url}" { ${fields} }\n`)
  test.each<[what: string, source: string, found: readonly string[]]>([
    ["all there is", hook('timeout = 1s, on_failure = pass, hmac = secret("a", key: "b")'), []],
    ["no time at all", hook("timeout = 0s"), ["AF0305 0s"]],
    ["more than 30 seconds", hook("timeout = 31s"), ["AF0305 31s"]],
    ["plain http", hook("timeout = 1s", "http://hooks.example.com"), ['AF0702 "http://hooks.example.com"']],
    ["a name that is too long", hook(`name = "${"x".repeat(64)}"`), [`AF0312 "${"x".repeat(64)}"`]],
    ["a policy of its own", hook("on_failure = fail"), ["AF0306 fail"]],
    ["a key in the open", hook('hmac = "x"'), ['AF0307 "x"']],
    [
      "a certificate without its key",
      hook('tls = { client_cert: secret("a", key: "b") }'),
      ['AF1312 secret("a", key: "b")'],
    ],
    [
      "a key without its certificate",
      hook('tls = { client_key: secret("a", key: "b") }'),
      ['AF1312 secret("a", key: "b")'],
    ],
    ["nobody verified", hook("tls = { verify: off }"), ["AF1310 off"]],
  ])("%s", (_, source, found) => {
    expect(problems(source)).toEqual(found)
  })
})

describe("what decides", () => {
  test.each<[stage: string, at: string]>([
    ["  limit tool_calls { shared = { calls: 1, per: 1m } }\n", "limit tool_calls"],
    ['  mutate "https://hooks.example.com"\n', "mutate"],
    ['  validate "https://hooks.example.com"\n', "validate"],
    ['  authorize http { url = "https://policy.example.com", claims = mpe }\n', "authorize http"],
  ])("stands before what the upstream is shown: %s", (stage, at) => {
    const late = policed(`  inject none\n${stage}`, '  forward "https://orders.example.net/mcp"\n')
    expect(problems(late)).toEqual([`AF1314 ${at}`])
  })

  test("is asked after somebody was identified", () => {
    const early = policed("").replace("  identify", "  limit tool_calls { shared = { calls: 1, per: 1m } }\n  identify")
    expect(problems(early)).toEqual(["AF0402 limit tool_calls", "AF0405 identify corp"])
  })

  test("is not known without the engine", () => {
    const source = `${policed('  validate "https://hooks.example.com"\n')}\ntest "who" {\n  given claims { sub: "a" }\n  expect orders.decision == allow\n}\n`
    expect(problems(source)).toEqual(["AF1109 orders.decision"])
  })
})

describe("headers that are sent along", () => {
  const sending = (
    headers: string,
    shown = '  inject header { name = "X-Api-Key", value = secret("o", key: "k") }\n',
  ) => policed(shown, `  forward "https://orders.example.net/mcp" { headers = ${headers} }\n`)
  const bearer = '  inject bearer { token = secret("o", key: "k") }\n'
  test.each<[what: string, source: string, found: readonly string[]]>([
    ["text and secrets", sending('{ "X-Tenant": "a", X: secret("a", key: "b") }'), []],
    ["the same twice", sending('{ "X-T": "a", "X-T": "b" }'), ['AF0303 "X-T"']],
    ["the same in other letters", sending('{ "X-T": "a", "x-t": secret("a", key: "b") }'), ['AF1313 "x-t"']],
    ["the credential's own", sending('{ "x-api-key": "a" }'), ['AF1316 "x-api-key"']],
    ["over the token", sending('{ Authorization: secret("a", key: "b") }', bearer), ["AF1316 Authorization"]],
    ["a credential in the open", sending('{ Cookie: "a" }'), ["AF0307 Cookie"]],
    ["where it goes", sending('{ Host: "a" }'), ["AF1201 Host"]],
    ["no name", sending('{ "X T": "a" }'), ['AF0312 "X T"']],
    ["a number", sending("{ X: 1 }"), ["AF0304 1"]],
  ])("%s", (_, source, found) => {
    expect(problems(source)).toEqual(found)
  })

  test.each(["Authorization", "X-Amz-Date", "x-amz-security-token"])("%s would destroy a signature", (header) => {
    const sts = `  exchange aws.sts {
    subject = corp.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/one"
    session = { name: claims.sub, on_invalid: reject }
  }
  sign aws.sigv4 { service = "aws-mcp" }
`
    const found = problems(sending(`{ "${header}": secret("a", key: "b") }`, sts))
    expect(found).toEqual([`AF1315 "${header}"`])
  })
})

describe("a container", () => {
  const running = (end: string, shown = "  inject none\n") => policed(shown, `  run ${end}\n`)
  test.each<[what: string, source: string, found: readonly string[]]>([
    ["with nothing said", running('"ghcr.io/example/x:1"'), []],
    ["by its digest", running(`"ghcr.io/example/x@sha256:${"a".repeat(64)}"`), []],
    ["that is no image", running('"https://ghcr.io/x"'), ['AF0312 "https://ghcr.io/x"']],
    ["with a port that it does not listen on", running('"x:1" { port = 80 }'), ["AF0313 80"]],
    ["with clients of its own", running('"x:1" { transport = sse, clients = sse }'), ["AF0313 sse"]],
    ["with a variable that is none", running('"x:1" { env = { "a-b": "c" } }'), ['AF0312 "a-b"']],
    ["with a credential for nobody", running('"x:1"', ""), ["AF0406 run"]],
  ])("%s", (_, source, found) => {
    expect(problems(source)).toEqual(found)
  })
})

describe("telemetry", () => {
  const telling = (words: string) => `${policed("")}\ndeploy toolhive { telemetry = ${words} }\n`
  const otlp = (words: string) => telling(`{ otlp: { endpoint: "otel:4318", ${words} } }`)
  test.each<[what: string, source: string, found: readonly string[]]>([
    ["one that is kept elsewhere", telling('{ name: "otel" }'), []],
    ["nothing", telling('{ service: "x" }'), ['AF1317 { service: "x" }']],
    ["nothing to send", otlp("traces: off"), ['AF1318 "otel:4318"']],
    ["a share of nothing", otlp('metrics: on, sampling: "0.5"'), ['AF0313 "0.5"']],
    ["more than everything", otlp('traces: on, sampling: "1.5"'), ['AF0312 "1.5"']],
    [
      "an authority without TLS",
      otlp('traces: on, insecure: on, ca: { config_map: "a", key: "b" }'),
      ['AF0313 { config_map: "a", key: "b" }'],
    ],
    ["a header twice", otlp('traces: on, headers: { A: "b", a: secret("c", key: "d") }'), ["AF1313 a"]],
    ["a name that each flow has", otlp('traces: on, attributes: { "service.name": "x" }'), ['AF0313 "service.name"']],
  ])("%s", (_, source, found) => {
    expect(problems(source)).toEqual(found)
  })
})
