import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { OUTSIDE } from "../../compiler/diagnostics/registry/example.ts"
import { analyzed, change, problems } from "./problems.ts"

const ROLE = '"arn:aws:iam::123456789012:role/r"'
const MATCH = OUTSIDE.slice(OUTSIDE.indexOf("match"), OUTSIDE.indexOf("    session"))
const CLAIMS = "{ groups: strings, email: string }"

/** The outside-issuer example with these rules, and with claims of every type. */
const withRules = (scrutinee: string, ...arms: readonly string[]): string =>
  change(
    change(OUTSIDE, MATCH, `match ${scrutinee} {\n${arms.map((arm) => `      ${arm}`).join("\n")}\n    }\n`),
    CLAIMS,
    "{ groups: strings, email: string, level: number, vip: boolean, address: object, team: string }",
  )

const rules = (scrutinee: string, ...conditions: readonly string[]): readonly string[] =>
  problems(withRules(scrutinee, ...conditions.map((each) => `${each} => ${ROLE}`), "else => deny"))

const cel = (expression: string): readonly string[] => rules("", `when ${JSON.stringify(expression)}`)

describe("rules that never apply", () => {
  const shadowed: readonly (readonly [scrutinee: string, earlier: readonly string[], later: string])[] = [
    ["claims.groups", ['contains "a"'], 'contains "a"'],
    ["claims.groups", ['contains "a"'], 'contains_all ["a", "b"]'],
    ["claims.groups", ['contains_any ["a", "b"]'], 'contains "b"'],
    ["claims.groups", ['contains "a"', 'contains "b"'], 'contains_any ["b", "a"]'],
    ["claims.groups", ['contains_all ["a", "b"]'], 'contains_all ["c", "b", "a"]'],
    ["claims.email", ['ends_with "@x"'], 'equals "a@x"'],
    ["claims.email", ['ends_with "@x"'], 'ends_with "b@x"'],
    ["claims.email", ['starts_with "a"'], 'starts_with "ab"'],
    ["claims.email", ['starts_with "a"', 'equals "b"'], 'in ["b", "ax"]'],
    ["claims.email", ['in ["a", "b"]'], 'equals "b"'],
    [
      "claims.email",
      ["when \"has(claims.team) && claims.team == 'x'\""],
      "when \"has(claims.team)&&claims.team=='x'\"",
    ],
    ["claims.email", ['when "true"'], 'equals "b"'],
  ]
  for (const [scrutinee, earlier, later] of shadowed)
    it(`${earlier.join(", ")} leaves nothing to ${later}`, () => {
      expect(rules(scrutinee, ...earlier, later)).toEqual([`AF0603 ${later} => ${ROLE}`])
    })

  const reachable: readonly (readonly [scrutinee: string, earlier: string, later: string])[] = [
    ["claims.groups", 'contains "a"', 'contains_any ["a", "b"]'],
    ["claims.groups", 'contains_all ["a", "b"]', 'contains "a"'],
    ["claims.groups", 'contains "a"', 'contains "A"'],
    ["claims.email", 'equals "a@x"', 'ends_with "@x"'],
    ["claims.email", 'starts_with "a"', 'ends_with "a"'],
    ["claims.email", 'equals "a"', 'in ["a", "b"]'],
    [
      "claims.email",
      "when \"has(claims.team) && claims.team == 'x y'\"",
      "when \"has(claims.team) && claims.team == 'xy'\"",
    ],
  ]
  for (const [scrutinee, earlier, later] of reachable)
    it(`${earlier} leaves something to ${later}`, () => expect(rules(scrutinee, earlier, later)).toEqual([]))

  it("finds each one, naming the rules that take its callers", () => {
    const text = withRules(
      "claims.groups",
      `contains "a" => ${ROLE}`,
      `contains "b" => deny`,
      `contains_any ["a", "b"] => ${ROLE}`,
      "else => deny",
    )
    const [found] = analyzed(text).diagnostics
    expect(found?.related.map(({ span }) => text.slice(span.start, span.end))).toEqual([
      `contains "a" => ${ROLE}`,
      'contains "b" => deny',
    ])
  })

  it("never calls a rule unreachable that a caller reaches", () => {
    // A caller is a list of groups; which rule takes them is computed here, by itself.
    const group = fc.constantFrom("a", "b", "c")
    const some = fc.uniqueArray(group, { minLength: 1, maxLength: 3 })
    const rule = fc.oneof(
      group.map((value) => ({ source: `contains "${value}"`, holds: (has: readonly string[]) => has.includes(value) })),
      some.map((values) => ({
        source: `contains_any [${values.map((each) => `"${each}"`).join(", ")}]`,
        holds: (has: readonly string[]) => values.some((each) => has.includes(each)),
      })),
      some.map((values) => ({
        source: `contains_all [${values.map((each) => `"${each}"`).join(", ")}]`,
        holds: (has: readonly string[]) => values.every((each) => has.includes(each)),
      })),
    )
    const callers = [[], ["a"], ["b"], ["c"], ["a", "b"], ["a", "c"], ["b", "c"], ["a", "b", "c"]]
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (all) => {
        const reached = new Set(callers.map((has) => all.findIndex(({ holds }) => holds(has))))
        const text = withRules("claims.groups", ...all.map(({ source }) => `${source} => ${ROLE}`), "else => deny")
        const lines = text.slice(0, text.indexOf("match")).split("\n").length
        const unreachable = analyzed(text).diagnostics.filter(({ code }) => code === "AF0603")
        const found = unreachable.map(({ span }) => text.slice(0, span.start).split("\n").length - lines - 1)
        const expected = all.map((_, index) => index).filter((index) => !reached.has(index))
        // On such rules the analysis is complete too: what no caller reaches is found.
        expect(found, text).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

describe("operators and claims", () => {
  it("says which operators fit the claim", () => {
    const text = withRules("claims.email", `contains "x" => ${ROLE}`, "else => deny")
    expect(problems(text)).toEqual(["AF0605 contains"])
    expect(analyzed(text).diagnostics[0]?.message).toContain("`equals`, `starts_with`, `ends_with`")
    expect(rules("claims.groups", 'equals "x"')).toEqual(["AF0605 equals"])
    expect(rules("claims.level", 'equals "3"')).toEqual(["AF0605 equals"])
  })

  it("reports the claim, and not what only follows from it", () => {
    expect(rules("claims.grups", 'contains "x"')).toEqual(["AF0507 claims.grups"])
    expect(rules("groups", 'contains "x"')).toEqual(["AF0508 groups"])
  })

  it("takes one role for everybody without a match", () => {
    expect(problems(change(OUTSIDE, MATCH.trimEnd(), ROLE))).toEqual([])
    expect(problems(change(OUTSIDE, MATCH.trimEnd(), "deny"))).toEqual([])
  })
})

describe("CEL", () => {
  const fine = [
    "has(claims.email) && claims.email == 'x'",
    "'email' in claims && claims.email == 'x'",
    'has(claims.groups) && "x" in claims.groups',
    "!has(claims.email) || claims.email == 'x'",
    "!(!has(claims.email) || claims.email != 'x')",
    "has(claims.email) ? claims.email == 'x' : claims.sub == 'y'",
    "(has(claims.email) && claims.email == 'a') || (has(claims.team) && claims.team == 'b')",
    "has(claims.email) && has(claims.team) && claims.email + claims.team == 'x'",
    "(has(claims.email) || has(claims.email)) && claims.email == 'x'",
    "has(claims.groups) && claims.groups.exists(g, g.startsWith('x'))",
    "has(claims.groups) && size(claims.groups) > 2",
    "claims.sub == 'x'",
    'claims["sub"] == "x"',
    "has(claims.address) && has(claims.address.country) && claims.address.country == 'CH'",
    "has(claims.vip) && claims.vip",
    "has(claims.level) && claims.level >= 3.0",
    "claims.sub.matches('^[a-z]+$')",
    "has(claims.email)",
    "claims.sub in ['a', 'b']",
  ]
  for (const expression of fine) it(`takes ${expression}`, () => expect(cel(expression)).toEqual([]))

  const refused: readonly (readonly [expression: string, problem: string])[] = [
    ["claims.email == 'x'", "AF0608 claims.email"],
    ["has(claims.team) && claims.email == 'x'", "AF0608 claims.email"],
    ["has(claims.email) || claims.email == 'x'", "AF0608 claims.email"],
    ["!has(claims.email) && claims.email == 'x'", "AF0608 claims.email"],
    ["(has(claims.email) || has(claims.team)) && claims.email == 'x'", "AF0608 claims.email"],
    ["has(claims.email) ? claims.team == 'x' : false", "AF0608 claims.team"],
    ["claims.email == 'x' && has(claims.email)", "AF0608 claims.email"],
    ["has(claims.address) && claims.address.country == 'CH'", "AF0608 claims.address.country"],
    ["has(claims.address.country)", "AF0608 has(claims.address.country)"],
    ["has(claims.emial) && true", "AF0507 has(claims.emial)"],
    ["claims.nobody == 'x'", "AF0507 claims.nobody"],
    ["claims.sub", "AF0607 claims.sub"],
    ["size(claims.sub)", "AF0607 size(claims.sub)"],
    ["dyn(claims.sub)", "AF0607 dyn(claims.sub)"],
    ["claims.sub ==", "AF0606 *"],
    ["subject == 'x'", "AF0606 subject"],
    ["claims.sub == 3", "AF0606 claims.sub == 3"],
    ["has(claims.groups) && claims.groups == 'x'", "AF0606 claims.groups == 'x'"],
    ["has(claims.email) && 'x' in claims.email", "AF0606 'x' in claims.email"],
    ["claims.sub.frobnicate()", "AF0606 *"],
    ["claims[claims.sub] == 'x'", "AF0617 claims[claims.sub]"],
    ["size(claims) > 3", "AF0617 claims"],
    ["claims.sub in claims", "AF0617 claims.sub in claims"],
  ]
  for (const [expression, problem] of refused)
    it(`refuses ${expression}`, () => {
      const found = cel(expression)
      expect(found.length).toBe(1)
      if (problem.endsWith("*")) expect(found[0]?.slice(0, 6)).toBe(problem.slice(0, 6))
      else expect(found).toEqual([problem])
    })

  it("points into the expression past escapes and parameters", () => {
    const text = `param domain: hostname = "example.com"\n\n${withRules("", `when "claims.sub == 'a@\${domain}' || claims.email == 'x'" => ${ROLE}`, "else => deny")}`
    expect(problems(text)).toEqual(["AF0608 claims.email"])
  })

  it("refuses a parameter's value that would change the expression", () => {
    const text = `param team: string = "x"\n\n${withRules("", `when "claims.sub == '\${team}'" => ${ROLE}`, "else => deny")}`
    expect(problems(text)).toEqual([])
    for (const team of ["' || true || '", '"', "\\", "a'"])
      expect(problems(text, { params: { team } })).toEqual(["AF0609 ${team}"])
  })
})

describe("roles", () => {
  const arn = (value: string): readonly string[] =>
    problems(withRules("claims.groups", `contains "x" => "${value}"`, "else => deny"))

  for (const good of [
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:iam::123456789012:role/team/path/name_+=,.@-",
    `arn:aws:iam::123456789012:role/${"r".repeat(64)}`,
  ])
    it(`takes ${good}`, () => expect(arn(good)).toEqual([]))

  for (const bad of [
    "arn:aws:iam::12345678901:role/r",
    "arn:aws:iam:us-east-1:123456789012:role/r",
    "arn:aws:sts::123456789012:assumed-role/r/s",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::123456789012:role/a//b",
    "arn:aws:iam::123456789012:role/a b",
    "arn:amazon:iam::123456789012:role/r",
    `arn:aws:iam::123456789012:role/${"r".repeat(65)}`,
    "mcp-admin",
  ])
    it(`refuses ${bad}`, () => expect(arn(bad)).toEqual([`AF0610 "${bad}"`]))

  it("asks for the region's own partition, in each", () => {
    const at = (region: string, partition: string) =>
      problems(
        change(
          withRules("claims.groups", `contains "x" => "arn:${partition}:iam::123456789012:role/r"`, "else => deny"),
          '"us-east-1"',
          `"${region}"`,
        ),
      ).map((each) => each.slice(0, 6))
    for (const [region, partition] of [
      ["us-east-1", "aws"],
      ["mx-central-1", "aws"],
      ["cn-northwest-1", "aws-cn"],
      ["us-gov-east-1", "aws-us-gov"],
      ["us-iso-west-1", "aws-iso"],
      ["us-isob-east-1", "aws-iso-b"],
      ["eu-isoe-west-1", "aws-iso-e"],
      ["us-isof-south-1", "aws-iso-f"],
      ["eusc-de-east-1", "aws-eusc"],
    ] as const) {
      expect(at(region, partition), region).toEqual([])
      expect(at(region, partition === "aws" ? "aws-cn" : "aws"), region).toEqual(["AF0611"])
    }
  })
})
