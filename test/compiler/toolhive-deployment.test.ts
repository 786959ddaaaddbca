import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { analyze, targets } from "../../compiler/index.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive, EMBEDDED, OUTSIDE } from "./toolhive-source.ts"

const within = (source: string, words: string): string =>
  source.replace(/^ {2}identify/m, () => `  deploy toolhive { ${words} }\n  identify`)

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: Readonly<Record<string, unknown>>
}

const manifestsOf = (source: string): readonly Manifest[] => {
  const { artifacts, errors } = compileForToolHive(source)
  expect(errors).toEqual([])
  return artifacts.flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as Manifest))
}

const carried = (source: string): Manifest | undefined =>
  manifestsOf(source).find(({ kind }) => kind === "MCPRemoteProxy" || kind === "VirtualMCPServer")

const codesOf = (source: string): readonly string[] => {
  const { program, diagnostics } = analyze({ uri: "test.authflow", text: source })
  return [...diagnostics, ...(program ? targets.toolhive.lower(program).diagnostics : [])].map(({ code }) => code)
}

describe("words of a file and of a flow", () => {
  const both = `deploy toolhive {\n  namespace = "mcp"\n  audit = true\n}\n\n${within(OUTSIDE, 'namespace = "aws", proxy_port = 9090')}`

  test("the flow's go before the file's, field by field", () => {
    const proxy = carried(both)
    expect(proxy?.metadata.namespace).toBe("aws")
    expect(proxy?.spec).toMatchObject({ audit: { enabled: true }, proxyPort: 9090 })
  })

  test("all objects of the flow are in the namespace", () => {
    expect(new Set(manifestsOf(both).map(({ metadata }) => metadata.namespace))).toEqual(new Set(["aws"]))
  })

  test("the words at the top name the port that was said", () => {
    expect(compileForToolHive(both).artifacts[0]?.text).toContain("mcp-aws-mcp-remote-proxy:9090")
  })

  test("authflow's own runtime passes them over", () => {
    const { program } = analyze({ uri: "test.authflow", text: both })
    const bare = analyze({ uri: "test.authflow", text: OUTSIDE })
    expect(program && targets.plan.lower(program).artifacts).toEqual(
      bare.program && targets.plan.lower(bare.program).artifacts,
    )
  })

  test.each([
    [
      "an engine that there is not",
      within(OUTSIDE, "audit = true").replace("deploy toolhive", "deploy toolhiv"),
      "AF0206",
    ],
    ["the same engine told twice", within(within(OUTSIDE, "audit = true"), "audit = true"), "AF0303"],
    ["an engine told twice by the file", `deploy toolhive {\n}\ndeploy toolhive {\n}\n${OUTSIDE}`, "AF0303"],
    ["no engine", within(OUTSIDE, "audit = true").replace("deploy toolhive", 'deploy "toolhive"'), "AF0304"],
    ["a field that there is not", within(OUTSIDE, "replicass = 1"), "AF0301"],
    ["an address without a port", within(OUTSIDE, 'session_storage = { redis: "redis" }'), "AF0312"],
    ["a port beyond all ports", within(OUTSIDE, "proxy_port = 70000"), "AF0305"],
    ["a namespace that is none", within(OUTSIDE, 'namespace = "Mcp"'), "AF0312"],
    ["a password in the open", within(OUTSIDE, 'session_storage = { redis: "r:1", password: "x" }'), "AF0307"],
  ])("%s is refused", (_, source, code) => {
    expect(codesOf(source)).toEqual([code])
  })
})

describe("an upstream at a private address", () => {
  const at = (host: string, words: string) => within(OUTSIDE, words).replace("aws-mcp.us-east-1.api.aws", host)

  test.each(["10.1.2.3", "192.168.0.1", "172.16.0.1", "[fd00::1]", "[::ffff:10.0.0.1]", "tools.mcp.svc.cluster.local"])(
    "%s is refused, and let in when it is said",
    (host) => {
      expect(codesOf(at(host, "audit = true"))).toEqual(["AF0812"])
      expect(carried(at(host, "allow_private_endpoint = true"))?.spec["allowPrivateEndpoint"]).toBe(true)
    },
  )

  test.each([
    "127.0.0.1",
    "169.254.169.254",
    "localhost",
    "metadata.google.internal",
    "api.kubernetes.default.svc.cluster.local",
    "[fe80::1]",
    "[::1]",
  ])("%s stays refused", (host) => {
    expect(codesOf(at(host, "allow_private_endpoint = true"))).toEqual(["AF0812"])
  })
})

describe("several pods", () => {
  const REDIS = 'session_storage = { redis: "redis:6379" }'

  test("need shared sessions", () => {
    expect(codesOf(within(OUTSIDE, "replicas = 2"))).toEqual(["AF0833"])
    expect(carried(within(OUTSIDE, `replicas = 2, ${REDIS}`))?.spec).toMatchObject({
      replicas: 2,
      sessionStorage: { provider: "redis", address: "redis:6379" },
    })
  })

  test("need more than that behind a server that keeps logins in memory", () => {
    const { program } = analyze({ uri: "test.authflow", text: within(EMBEDDED, `replicas = 2, ${REDIS}`) })
    const [problem] = program ? targets.toolhive.lower(program).diagnostics : []
    expect(problem?.code).toBe("AF0833")
    expect(problem?.message).toContain("logins and tokens of `gate`")
  })

  test("one pod, or none, needs nothing", () => {
    expect(carried(within(EMBEDDED, "replicas = 0"))?.spec["replicas"]).toBe(0)
  })
})

describe("fields that authflow has no word for", () => {
  const limits = 'spec = { resources: { limits: { memory: "256Mi" } }, endpointPrefix: "/aws" }'

  test("travel as they are, and are said not to be checked", () => {
    const source = within(OUTSIDE, limits)
    expect(carried(source)?.spec).toMatchObject({ resources: { limits: { memory: "256Mi" } }, endpointPrefix: "/aws" })
    expect(codesOf(source)).toEqual(["AF0832"])
  })

  test("lists, numbers, switches and secrets keep their shape", () => {
    const source = within(
      OUTSIDE,
      'spec = { resourceOverrides: { proxyDeployment: { env: [{ name: "X", on: true, n: 2, from: secret("a", key: "b") }] } } }',
    )
    expect(carried(source)?.spec["resourceOverrides"]).toEqual({
      proxyDeployment: { env: [{ name: "X", on: true, n: 2, from: { name: "a", key: "b" } }] },
    })
  })

  test.each([
    ["a word of ours", "spec = { replicas: 2 }", "`spec.replicas` is what `replicas` says"],
    ["what says who gets in", 'spec = { oidcConfigRef: { name: "x" } }', "`spec.oidcConfigRef` is written by authflow"],
    [
      "what the flow does not write, and would let somebody in",
      'spec = { authServerRef: { name: "x" } }',
      "`spec.authServerRef`",
    ],
    ["the upstream", 'spec = { remoteUrl: "https://example.net" }', "`spec.remoteUrl` is written by authflow"],
  ])("%s is refused", (_, words, message) => {
    const { program } = analyze({ uri: "test.authflow", text: within(OUTSIDE, words) })
    const [problem, ...others] = program ? targets.toolhive.lower(program).diagnostics : []
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF0831")
    expect(problem?.message).toContain(message)
  })

  test("the place of a field is that of the field, not of the block", () => {
    const source = within(OUTSIDE, "spec = { replicas: 2 }")
    const { program } = analyze({ uri: "test.authflow", text: source })
    const [problem] = program ? targets.toolhive.lower(program).diagnostics : []
    expect(source.slice(problem?.span.start, problem?.span.end)).toBe("2")
  })

  test("a duration is refused: every engine writes it otherwise", () => {
    expect(codesOf(within(OUTSIDE, "spec = { timeout: 5s }"))).toEqual(["AF0304"])
  })

  testWithCrds("what the definitions do not have is found by --validate-with", (crds) => {
    const { artifacts } = compileForToolHive(within(OUTSIDE, "spec = { recources: { limits: {} } }"))
    const [finding] = validate(crds, parse(artifacts).documents)
    expect(finding?.path).toContain("recources")
  })
})

describe("the kind that carries the flow", () => {
  test("is the one that is asked for, where both can", () => {
    expect(carried(within(OUTSIDE, "kind = MCPRemoteProxy"))?.kind).toBe("MCPRemoteProxy")
    expect(carried(within(OUTSIDE, "kind = VirtualMCPServer"))?.kind).toBe("VirtualMCPServer")
  })

  test.each(["proxy_port = 9090", "trust_proxy_headers = true", 'group = "g"', 'tools = "t"'])(
    "a virtual server has nothing like %s",
    (words) => {
      expect(codesOf(within(OUTSIDE, `kind = VirtualMCPServer, ${words}`))).toEqual(["AF0834"])
    },
  )

  testWithCrds("a virtual server has the rest at its own places", (crds) => {
    const words =
      'kind = VirtualMCPServer, transport = sse, audit = true, allow_private_endpoint = true, session_affinity = none, replicas = 2, service_account = "sa", namespace = "mcp", session_storage = { redis: "redis:6379", db: 1 }'
    const { artifacts, errors } = compileForToolHive(within(OUTSIDE, words))
    expect(errors).toEqual([])
    const documents = parseAllDocuments(artifacts[0]?.text ?? "").map((each) => each.toJS() as Manifest)
    expect(documents.find(({ kind }) => kind === "MCPServerEntry")?.spec).toMatchObject({
      transport: "sse",
      allowPrivateEndpoint: true,
    })
    const server = documents.find(({ kind }) => kind === "VirtualMCPServer")
    expect(server?.spec).toMatchObject({
      config: { audit: { enabled: true } },
      sessionAffinity: "None",
      serviceAccount: "sa",
      replicas: 2,
    })
    // What authflow writes beside it is still there.
    expect(server?.spec["config"]).toHaveProperty("aggregation")
    expect(validate(crds, parse(artifacts).documents)).toEqual([])
  })
})

test("a parameter that only a deployment reads is used", () => {
  const source = `param ns: string = "mcp"\n\n${within(OUTSIDE, "namespace = ns")}`
  expect(codesOf(source)).toEqual([])
  expect(carried(source)?.metadata.namespace).toBe("mcp")
})
