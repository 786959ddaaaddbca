/** `clients = { … }`: which clients may come, in the checks, the plan and ToolHive's resources. */
import { describe, expect, test } from "vitest"
import { analyze, targets } from "../../compiler/index.ts"
import { analyzed, problems } from "./problems.ts"
import { compileForToolHive, EMBEDDED } from "./toolhive-source.ts"

/** One provider, and a server that says this of clients. */
const saying = (clients: string): string =>
  EMBEDDED.replace(/provider corp_two[^}]*\}\n/, "").replace("  tokens ", () => `  clients = { ${clients} }\n  tokens `)

const serverOf = (text: string) => {
  const { program } = analyze({ uri: "test.authflow", text })
  return program && targets.plan.lowerPlan(program).plan?.servers[0]
}

describe("a plan says of clients", () => {
  test("that metadata documents are read, with ToolHive's bounds where none are said", () => {
    expect(serverOf(saying("metadata_documents: on"))).toMatchObject({
      metadataDocuments: { size: 256, lifetime: 300 },
    })
    expect(
      serverOf(saying("metadata_documents: on, metadata_cache: { size: 2, lifetime: 1m }"))?.metadataDocuments,
    ).toEqual({ size: 2, lifetime: 60 })
    expect(serverOf(saying("metadata_documents: off"))).not.toHaveProperty("metadataDocuments")
  })

  test("which may have a secret", () => {
    const redirect = "https://app.example.com/callback"
    expect(serverOf(saying("confidential: on"))?.confidential).toEqual({ redirects: [] })
    expect(serverOf(saying(`confidential: on, confidential_redirects: ["${redirect}"]`))?.confidential).toEqual({
      redirects: [redirect],
    })
    expect(serverOf(saying("confidential: off"))).not.toHaveProperty("confidential")
  })

  test("which are known, with references to their secrets and no value", () => {
    const known = `known: {
      "reports app": { redirect_uris: ["https://reports.example.com/cb"], secret: secret("reports", key: "s"), name: "Reports" }
      cursor: { redirect_uris: ["cursor://auth/callback", "http://127.0.0.1/cb"] }
    }`
    expect(serverOf(saying(known))?.knownClients).toEqual([
      {
        id: "reports app",
        name: "Reports",
        redirectUris: ["https://reports.example.com/cb"],
        secret: { name: "reports", key: "s" },
      },
      { id: "cursor", redirectUris: ["cursor://auth/callback", "http://127.0.0.1/cb"] },
    ])
  })
})

describe("a known client", () => {
  test.each([
    ["http://app.example.com/cb", "an app on this computer only"],
    ["https://localhost/cb", "no certificate"],
    ["https://user@app.example.com/cb", "user name"],
    ["https://app.example.com/cb#x", "fragment"],
    ["javascript:alert(1)", "no scheme of an app's own"],
    ["data:text/html,x", "no scheme of an app's own"],
    ["/callback", "no absolute URL"],
    ["https://app.example.com/a b", "no absolute URL"],
  ])("cannot send people back to %s", (redirect, reason) => {
    const text = saying(`known: { a: { redirect_uris: ["${redirect}"] } }`)
    const [problem, ...others] = analyzed(text).diagnostics
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF1552")
    expect(problem?.message).toContain(reason)
    expect(text.slice(problem?.span.start, problem?.span.end)).toBe(JSON.stringify(redirect))
  })

  test("on a person's computer keeps no secret: said where the secret is, with the place of the redirect", () => {
    const text = saying('known: { a: { redirect_uris: ["http://localhost/cb"], secret: secret("a", key: "s") } }')
    expect(problems(text)).toEqual(['AF1551 secret("a", key: "s")'])
    const [related] = analyzed(text).diagnostics[0]?.related ?? []
    expect(text.slice(related?.span.start, related?.span.end)).toBe('"http://localhost/cb"')
  })

  test("is a way in: without any, nobody can log in", () => {
    const known = 'known: { a: { redirect_uris: ["https://a.example/cb"] } }'
    expect(problems(saying("registration: none"))).toEqual(["AF0520 none"])
    expect(problems(saying(`registration: none, ${known}`))).toEqual([])
    expect(problems(saying("registration: none, metadata_documents: on"))).toEqual([])
  })

  test("has an identifier that can be sent", () => {
    expect(problems(saying('known: { "naïve": { redirect_uris: ["https://a.example/cb"] } }'))).toEqual([
      'AF0312 "naïve"',
    ])
  })

  test("is nothing that ToolHive can be told of: each is refused where it stands", () => {
    const client = '{ redirect_uris: ["https://a.example/cb"] }'
    expect(compileForToolHive(saying(`known: { a: ${client}, b: ${client} }`)).errors).toEqual(["AF1550", "AF1550"])
  })
})
