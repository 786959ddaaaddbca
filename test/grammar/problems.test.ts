import { describe, expect, it } from "vitest"
import { parse, type SyntaxProblem } from "../../grammar/index.ts"
import { calledOf } from "./meaning.ts"

/** A problem in a line: kind, the text it points at, and what it says besides. */
const told = (text: string): readonly string[] =>
  parse(text).problems.map((problem) => {
    const at = text.slice(problem.span.start, problem.span.end)
    return [problem.kind, JSON.stringify(at), ...detailsOf(problem)].join(" ")
  })

const detailsOf = (problem: SyntaxProblem): readonly string[] => {
  switch (problem.kind) {
    case "UnexpectedToken":
      return [`${problem.expected.join(" or ")}, not ${problem.found}`]
    case "UnexpectedCharacter":
    case "BadName":
      return problem.instead === undefined ? [] : [`→ ${problem.instead}`]
    case "BadNumber":
      return [problem.reason, ...(problem.unit === undefined ? [] : [problem.unit])]
    default:
      return []
  }
}

/** `line` in a block that is fine besides. */
const inBlock = (line: string): readonly string[] => told(`provider p = t {\n  a = 1\n  ${line}\n  z = 1\n}\n`)
const inFlow = (line: string): readonly string[] => told(`flow f at "x" {\n  a b\n  ${line}\n  y z\n}\n`)

describe("one mistake is one problem, said so that it can be mended", () => {
  it.each([
    ["issuer =", 'UnexpectedToken "" a value, not end of line'],
    ['issuer "x"', 'UnexpectedToken "\\"" `=`, not a string'],
    ['issuer: "x"', 'UnexpectedToken ":" `=`, not `:`'],
    ['= "x"', 'UnexpectedToken "=" a field name, not `=`'],
    ["b = 1 c = 2", 'MissingSeparator "c"'],
    ["b = 1,, c = 2", 'UnexpectedToken "," a field name, not `,`'],
    ["b = corp.", 'UnexpectedToken "" a name, not end of line'],
    ['b = ["x" "y"]', 'MissingSeparator "\\""'],
    ['b = ["x", , "y"]', 'UnexpectedToken "," a value, not `,`'],
    ['b = claims ["x"]', 'UnexpectedToken "[" end of line, not `[`'],
    ['b = claims["${x}"]', 'UnexpectedToken "${x}" a string without `${`, not `${`'],
    ['b = { "k" = 1 }', 'UnexpectedToken "=" `:`, not `=`'],
    ['b = secret("x", key = "y")', 'UnexpectedToken "=" `:`, not `=`'],
    ["b = match c { d e }", 'UnexpectedToken "}" `=>`, not `}`'],
    ["b = match c { d -> e }", 'UnexpectedCharacter "->" → =>'],
    ["b = match c { else d => e }", 'UnexpectedToken "d" `=>`, not `d`'],
    ["b = 'x'", 'UnexpectedCharacter "\'x\'" → "'],
    ["b = “x”", 'UnexpectedCharacter "“x”" → "'],
    ["b = 1;", 'UnexpectedCharacter ";" → ,'],
    ["# b", 'UnexpectedCharacter "#" → //'],
    ["b-c = 1", 'BadName "b-c" → b_c'],
    ["größe = 1", 'BadName "größe"'],
    ["b = 1.5", 'BadNumber "1.5" fraction'],
    ["b = 5x", 'BadNumber "5x" unknown-unit x'],
    ["b = 5m1h", 'BadNumber "5m1h" units-out-of-order h'],
    ["b = 1_000", 'BadNumber "1_000" malformed'],
    ["b = 9007199254740992", 'NumberOutOfRange "9007199254740992"'],
    ['b = "\\d"', 'BadEscape "\\\\d"'],
    ['b = "\\u{d800}"', 'BadEscape "\\\\u{d800}"'],
    ['b = "x', 'UnterminatedString "\\"x"'],
    ['b = ["x, y]', 'UnterminatedString "\\"x, y]"'],
    ['b = "x${y', 'UnterminatedString "\\"x${y"'],
    ['b = "x${y"', 'UnclosedHole "\\""'],
    ['b = "${}"', 'UnexpectedToken "}" a name, not `}`'],
    ['b = "${x + y}"', 'UnexpectedCharacter "+"'],
    ["b = x // \u202e", 'HiddenCharacter "\u202e"'],
    ["b = @", 'UnexpectedCharacter "@"'],
    ["b = [1", 'UnclosedBracket ""'],
    ["b = 1]", 'UnopenedBracket "]"'],
    ["b = { c: 1", 'UnclosedBracket ""'],
    ["b = { c: 1 }}", 'UnopenedBracket "}"'],
  ])("%s", (line, problem) => {
    expect(inBlock(line)).toEqual([problem])
  })

  it.each([
    ["forward", 'UnexpectedToken "" a name or a string, not end of line'],
    ["scopes = 1", 'UnexpectedToken "scopes" a stage, not `scopes`'],
    ["sign aws sts { a = 1 }", 'UnexpectedToken "sts" `{`, not `sts`'],
    ["sign aws. { a = 1 }", 'UnexpectedToken "{" a name, not `{`'],
    ["sign aws { a = 1", 'UnclosedBracket ""'],
    ["sign aws { a = 1 } }", 'UnopenedBracket "}"'],
    ["sign aws { { a = 1 }", 'UnexpectedToken "{" a name, not `{`'],
  ])("in a flow: %s", (line, problem) => {
    expect(inFlow(line)).toEqual([problem])
  })

  it.each([
    ["providr p = t {}", 'UnknownKeyword "providr"'],
    ["flw f at x {}", 'UnknownKeyword "flw"'],
    ['import "x"', 'UnexpectedToken "\\"" `{`, not a string'],
    ['import { a } "x"', 'UnexpectedToken "\\"" `from`, not a string'],
    ["import { a } from x", 'UnexpectedToken "x" the path of a file, in quotes, not `x`'],
    ['import { a b } from "x"', 'MissingSeparator "b"'],
    ['import { a as } from "x"', 'UnexpectedToken "}" a name, not `}`'],
    ["const = 1", 'UnexpectedToken "=" a name, not `=`'],
    ["const x", 'UnexpectedToken "" `=`, not end of line'],
    ["env prod", 'UnexpectedToken "" `{`, not end of line'],
    ["param x: string in = 1", 'UnexpectedToken "=" a name or a string, not `=`'],
    ["test {}", 'UnexpectedToken "{" a string that says what the test shows, not `{`'],
    ["test t {}", 'UnexpectedToken "t" a string that says what the test shows, not `t`'],
    ['test "${t}" {}', 'UnexpectedToken "${t}" a string without `${`, not `${`'],
    ['test "t"', 'UnexpectedToken "" `{`, not end of line'],
    ['test "t" {\n  expct a == b\n}', 'UnexpectedToken "expct" `given` or `expect`, not `expct`'],
    ['test "t" {\n  expect a b\n}', 'UnexpectedToken "b" `==` or `!=`, not `b`'],
    ['test "t" {\n  expect a = b\n}', 'UnexpectedToken "=" `==` or `!=`, not `=`'],
    ['test "t" {\n  expect a ==\n}', 'UnexpectedToken "}" a value, not `}`'],
    ['test "t" {\n  expect == b\n}', 'UnexpectedToken "==" what is expected, such as `flow.role`, not `==`'],
    ['test "t" {\n  given { a: 1 }\n}', 'UnexpectedToken "{" a name, not `{`'],
    ['test "t" {\n  given claims\n}', 'UnexpectedToken "}" a value, not `}`'],
    ['test "t" { given a {} given b {} }', 'MissingSeparator "given"'],
    ["export flow f", 'ReservedKeyword "export"'],
    ["deploy {\n  replicas = 2\n}", 'UnexpectedToken "{" a name, not `{`'],
    ["deploy toolhive", 'UnexpectedToken "" `{`, not end of line'],
    [
      "x = 1",
      'UnexpectedToken "x" `import` or `param` or `const` or `env` or `provider` or `server` or `callers` or `deploy` or `flow` or `test`, not `x`',
    ],
    ["provider p t {}", 'UnexpectedToken "t" `=`, not `t`'],
    ["provider = t {}", 'UnexpectedToken "=" a name, not `=`'],
    ["provider p = {}", 'UnexpectedToken "{" a type, not `{`'],
    ["provider p = t", 'UnexpectedToken "" `{`, not end of line'],
    ["provider provider p = t {}", 'UnexpectedToken "provider" a name, not `provider`'],
    ["param p t", 'UnexpectedToken "t" `:`, not `t`'],
    ["param p: = 1", 'UnexpectedToken "=" a type, not `=`'],
    ['flow f "x" {}', 'UnexpectedToken "\\"" `at`, not a string'],
    ["flow f at {}", 'UnexpectedToken "{" a name or a string, not `{`'],
    ["provider p = t {} param b", 'MissingSeparator "param"'],
    ["/* x", 'UnterminatedComment "/*"'],
  ])("at the top: %s", (item, problem) => {
    expect(told(`param a\n\n${item}\n\nparam z\n`)).toEqual([problem])
  })

  it("and the rest of the file is read as if there were none", () => {
    const text = 'param a = \nprovider p = t {\n  x = = 1\n  y = 2\n}\nflow f at "x {\n}\nparam z = 1 1\n'
    const { file, problems } = parse(text)
    expect(file.items.map(calledOf)).toEqual(["a", "p", "f", "z"])
    expect(problems.map(({ span }) => text.slice(0, span.start).split("\n").length)).toEqual([1, 3, 6, 8])
  })
})

describe("a forgotten bracket is found where indentation shows it", () => {
  it("though a later one closes it", () => {
    const text = 'flow f at "x" {\n  a b {\n    c = 1\n  d e\n}\n\nparam z\n'
    const { file, problems } = parse(text)
    const opened = text.indexOf("{", text.indexOf("a b"))
    expect(problems).toMatchObject([{ kind: "UnclosedBracket", opened: { start: opened, end: opened + 1 } }])
    const flow = file.items[0]
    expect(flow?.kind === "Flow" && flow.stages.map(({ verb }) => verb.text)).toEqual(["a", "d"])
    expect(calledOf(file.items[1])).toBe("z")
  })

  it("though it is the opening one", () => {
    const text = "provider p = t\n  a = 1\n  b = 2\n}\nparam z\n"
    const { file, problems } = parse(text)
    expect(problems).toMatchObject([{ kind: "UnexpectedToken", span: { start: 14, end: 14 }, expected: ["`{`"] }])
    const provider = file.items[0]
    expect(provider?.kind === "Declaration" && provider.body.fields.map(({ name }) => name.text)).toEqual(["a", "b"])
  })

  it("and the text decides where there is no indentation", () => {
    const { file, problems } = parse('provider p = t {\na = { b: 1\n\nflow f at "x" {\na b\n}\n')
    expect(problems).toMatchObject([{ kind: "UnclosedBracket" }])
    expect(file.items.map(calledOf)).toEqual(["p", "f"])
  })
})
