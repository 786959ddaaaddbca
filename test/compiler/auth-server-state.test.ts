import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { analyze, targets } from "../../compiler/index.ts"
import { compileForToolHive, EMBEDDED } from "./toolhive-source.ts"

const serving = (fields: string): string => EMBEDDED.replace("  tokens ", () => `  ${fields}\n  tokens `)
const STORAGE = 'storage = { redis: "redis:6379", password: secret("redis", key: "password") }'

const problemsOf = (source: string, target: "plan" | "toolhive") => {
  const { program, diagnostics } = analyze({ uri: "test.authflow", text: source })
  const all = [...diagnostics, ...(program ? targets[target].lower(program).diagnostics : [])]
  return all.filter(({ severity }) => severity === "error")
}

describe("what goes together", () => {
  const password = 'password: secret("redis", key: "password")'
  test.each([
    [
      "neither a server nor sentinels",
      `storage = { ${password} }`,
      "AF0314",
      "one of `redis` and `sentinel` is needed",
    ],
    [
      "both",
      `storage = { redis: "r:1", sentinel: { master: "m", addresses: ["s:1"] }, ${password} }`,
      "AF0314",
      "`redis` and `sentinel` exclude each other",
    ],
    [
      "sentinels nobody can find",
      `storage = { sentinel: { master: "m" }, ${password} }`,
      "AF0314",
      "`addresses` and `service`",
    ],
    [
      "sentinels found twice, of which ToolHive takes the addresses",
      `storage = { sentinel: { master: "m", addresses: ["s:1"], service: { name: "s" } }, ${password} }`,
      "AF0314",
      "exclude",
    ],
    [
      "a cluster behind sentinels",
      `storage = { cluster: true, sentinel: { master: "m", addresses: ["s:1"] }, ${password} }`,
      "AF0313",
      "`cluster` has no effect",
    ],
    [
      "TLS with sentinels that there are not",
      `storage = { redis: "r:1", sentinel_tls: { verify: true }, ${password} }`,
      "AF0313",
      "`sentinel_tls` has no effect",
    ],
    ["no password", 'storage = { redis: "r:1" }', "AF0302", "password"],
    [
      "a cache of documents that nobody reads",
      "clients = { metadata_cache: { size: 2 } }",
      "AF0313",
      "`metadata_cache`",
    ],
    [
      "secrets for some, and none for all",
      'clients = { confidential_redirects: ["https://a.example/cb"] }',
      "AF0313",
      "`confidential_redirects`",
    ],
    [
      "a redirect URI with a query",
      'clients = { confidential: on, confidential_redirects: ["https://a.example/cb?x"] }',
      "AF0703",
      "query",
    ],
  ])("%s is refused", (_, fields, code, message) => {
    const found = problemsOf(serving(fields), "toolhive")
    expect(found.map((each) => each.code)).toEqual([code])
    expect(found[0]?.message).toContain(message)
  })
})

describe("shared state", () => {
  test("makes several pods one", () => {
    const source = serving(STORAGE).replace(
      "  identify gate",
      '  deploy toolhive { replicas = 3, session_storage = { redis: "redis:6379" } }\n  identify gate',
    )
    const { artifacts, errors } = compileForToolHive(source)
    expect(errors).toEqual([])
    expect(artifacts[0]?.text).toContain("replicas: 3")
    expect(artifacts[0]?.text).not.toContain("this one pod")
  })

  test("does not make keys that die with the pod shared", () => {
    const source = serving(STORAGE)
      .replace(/ {2}keys .*\n/, "")
      .replace(
        "  identify gate",
        '  deploy toolhive { replicas = 3, session_storage = { redis: "r:1" } }\n  identify gate',
      )
    expect(compileForToolHive(source).errors).toEqual(["AF0833"])
  })

  test("names its secrets at the top of the file, and no value", () => {
    const text = compileForToolHive(serving(STORAGE)).artifacts[0]?.text ?? ""
    expect(text).toContain("#   redis: password")
    const documents = parseAllDocuments(text).map((each) => each.toJS() as { readonly spec?: object })
    expect(JSON.stringify(documents)).toContain('"passwordSecretRef":{"name":"redis","key":"password"}')
  })
})

const planOf = (source: string) => {
  const { program } = analyze({ uri: "test.authflow", text: source })
  const { plan } = program ? targets.plan.lowerPlan(program) : { plan: undefined }
  return plan?.servers[0]?.storage
}

describe("lowered to a plan", () => {
  const password = 'password: secret("redis", key: "password")'
  const lowered = {
    kind: "redis",
    server: { kind: "single", address: "redis:6379" },
    password: { name: "redis", key: "password" },
    timeouts: { dial: 5, read: 3, write: 3 },
  }

  test("one server", () => {
    expect(planOf(serving(STORAGE))).toEqual(lowered)
    expect(planOf(EMBEDDED)).toBe(undefined)
  })

  test("a cluster, with all that can be said", () => {
    const all = `storage = { redis: "[::1]:7000", cluster: true, username: secret("redis", key: "user"), ${password},
      tls: { ca: secret("redis", key: "ca") }, timeouts: { dial: 1s, read: 2s, write: 4s } }`
    expect(planOf(serving(all))).toEqual({
      ...lowered,
      server: { kind: "cluster", address: "[::1]:7000" },
      username: { name: "redis", key: "user" },
      tls: { verify: true, ca: { name: "redis", key: "ca" } },
      timeouts: { dial: 1, read: 2, write: 4 },
    })
  })

  test.each([
    ['addresses: ["s1:26379", "s2:26379"]', ["s1:26379", "s2:26379"]],
    ['service: { name: "sentinel" }', ["sentinel:26379"]],
    ['service: { name: "sentinel", namespace: "redis", port: 5000 }', ["sentinel.redis.svc:5000"]],
  ])("sentinels: %s", (where, addresses) => {
    const storage = `storage = { sentinel: { master: "m", ${where}, db: 2 }, sentinel_tls: { verify: false }, ${password} }`
    const server = { kind: "sentinel", master: "m", addresses, database: 2, tls: { verify: false } }
    expect(planOf(serving(storage))).toEqual({ ...lowered, server })
  })

  test.each(["hmac_keys", "keys"])("not without %s, which replicas share", (field) => {
    const source = serving(STORAGE).replace(new RegExp(`  ${field} .*\\n`), "")
    const [problem, ...others] = problemsOf(source, "plan")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF1501")
    expect(problem?.message).toContain(`state in Redis needs \`${field}\``)
    const { start = 0, end = 0 } = problem?.span ?? {}
    expect(source.slice(start, end)).toContain('redis: "redis:6379"')
    expect(problemsOf(source, "toolhive").map(({ code }) => code)).not.toContain("AF1501")
  })
})

describe("authflow's own runtime refuses what it cannot do yet, where it stands", () => {
  test.each([["authorization_base", 'authorization_base = "https://login.example.org"']])("%s", (construct, fields) => {
    const source = serving(fields)
    const [problem, ...others] = problemsOf(source, "plan")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF0891")
    expect(problem?.message).toContain(`\`${construct}\``)
  })

  test("and nothing that is off", () => {
    expect(problemsOf(serving("clients = { metadata_documents: off, confidential: off }"), "plan")).toEqual([])
  })
})

describe("a server's own token for AWS", () => {
  const source = (issuer: string) =>
    readFileSync("examples/thv-0050.authflow", "utf8")
      .replace("subject = corp.access_token", "subject = gate.access_token")
      .replace("expect aws_mcp.subject == corp.access_token", "expect aws_mcp.subject == gate.access_token")
      .replace(/(server gate = auth_server \{\n\s*issuer\s*= )"[^"]*"/, (_, before) => `${before}"${issuer}"`)

  test.each([
    "https://auth.corp.internal",
    "https://auth",
    "https://gate.mcp.svc",
    "https://10.0.0.7",
    "https://localhost:8443",
  ])("is refused when AWS cannot fetch the keys from %s", (issuer) => {
    const text = source(issuer)
    const [problem, ...others] = problemsOf(text, "plan")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF1502")
    expect(problem?.message).toContain(issuer)
    expect(text.slice(problem?.span.start, problem?.span.end)).toBe("gate.access_token")
  })

  test("is fine when it can", () => {
    expect(problemsOf(source("https://auth.example.com"), "plan")).toEqual([])
  })
})
