import { describe, expect, it } from "vitest"
import { runTests } from "../../compiler/analysis/evaluation.ts"
import { OUTSIDE, SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { analyzed, fixed, problems } from "./problems.ts"

const NOW = Date.UTC(2026, 10, 23)

const withTest = (...clauses: readonly string[]): string => `${SOUND}
test "t" {
${clauses.map((clause) => `  ${clause}\n`).join("")}}
`
const READER = 'given claims { groups: ["readers"], sub: "rob" }'
const ADMIN = 'given claims { groups: ["admins"], sub: "ada" }'
const DENIED = "expect aws.decision == deny"

const said = (text: string): readonly string[] => analyzed(text).diagnostics.map(({ message }) => message)
const fix = (text: string): string => {
  const [first] = analyzed(text).diagnostics
  if (first?.fix === undefined) throw new Error("no fix")
  return fixed(text, first)
}

/** What the one test of a text comes to: whether each expectation holds, and what was seen. */
const outcome = (...clauses: readonly string[]) => {
  const { program, diagnostics } = analyzed(withTest(...clauses))
  expect(diagnostics).toEqual([])
  const [result] = program === undefined ? [] : runTests(program, { now: NOW })
  return result?.verdicts.map(({ holds, seen }) => `${holds ? "holds" : "fails"} ${seen.value}`)
}

describe("what a test gives", () => {
  it.each([
    ["a claim that the token does not hold", [READER.replace("groups", "grups"), DENIED], "AF0507 grups"],
    ["a list where a string is", ['given claims { sub: ["ada"] }', DENIED], 'AF1103 ["ada"]'],
    ["a string where a list is", ['given claims { groups: "admins" }', DENIED], 'AF1103 "admins"'],
    ["a string where a number is", ['given claims { exp: "soon" }', DENIED], 'AF1103 "soon"'],
    ["a string where a boolean is", ['given claims { email_verified: "yes" }', DENIED], "AF0507 email_verified"],
    ["a duration", ["given claims { exp: 1h }", DENIED], "AF0304 1h"],
    ["a claim twice", ['given claims { sub: "a", sub: "b" }', DENIED], "AF0303 sub"],
    ["no map", ['given claims "ada"', DENIED], 'AF0304 "ada"'],
    ["claims twice", [READER, ADMIN, DENIED], "AF0303 claims"],
    ["something else", ['given cookies { a: "b" }', DENIED], "AF1102 cookies"],
    ["scopes that are none", ['given scopes ["a b"]', DENIED], 'AF0312 "a b"'],
    ["scopes by claim too", ['given claims { scope: "a" }', 'given scopes ["a"]', DENIED], "AF1104 claims"],
    ["the header of the token", ['given headers { Authorization: "Bearer x" }', DENIED], "AF1105 Authorization"],
    ["a header that frames", ['given headers { "Content-Length": "7" }', DENIED], 'AF1105 "Content-Length"'],
    ["a header with a bad name", ['given headers { "a b": "7" }', DENIED], 'AF1105 "a b"'],
    ["a parameter that there is not", ['given claims { sub: "${who}" }', DENIED], "AF0201 who"],
  ])("%s is an error where it stands", (_, clauses, problem) => {
    expect(problems(withTest(...clauses))).toEqual([problem])
  })

  it("is told with the nearest name and the type", () => {
    expect(said(withTest(READER.replace("groups", "grups"), DENIED))[0]).toContain("groups")
    expect(said(withTest('given claims { groups: "admins" }', DENIED))).toEqual([
      "the claim `groups` is a list of strings, and here is a string",
    ])
    expect(said(withTest('given claim { sub: "a" }', DENIED))).toEqual([
      "`given claim` is unknown: a test gives `claims`, `scopes`, `headers`; did you mean `claims`?",
    ])
  })

  it("can be mended where it is plain what was meant", () => {
    expect(fix(withTest('given claims { groups: "admins" }', DENIED))).toContain('groups: ["admins"]')
    expect(fix(withTest("given claim {}", DENIED))).toContain("given claims {}")
  })

  it("is held against every flow that the expectations name", () => {
    const second = OUTSIDE.replace("provider corp", "provider partner")
      .replace("https://idp.example.com", "https://idp.partner.example")
      .replace("flow aws at", "flow other at")
      .replace("https://mcp.example.com/mcp", "https://mcp.example.com/other")
      .replace("identify corp", "identify partner")
      .replace("corp.access_token", "partner.access_token")
    const text = (flow: string, claim: string) =>
      `${SOUND}\n${second}\ntest "t" {\n  given claims { ${claim}: "x" }\n  expect aws.role == none\n  expect ${flow}.role == none\n}\n`
    expect(problems(text("aws", "email"))).toEqual([])
    expect(problems(text("other", "email"))).toEqual([])
    expect(problems(text("other", "nickname"))).toEqual(["AF0507 nickname"])
    expect(problems(text("other", "department"))).toEqual(["AF0507 department"])
    const also = (claims: string) => text("other", "department").replace("email: string", claims)
    // The second flow's token holds it now; the first one's still does not.
    expect(problems(also("email: string, department: string"))).toEqual(["AF0507 department"])
  })
})

describe("what a test expects", () => {
  it.each([
    ["nothing", [READER], 'AF1101 "t"'],
    ["a flow that there is not", ["expect awz.role == none"], "AF0201 awz"],
    ["a server", ["expect gate.role == none"], "AF0208 gate"],
    ["a flow as a whole", ["expect aws == none"], "AF1106 aws"],
    ["something that is not seen", ["expect aws.rule == none"], "AF1106 rule"],
    ["a part of a role", ["expect aws.role.name == none"], "AF1106 aws.role.name"],
    ["a request as a whole", ["expect aws.upstream == none"], "AF1106 aws.upstream"],
    ["a word that is no decision", ["expect aws.decision == denied"], "AF0306 denied"],
    ["a string for a decision", ['expect aws.decision == "deny"'], 'AF0304 "deny"'],
    ["a string for a status", ['expect aws.status == "403"'], 'AF0304 "403"'],
    ["a status that no flow gives", ["expect aws.status == 418"], "AF1108 418"],
    [
      "a role that the flow does not have",
      ['expect aws.role == "arn:aws:iam::123456789012:role/x"'],
      'AF1108 "arn:aws:iam::123456789012:role/x"',
    ],
    ["a reason that there is not", ['expect aws.reason == "denied"'], 'AF1108 "denied"'],
    ["a name that no session has", ['expect aws.session == "a b"'], 'AF1108 "a b"'],
    ["a token that AWS is not shown", ["expect aws.subject == gate.access_token"], "AF1108 gate.access_token"],
    ["a token that there is not", ["expect aws.subject == corp.token"], "AF0501 corp.token"],
    ["a secret's text", ['expect aws.upstream.authorization == "AWS4"'], 'AF0304 "AWS4"'],
    ["a signature elsewhere", ['expect aws.upstream["x-tenant"] == sigv4'], "AF1108 sigv4"],
  ])("%s is an error where it stands", (_, clauses, problem) => {
    expect(problems(withTest(...clauses))).toEqual([problem])
  })

  it("that never can be, or always is, is told with the reason and the nearest", () => {
    const role = '"arn:aws:iam::123456789012:role/mcp-admn"'
    expect(said(withTest(`expect aws.role == ${role}`))).toEqual([`this never holds: ${role} is no role of aws`])
    expect(said(withTest(`expect aws.role != ${role}`))).toEqual([
      `this holds of every caller: ${role} is no role of aws`,
    ])
    expect(fix(withTest(`expect aws.role != ${role}`))).toContain('role/mcp-admin"\n}')
    expect(fix(withTest('expect aws.reason == "role-denid"'))).toContain('"role-denied"')
    expect(fix(withTest("expect aws.decisoin == deny"))).toContain("aws.decision == deny")
  })

  it("of a flow that does not check is not reported again", () => {
    const broken = withTest(READER, DENIED).replace('service = "aws-mcp"', 'servcie = "aws-mcp"')
    expect(problems(broken)).toEqual(["AF0301 servcie"])
  })

  it("under a title that another test has is an error, as is one that says nothing", () => {
    const twice = `${withTest(DENIED)}\ntest "t" {\n  ${DENIED}\n}\n`
    expect(problems(twice)).toEqual(['AF0202 "t"'])
    expect(problems(withTest(DENIED).replace('"t"', '" "'))).toEqual(['AF0312 " "'])
  })
})

describe("what is seen", () => {
  const role = '"arn:aws:iam::123456789012:role/mcp-admin"'

  it("of a caller who is let in", () => {
    expect(
      outcome(
        ADMIN,
        "expect aws.decision == allow",
        "expect aws.status == forwarded",
        `expect aws.role == ${role}`,
        "expect aws.role != none",
        'expect aws.session == "ada"',
        "expect aws.subject == corp.id_token",
        "expect aws.reason == none",
        "expect aws.detail == none",
        "expect aws.upstream.authorization == sigv4",
        'expect aws.upstream["X-Amz-Date"] == time',
        'expect aws.upstream.host == "aws-mcp.us-east-1.api.aws"',
        "expect aws.upstream.cookie == none",
      ),
    ).toEqual([
      "holds allow",
      "holds forwarded",
      `holds ${role.slice(1, -1)}`,
      `holds ${role.slice(1, -1)}`,
      "holds ada",
      "holds corp.id_token",
      "holds none",
      "holds none",
      "holds sigv4",
      "holds time",
      "holds aws-mcp.us-east-1.api.aws",
      "holds none",
    ])
  })

  it("of one who is refused", () => {
    expect(
      outcome(
        READER,
        "expect aws.decision == deny",
        "expect aws.status == 403",
        "expect aws.role == none",
        "expect aws.session == none",
        "expect aws.subject == none",
        'expect aws.reason == "role-denied"',
        'expect aws.detail == "the role rules refuse this caller"',
        "expect aws.upstream.authorization == none",
      )?.every((each) => each.startsWith("holds")),
    ).toBe(true)
  })

  it("when an expectation does not hold", () => {
    expect(
      outcome(READER, `expect aws.role == ${role}`, "expect aws.decision != deny", "expect aws.status == 401"),
    ).toEqual(["fails none", "fails deny", "fails 403"])
  })

  it("depends on the scopes that were granted", () => {
    expect(outcome(ADMIN, 'given scopes ["mcp:use", "x"]', "expect aws.decision == allow")).toEqual(["holds allow"])
    expect(outcome(ADMIN, "given scopes []", 'expect aws.reason == "scope-insufficient"')).toEqual([
      "holds scope-insufficient",
    ])
  })

  it("without a token is the refusal that sends people to log in", () => {
    expect(outcome('expect aws.reason == "token-missing"', "expect aws.status == 401")).toEqual([
      "holds token-missing",
      "holds 401",
    ])
  })

  it("of a token that is over, early, or for somebody else", () => {
    const seconds = NOW / 1000
    const refused = (claims: string) => outcome(`given claims { ${claims} }`, "expect aws.detail == none")
    expect(refused(`exp: ${seconds - 60}`)).toEqual(["fails the token has expired"])
    expect(refused(`nbf: ${seconds + 60}`)).toEqual(["fails the token is not valid yet"])
    expect(refused('aud: "https://other.example"')).toEqual(["fails the token is for another audience"])
    expect(refused('aud: ["https://other.example"]')).toEqual(["fails the token is for another audience"])
    expect(refused('iss: "https://other.example"')).toEqual(["fails the token is of another issuer"])
  })
})

describe("a file with tests", () => {
  it("is checked as one without: a failing test is no diagnostic", () => {
    const { program, diagnostics } = analyzed(withTest(READER, "expect aws.decision == allow"))
    expect(diagnostics).toEqual([])
    expect(program?.tests.map(({ title }) => title.value)).toEqual(["t"])
  })

  it("runs the tests whose title has the text", () => {
    const { program } = analyzed(`${withTest(READER, DENIED)}\ntest "Another" {\n  ${DENIED}\n}\n`)
    if (program === undefined) throw new Error("no program")
    const titles = (filter?: string) => runTests(program, { filter, now: NOW }).map(({ test }) => test.title.value)
    expect(titles()).toEqual(["t", "Another"])
    expect(titles("aNo")).toEqual(["Another"])
    expect(titles("none")).toEqual([])
  })
})
