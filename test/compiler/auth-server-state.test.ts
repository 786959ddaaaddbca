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

describe("authflow's own runtime refuses what it cannot do yet, where it stands", () => {
  test.each([
    ["storage", STORAGE],
    ["authorization_base", 'authorization_base = "https://login.example.org"'],
  ])("%s", (construct, fields) => {
    const source = serving(fields)
    const [problem, ...others] = problemsOf(source, "plan")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF0891")
    expect(problem?.message).toContain(`\`${construct}\``)
  })

  test("a second login, which would otherwise only fail when the runtime starts", () => {
    const source = EMBEDDED.replace("[corp]", "[corp, corp_two]")
    const [problem, ...others] = problemsOf(source, "plan")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF0891")
    expect(source.slice(problem?.span.start, problem?.span.end)).toBe("corp_two")
  })

  test("and nothing that is off", () => {
    expect(problemsOf(serving("clients = { metadata_documents: off, confidential: off }"), "plan")).toEqual([])
  })
})
