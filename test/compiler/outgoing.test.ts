/** What the checker says of exchanges and injections: each in its place, with the ways out. */
import { describe, expect, test } from "vitest"
import { analyzed, change, fixed, problems } from "./problems.ts"
import { behind, outside, SHOWN, shownKinds } from "./toolhive-source.ts"

const credential = (text: string) => {
  const { program, diagnostics } = analyzed(text)
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([])
  return program?.flows[0].stages.at(-2)?.output
}

describe("what a stage shows the upstream", () => {
  test.each(shownKinds)("%s makes what `forward` takes, without a word", (kind) => {
    expect(problems(behind(SHOWN[kind]))).toEqual([])
  })

  test("an exchanged token is of its endpoint, for its audience, in its header", () => {
    const text = behind(SHOWN.token_exchange)
    expect(credential(text)).toMatchObject({
      tag: "Token",
      kind: "access_token",
      issuer: "https://idp.example.com/oauth/token",
      audience: "orders",
      header: "Authorization",
    })
    expect(credential(change(text, '"orders"\n', '"orders"\n    header = "X-Orders-Token"\n'))).toMatchObject({
      header: "X-Orders-Token",
    })
  })

  test("an ID-JAG ends in a token of the upstream's own authorization server, for the resource", () => {
    expect(credential(behind(SHOWN.xaa))).toMatchObject({
      tag: "Token",
      issuer: "https://auth.example.net",
      audience: "https://orders.example.net/mcp",
    })
  })

  test("static ones are headers, and nothing is nothing", () => {
    expect(credential(behind(SHOWN["inject.bearer"]))).toMatchObject({ tag: "Headers", names: ["Authorization"] })
    expect(credential(behind(SHOWN["inject.header"]))).toMatchObject({ tag: "Headers", names: ["X-Api-Key"] })
    expect(credential(behind(SHOWN["inject.none"]))).toMatchObject({ tag: "Unauthenticated" })
  })
})

describe("the chain", () => {
  test("somebody who is known is not yet something to send", () => {
    expect(problems(behind(""))).toEqual(['AF0406 forward "https://orders.example.net/mcp"'.replace(/ "[^"]*"$/, "")])
  })

  test.each(shownKinds)("nothing is made twice: %s after a header", (kind) => {
    const [code] = problems(behind(`${SHOWN["inject.header"]}${SHOWN[kind]}`))
    expect(code).toMatch(/^AF1212 /)
  })

  test("AWS credentials are signed with, not sent", () => {
    const STS = `  exchange aws.sts {
    subject = corp_two.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/orders"
    session = { name: claims.sub }
  }
`
    const [diagnostic, ...more] = analyzed(behind(STS, ["corp", "corp_two"])).diagnostics
    expect(more).toEqual([])
    expect(diagnostic?.message).toBe(
      "`forward` needs SignedRequest, and there is AwsCredentials here; `sign aws.sigv4` produces SignedRequest",
    )
    expect(problems(behind(`${STS}${SHOWN["inject.none"]}`, ["corp", "corp_two"]))).toEqual(["AF0401 inject none"])
  })

  test.each(shownKinds)("after the signature nothing is put in: %s", (kind) => {
    const text = behind(
      `  exchange aws.sts {
    subject = corp_two.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/orders"
    session = { name: claims.sub }
  }
  sign aws.sigv4 { service = "execute-api" }
${SHOWN[kind]}`,
      ["corp", "corp_two"],
    )
    expect(problems(text).map((each) => each.slice(0, 6))).toEqual(["AF0407"])
  })
})

describe("whose token it is", () => {
  const token = SHOWN["inject.token"]

  test("the caller's own is never passed on, whoever issued it", () => {
    expect(problems(outside(token))).toEqual(["AF1202 corp.access_token"])
    expect(problems(behind(token.replace("corp.", "gate.")))).toEqual(["AF1202 gate.access_token"])
  })

  test("unless it is asked for by name", () => {
    expect(problems(outside(token.replace(" }", ", passthrough = allowed }")))).toEqual([])
    expect(problems(behind(token.replace(" }", ", passthrough = allowed }")))).toEqual(["AF1213 allowed"])
  })

  test("an ID token is no credential", () => {
    expect(problems(behind(token.replace("access_token", "id_token")))).toEqual(["AF1203 corp.id_token"])
  })

  test("cross-application access begins with an ID token, on-behalf-of with an access token", () => {
    expect(problems(behind(change(SHOWN.xaa, "corp.id_token", "corp.access_token")))).toEqual([
      "AF1204 corp.access_token",
    ])
    expect(problems(behind(change(SHOWN.obo, "corp.access_token", "corp.id_token")))).toEqual(["AF1207 corp.id_token"])
    expect(problems(outside(change(SHOWN.xaa, "corp.id_token", "corp.access_token")))).toEqual([
      "AF1204 corp.access_token",
    ])
  })

  test("Entra takes a token of this application by both of its names, and of no other one", () => {
    const withAudience = (audience: string) =>
      change(
        behind(SHOWN.obo),
        '"offline_access"]\n}',
        `"offline_access"]\n  access_token = { format: jwt, audience: "${audience}" }\n}`,
      )
    expect(problems(withAudience("exchanger"))).toEqual([])
    expect(problems(withAudience("api://exchanger"))).toEqual([])
    expect(problems(withAudience("api://another"))).toEqual(["AF1208 corp.access_token"])
  })

  test("the client that shows an ID token is the one it was issued to", () => {
    const text = behind(change(SHOWN.xaa, 'idp_client_id    = "mcp-gateway"', 'idp_client_id    = "another"'))
    const [diagnostic] = analyzed(text).diagnostics
    expect(problems(text)).toEqual(['AF1210 "another"'])
    expect(diagnostic && fixed(text, diagnostic)).toBe(behind(SHOWN.xaa))
  })
})

describe("what the subject is said to be", () => {
  const said = (type: string, token = "corp.access_token", logins = ["corp"]) =>
    behind(change(SHOWN.token_exchange, "corp.access_token", `${token}\n    subject_token_type = ${type}`), logins)

  test.each([
    ["access_token", "corp.access_token", []],
    ["jwt", "corp.access_token", ["AF1205 jwt"]],
    ["id_token", "corp.access_token", ["AF1205 id_token"]],
    ["id_token", "corp.id_token", []],
    ["jwt", "corp.id_token", []],
    ["access_token", "corp.id_token", ["AF1205 access_token"]],
    ["jwt", "corp_two.access_token", []],
    ["saml2", "corp.access_token", ["AF0306 saml2"]],
  ])("%s for %s", (type, token, found) => {
    expect(problems(said(type, token, ["corp", "corp_two"]))).toEqual(found)
  })

  test("the fix says what it is", () => {
    const text = said("id_token")
    const [diagnostic] = analyzed(text).diagnostics
    expect(diagnostic && fixed(text, diagnostic)).toBe(said("access_token"))
  })

  test("an opaque token that another host is to read is a warning; a JWT is not", () => {
    const elsewhere = change(SHOWN.token_exchange, "https://idp.example.com/oauth", "https://sts.example.net/oauth")
    expect(problems(behind(elsewhere))).toEqual(["AF1206 corp.access_token"])
    expect(problems(behind(elsewhere.replace("corp.", "corp_two."), ["corp", "corp_two"]))).toEqual([])
    expect(problems(behind(elsewhere.replace("corp.access_token", "corp.id_token")))).toEqual([])
  })
})

describe("bounds", () => {
  test.each([
    "Host",
    "content-length",
    "Transfer-Encoding",
    "Connection",
    "X-Forwarded-For",
    "Mcp-Session-Id",
    "MCP-Protocol-Version",
    "Content-Type",
    "Last-Event-ID",
  ])("%s carries no credential", (name) => {
    expect(problems(behind(SHOWN["inject.header"].replace("X-Api-Key", name)))).toEqual([`AF1201 "${name}"`])
  })

  test.each(["X-Api-Key", "Authorization", "Cookie", "x-goog-iap-jwt-assertion"])("%s may", (name) => {
    expect(problems(behind(SHOWN["inject.header"].replace("X-Api-Key", name)))).toEqual([])
  })

  test.each(["", "X Api", "X-Api:", "X-Äpi", "x".repeat(256)])("%j is no header", (name) => {
    expect(problems(behind(SHOWN["inject.header"].replace("X-Api-Key", name)))).toEqual([`AF0312 "${name}"`])
  })

  test.each(["common", "organizations", "11111111-2222", "a/b.com", "-x.com"])("%s is no directory", (tenant) => {
    expect(problems(behind(SHOWN.obo.replace("example.onmicrosoft.com", tenant)))).toEqual([`AF0312 "${tenant}"`])
  })

  test("an authority is a base URL", () => {
    const authority = (url: string) => behind(SHOWN.obo.replace("    tenant ", `    authority = "${url}"\n    tenant `))
    expect(problems(authority("https://login.microsoftonline.us"))).toEqual([])
    expect(problems(authority("https://login.microsoftonline.us/"))).toEqual([
      'AF0703 "https://login.microsoftonline.us/"',
    ])
    expect(problems(authority("https://login.microsoftonline.com@evil.example"))).toEqual([
      'AF0703 "https://login.microsoftonline.com@evil.example"',
    ])
    expect(problems(authority("http://login.microsoftonline.us"))).toEqual(['AF0702 "http://login.microsoftonline.us"'])
  })

  test("on-behalf-of has one target, by scopes or by audience", () => {
    const scopes = '    scopes        = ["api://orders/.default"]\n'
    const audience = '    audience      = "api://orders"\n'
    expect(problems(behind(change(SHOWN.obo, scopes, audience)))).toEqual([])
    expect(problems(behind(change(SHOWN.obo, scopes, "")))).toEqual(["AF1209 obo"])
    expect(problems(behind(change(SHOWN.obo, scopes, scopes + audience)))).toEqual(['AF1209 "api://orders"'])
  })

  test("on-behalf-of asks for twenty scopes at most, of 256 characters at most", () => {
    const asked = (scopes: readonly string[]) =>
      problems(behind(change(SHOWN.obo, '["api://orders/.default"]', JSON.stringify(scopes))))
    const many = Array.from({ length: 20 }, (_, index) => `scope-${index}`)
    expect(asked(many)).toEqual([])
    expect(asked([...many, "one-more"]).map((each) => each.slice(0, 6))).toEqual(["AF0310"])
    expect(asked(["x".repeat(256)])).toEqual([])
    expect(asked(["x".repeat(257)]).map((each) => each.slice(0, 6))).toEqual(["AF0312"])
  })

  test.each([
    ["token_exchange", "https://idp.example.com/oauth/token"],
    ["xaa", "https://idp.example.com/oauth/token"],
    ["xaa", "https://auth.example.net/oauth/token"],
    ["xaa", "https://orders.example.net/mcp"],
  ] as const)("%s sends nothing to %s without TLS", (kind, url) => {
    const plain = url.replace("https:", "http:")
    expect(problems(behind(SHOWN[kind].replace(url, plain)))).toEqual([`AF0702 "${plain}"`])
  })

  test.each([
    ["token_exchange", 'client_id     = "exchanger"\n    '],
    ["xaa", 'idp_client_id    = "mcp-gateway"\n    '],
    ["xaa", 'target_client_id = "exchanger"\n    '],
  ] as const)("a secret in %s is of a client that is named", (kind, client) => {
    expect(problems(behind(change(SHOWN[kind], client, ""))).map((each) => each.slice(0, 6))).toEqual(["AF0302"])
  })

  test.each(shownKinds.filter((kind) => SHOWN[kind].includes("secret(")))("a secret in %s is a reference", (kind) => {
    const literal = SHOWN[kind].replace(/secret\([^)]*\)/, '"hunter2"')
    expect(problems(behind(literal))).toEqual(['AF0307 "hunter2"'])
  })
})

describe("whom the token is for", () => {
  const audience = (value: string) => behind(change(SHOWN.token_exchange, '"orders"\n', `"${value}"\n`))

  test("a host that the request does not go to is a warning", () => {
    expect(problems(audience("https://stock.example.net"))).toEqual(['AF1211 "https://orders.example.net/mcp"'])
  })

  test.each(["https://orders.example.net", "https://orders.example.net/mcp", "orders", "api://orders", "urn:x"])(
    "%s is not",
    (value) => expect(problems(audience(value))).toEqual([]),
  )
})
