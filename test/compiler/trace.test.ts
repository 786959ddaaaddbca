import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { claimsCaller, tokenCaller, traceFlow, traceText } from "../../compiler/analysis/evaluation.ts"
import { sha256 } from "../../compiler/analysis/trace/sha256.ts"
import { OUTSIDE, SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { analyzed, change } from "./problems.ts"

const NOW = Date.UTC(2026, 10, 23)

const flowOf = (text: string) => {
  const { program, diagnostics } = analyzed(text)
  if (program === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"))
  return program.flows[0]
}

const trace = (claims: Readonly<Record<string, unknown>>, text = SOUND) =>
  traceFlow(flowOf(text), claimsCaller(claims, undefined), NOW)

const token = (claims: object, header: object = { alg: "ES256", typ: "at+jwt" }): string =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".")
    .concat(".c2ln")

const WITH_CEL = change(
  OUTSIDE,
  'contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"',
  `when "has(claims.email) && claims.email.endsWith('@example.com')" => "arn:aws:iam::123456789012:role/mcp-reader"
      contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"`,
)

describe("a trace", () => {
  it("says of each rule whether it applies and what of the caller makes it so, and no more after the one that does", () => {
    const rules = (claims: Readonly<Record<string, unknown>>) =>
      trace(claims, WITH_CEL).steps[1]?.rules.map(({ rule, applies, because }) => `${rule} ${applies} ${because}`)
    expect(rules({ email: "a@example.com" })).toEqual(['1 true claims.email is "a@example.com"'])
    expect(rules({ groups: ["admins"] })).toEqual([
      "1 false claims.email is absent",
      '2 true claims.groups is ["admins"]',
    ])
    expect(rules({ groups: "admins" })).toEqual([
      "1 false claims.email is absent",
      '2 false claims.groups is "admins"',
      "else true ",
    ])
    expect(rules({ email: 7 })).toEqual([expect.stringMatching(/^1 failed .*; claims.email is 7$/)])
  })

  it("places each rule in the file", () => {
    const [rule] = trace({ groups: ["admins"] }).steps[1]?.rules ?? []
    expect(SOUND.slice(rule?.span.start, rule?.span.end)).toMatch(/^contains "admins"/)
  })

  it("goes no further than the stage that refuses", () => {
    const { steps, outcome } = trace({ groups: [] })
    expect(steps.map(({ outcome }) => outcome)).toEqual(["ok", "refused", "not reached", "not reached"])
    expect(outcome).toMatchObject({ kind: "refused", stage: "exchange aws.sts", status: 403, code: "role-denied" })
  })

  it("names what it had to assume", () => {
    const notes = trace({ sub: "ada" }).steps[0]?.notes.join("\n")
    expect(notes).toContain("iss, aud, exp, iat, jti, client_id, grant_id, scope")
    expect(notes).not.toContain("sub,")
  })

  it("says which token AWS is shown", () => {
    expect(trace({ groups: ["admins"] }).steps[1]?.notes.join("\n")).toContain("corp.id_token, kept from the login")
    expect(trace({ groups: ["admins"], sub: "ada" }, OUTSIDE).steps[1]?.notes.join("\n")).toContain(
      "corp.access_token, the caller's own token",
    )
  })

  it("says that it does not know what a stage that is not run here does", () => {
    const exchange = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  forward"))
    const limit = "  limit tool_calls { shared = { calls: 100, per: 1m } }\n"
    const { steps, outcome } = trace({}, change(SOUND, exchange, `${limit}${exchange}`))
    expect(steps.map((step) => step.outcome)).toEqual(["ok", "unknown", "not reached", "not reached", "not reached"])
    expect(outcome).toEqual({ kind: "unknown", stage: "limit tool_calls" })
  })

  it("as text has no control characters of a caller's", () => {
    const text = traceText(trace({ groups: ["\u001b[2J\n=> forwarded"], sub: "\u202eada" }), { color: false })
    for (const character of ["\u001b", "\u202e"]) expect(text).not.toContain(character)
    expect(text.split("\n").filter((line) => line.trim().startsWith("=>"))).toHaveLength(1)
  })
})

describe("a token", () => {
  const claims = {
    iss: "https://idp.example.com",
    sub: "ada",
    aud: "https://mcp.example.com/mcp",
    exp: NOW / 1000 + 60,
    groups: ["admins"],
  }
  const detail = (text: string) => {
    const { outcome } = traceFlow(flowOf(OUTSIDE), tokenCaller(text), NOW)
    return outcome.kind === "refused" ? outcome.detail : outcome.kind
  }

  it("is taken as it is: nothing is assumed", () => {
    expect(detail(token(claims))).toBe("forwarded")
    expect(detail(token({ ...claims, sub: undefined }))).toBe("a required claim of the token is missing or wrong")
    expect(detail(token({ ...claims, aud: "x" }))).toBe("the token is for another audience")
    expect(detail(token({ ...claims, exp: NOW / 1000 - 60 }))).toBe("the token has expired")
  })

  it("of another algorithm or kind is refused", () => {
    expect(detail(token(claims, { alg: "HS256" }))).toBe(
      "the token is signed with an algorithm that is not accepted here",
    )
    expect(detail(token(claims, { alg: "none" }))).toContain("algorithm")
    expect(detail(token(claims, { alg: "ES256", typ: "logout+jwt" }))).toContain("another type")
    expect(detail(token({ ...claims, nonce: "n" }, { alg: "ES256" }))).toContain("ID token")
  })

  it("that is none is refused, and none of its text is told", () => {
    for (const text of ["", "opaque", "a.b", "a.b.c", "a.b.c.d.e", "two words", token(claims).split(".")[0] ?? ""]) {
      expect(detail(text)).toMatch(
        /^(what follows Bearer is not one token|the token is not a JWT that can be verified here)$/,
      )
    }
    const secret = token({ ...claims, jti: "do-not-print" })
    const shown = traceText(traceFlow(flowOf(OUTSIDE), tokenCaller(secret), NOW), { color: false })
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain("do-not-print")
  })

  it("of any text is answered", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.jsonValue().map((value) => token(Object(value))),
        ),
        (text) => {
          expect(traceFlow(flowOf(OUTSIDE), tokenCaller(text), NOW).outcome.kind).toBe("refused")
        },
      ),
      { numRuns: 300 },
    )
  })
})

it("SHA-256 is that of another implementation", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"))
    }),
    { numRuns: 500 },
  )
})
