import { describe, expect, it } from "vitest"
import { SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { targets } from "../../compiler/index.ts"
import { analyzed, problems } from "./problems.ts"

const withConstants = (constants: string, ...changes: readonly (readonly [string, string])[]): string =>
  `${constants}\n\n${changes.reduce((text, [from, to]) => text.replace(from, () => to), SOUND)}`

const plan = (text: string): unknown => {
  const { program, diagnostics } = analyzed(text)
  expect(diagnostics).toEqual([])
  return program && targets.plan.lowerPlan(program).plan
}

describe("constants", () => {
  it("mean what would stand in their place", () => {
    const text = withConstants(
      [
        'param domain: hostname = "example.com"',
        'const base   = "https://idp.${domain}"',
        'const idp    = "${base}"',
        'const common = ["openid", "email"]',
        'const key    = secret("gate-keys", key: "2026")',
        "const keys   = [key]",
        "const carry  = { groups: strings }",
        "const claims_of = { claims: carry }",
      ].join("\n"),
      ['"https://idp.example.com"', "idp"],
      ['["openid", "email"]', "common"],
      ['[secret("gate-keys", key: "2026")]', "keys"],
      ["{ claims: { groups: strings } }", "claims_of"],
    )
    expect(plan(text)).toEqual(plan(SOUND))
  })

  it("can be words, numbers, durations and sizes", () => {
    const text = withConstants(
      "const mode = dynamic\nconst hour = 1h\nconst limit = 512KiB",
      ["login  = [corp]", "login  = [corp]\n  clients = { registration: mode }\n  tokens = { access: hour }"],
      ['{ service = "aws-mcp" }', '{ service = "aws-mcp", max_body = limit }'],
    )
    const written = SOUND.replace(
      "login  = [corp]",
      "login  = [corp]\n  clients = { registration: dynamic }\n  tokens = { access: 1h }",
    ).replace('{ service = "aws-mcp" }', '{ service = "aws-mcp", max_body = 512KiB }')
    expect(plan(text)).toEqual(plan(written))
  })

  it.each<[string, string, readonly string[]]>([
    ["each other", "const a = b\nconst b = a", ["AF0216 b"]],
    ["themselves", 'const a = "${a}"', ["AF0216 a"]],
    ["a parameter that needs them", 'param p: string = a\nconst a = "${p}"', ["AF0216 a"]],
    ["what is further down", 'const a = b\nconst b = "x"', ["AF0212 b"]],
    ["a claim", "const a = claims.groups", ["AF0215 claims.groups"]],
    ["a provider", "const a = [corp]", ["AF0215 corp"]],
    ["a match", "const a = match claims.groups { else => deny }", ["AF0215 match claims.groups { else => deny }"]],
    ["a list in a string", 'const a = ["x"]\nconst b = "${a}"', ["AF0213 a"]],
    ["a name there is not", 'const a = "${domian}"', ["AF0201 domian"]],
  ])("cannot need %s", (_, constants, expected) => {
    expect(problems(withConstants(constants))).toEqual(expected)
  })

  it("name the circle", () => {
    const { diagnostics } = analyzed(withConstants("const a = b\nconst b = c\nconst c = a"))
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "this goes in a circle: `a` needs `b` needs `c` needs `a`",
    ])
  })

  it("are told of where they are written when what they hold does not fit", () => {
    const text = withConstants('const common = ["openid", "not one scope"]', ['["openid", "email"]', "common"])
    expect(problems(text)).toEqual(['AF0312 "not one scope"'])
  })

  it("are told of when nothing uses them", () => {
    expect(problems(withConstants("const spare = 1"))).toEqual(["AF0209 spare"])
  })
})

describe("a parameter that lists its values", () => {
  const region = (param: string) => withConstants(param, ['"us-east-1"\n    role', "region\n    role"])
  const listed = region('param region: aws.region in ["us-east-1", "us-west-2"] = "us-east-1"')

  it("takes those", () => {
    expect(problems(listed, { params: { region: "us-west-2" } })).toEqual([])
    expect(analyzed(listed, { params: { region: "me-central-1" } }).diagnostics).toMatchObject([
      { code: "AF0905", message: expect.stringContaining("`us-east-1`, `us-west-2`") },
    ])
  })

  it("is stood for by the first where a value is not needed", () => {
    const text = region('const regions = ["us-west-2"]\nparam region: aws.region in regions')
    const { program } = analyzed(text, { missingParams: "sample" })
    expect(program?.params[0]?.value).toMatchObject({ text: "us-west-2", source: "sample" })
  })

  it.each<[string, readonly string[]]>([
    ['param region: aws.region in ["us-east-1"] = "us-west-2"', ['AF0905 "us-west-2"']],
    ['param region: aws.region in ["us-east-1", 3] = "us-east-1"', ["AF0304 3"]],
    ['param region: aws.region in "us-east-1" = "us-east-1"', ['AF0304 "us-east-1"']],
    ['param region: aws.region in [] = "us-east-1"', ["AF0310 []"]],
  ])("has to list what it can take: %s", (param, expected) => {
    expect(problems(region(param))).toEqual(expected)
  })
})
