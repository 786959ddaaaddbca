import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Expression, File } from "../../grammar/index.ts"
import { nodesAt, parse, walk } from "../../grammar/index.ts"
import { AuthflowParser } from "../../grammar/parser.ts"
import { createLexer, keywords, reservedKeywords } from "../../grammar/tokens.ts"

const clean = (text: string): File => {
  const { file, problems } = parse(text)
  expect(problems).toEqual([])
  return file
}

/** The value of `x` in a block. */
const parsedValue = (source: string): Expression => {
  const item = clean(`provider p = t {\n  x = ${source}\n}\n`).items[0]
  if (item?.kind !== "Declaration" || item.body.fields[0] === undefined) throw new Error("no field")
  return item.body.fields[0].value
}

const shapeOf = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === "span" || key === "escapes" ? undefined : inner)))

describe("the grammar itself", () => {
  it("has no ambiguity, left recursion or unreachable token that chevrotain can find", () => {
    expect(() => new AuthflowParser({ validate: true })).not.toThrow()
    expect(createLexer({ validate: true }).lexerDefinitionErrors).toEqual([])
  })
})

describe("examples", () => {
  const folder = new URL("../../examples/", import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith(".authflow"))

  it("are there", () => expect(names.length).toBeGreaterThan(0))

  it.each(names)("%s reads without a problem", (name) => {
    expect(clean(readFileSync(new URL(name, folder), "utf8")).items.length).toBeGreaterThan(0)
  })
})

describe("values", () => {
  it.each([
    ["0", { kind: "NumberLiteral", value: 0, text: "0" }],
    ["-12", { kind: "NumberLiteral", value: -12, text: "-12" }],
    ["9007199254740991", { kind: "NumberLiteral", value: 9007199254740991, text: "9007199254740991" }],
    ["90s", { kind: "DurationLiteral", seconds: 90, text: "90s" }],
    ["1h30m", { kind: "DurationLiteral", seconds: 5400, text: "1h30m" }],
    ["500ms", { kind: "DurationLiteral", seconds: 0.5, text: "500ms" }],
    ["1w2d", { kind: "DurationLiteral", seconds: 777_600, text: "1w2d" }],
    ["512B", { kind: "SizeLiteral", bytes: 512, text: "512B" }],
    ["10KB", { kind: "SizeLiteral", bytes: 10_000, text: "10KB" }],
    ["8MiB", { kind: "SizeLiteral", bytes: 8_388_608, text: "8MiB" }],
    ['""', { kind: "StringTemplate", parts: [] }],
    [
      String.raw`"a\"\\\n\t\r\${b}\u{1F600}$ $$"`,
      { kind: "StringTemplate", parts: [{ kind: "TemplateText", value: 'a"\\\n\t\r${b}\u{1F600}$ $$' }] },
    ],
    [
      '"https://${ corp.domain }/"',
      {
        kind: "StringTemplate",
        parts: [
          { kind: "TemplateText", value: "https://" },
          {
            kind: "TemplateHole",
            expression: {
              kind: "Reference",
              path: [
                { kind: "Segment", text: "corp", quoted: false },
                { kind: "Segment", text: "domain", quoted: false },
              ],
            },
          },
          { kind: "TemplateText", value: "/" },
        ],
      },
    ],
    [
      'claims["cognito:groups"].first',
      {
        kind: "Reference",
        path: [
          { kind: "Segment", text: "claims", quoted: false },
          { kind: "Segment", text: "cognito:groups", quoted: true },
          { kind: "Segment", text: "first", quoted: false },
        ],
      },
    ],
    ["match", { kind: "Reference", path: [{ kind: "Segment", text: "match", quoted: false }] }],
    [
      '{ "a b": 1, provider: [] }',
      {
        kind: "MapLiteral",
        entries: [
          {
            kind: "Entry",
            key: { kind: "Segment", text: "a b", quoted: true },
            value: { kind: "NumberLiteral", value: 1, text: "1" },
          },
          {
            kind: "Entry",
            key: { kind: "Segment", text: "provider", quoted: false },
            value: { kind: "ListLiteral", items: [] },
          },
        ],
      },
    ],
    [
      "secret(1, key: 2,)",
      {
        kind: "Call",
        callee: { kind: "Name", text: "secret" },
        args: [
          { kind: "Argument", value: { kind: "NumberLiteral", value: 1, text: "1" } },
          {
            kind: "Argument",
            name: { kind: "Name", text: "key" },
            value: { kind: "NumberLiteral", value: 2, text: "2" },
          },
        ],
      },
    ],
    [
      "match a { in [1]\n => b, exists => c\n else => d }",
      {
        kind: "Match",
        scrutinee: { kind: "Reference", path: [{ kind: "Segment", text: "a", quoted: false }] },
        arms: [
          {
            kind: "Arm",
            operator: { kind: "Name", text: "in" },
            operand: { kind: "ListLiteral", items: [{ kind: "NumberLiteral", value: 1, text: "1" }] },
            result: { kind: "Reference", path: [{ kind: "Segment", text: "b", quoted: false }] },
          },
          {
            kind: "Arm",
            operator: { kind: "Name", text: "exists" },
            result: { kind: "Reference", path: [{ kind: "Segment", text: "c", quoted: false }] },
          },
          {
            kind: "Arm",
            operator: { kind: "Name", text: "else" },
            result: { kind: "Reference", path: [{ kind: "Segment", text: "d", quoted: false }] },
          },
        ],
      },
    ],
  ])("%s", (source, expected) => {
    expect(shapeOf(parsedValue(source))).toEqual(expected)
  })
})

describe("words of the language", () => {
  it.each([...keywords, ...reservedKeywords])("%s is a name wherever a name stands", (word) => {
    clean(`param ${word}: ${word}.${word} = ${word}\n`)
    clean(`provider ${word} = ${word} {\n  ${word} = { ${word}: ${word}.${word} }\n}\n`)
    clean(`flow ${word} at ${word}["x"] {\n  ${word} ${word} { ${word} = ${word}(${word}: "\${${word}}") }\n}\n`)
  })
})

describe("entries", () => {
  it("are parted by line ends or commas", () => {
    const one = clean('provider p = t { a = 1, b = [1,\n2], c = "x" }')
    const many = clean('provider p = t {\n\n  a = 1\n  b = [\n    1\n    ,2\n  ],\n  c = "x",\n}')
    expect(shapeOf(many.items)).toEqual(shapeOf(one.items))
  })

  it("may have their value, arrow or brace on the next line", () => {
    const item = clean('flow f at "x"\n{\n  a b\n  {\n    c =\n      d\n    e =\n      match f {\n g\n  => h }\n  }\n}')
      .items[0]
    expect(item?.kind === "Flow" && item.stages[0]?.body?.fields.map(({ name }) => name.text)).toEqual(["c", "e"])
  })
})

describe("comments", () => {
  it("that document something are its doc", () => {
    const [param, provider] = clean(
      [
        "/// Not the param's: a blank line parts them.",
        "",
        "/// First.",
        "// not doc",
        "///   Second.",
        "param p = 1 /// behind, so nobody's",
        "provider x = y {",
        "  /// Of a.",
        "  a = 1",
        "}",
      ].join("\n"),
    ).items
    expect(param?.doc).toBe("First.\n  Second.")
    expect(provider?.doc).toBeUndefined()
    expect(provider?.kind === "Declaration" && provider.body.fields[0]?.doc).toBe("Of a.")
  })

  it("are kept as written, in order", () => {
    const { comments } = clean("// a  \r\n/* b\r\n c */ param x /// d\r\n")
    expect(comments.map(({ style, text }) => [style, text])).toEqual([
      ["line", "// a"],
      ["block", "/* b\n c */"],
      ["doc", "/// d"],
    ])
  })
})

describe("places", () => {
  it("of nodes are the text they were read from, and lie within their parents'", () => {
    const text = readFileSync(new URL("../../examples/thv-0050.authflow", import.meta.url), "utf8")
    const names: string[] = []
    walk(clean(text), (node, ancestors) => {
      const parent = ancestors.at(-1)
      if (parent !== undefined) {
        expect(node.span.start).toBeGreaterThanOrEqual(parent.span.start)
        expect(node.span.end).toBeLessThanOrEqual(parent.span.end)
      }
      if (node.kind === "Name") {
        expect(text.slice(node.span.start, node.span.end)).toBe(node.text)
        names.push(node.text)
      }
      return true
    })
    expect(names).toContain("aws_mcp")
  })

  it("lead back to the node", () => {
    const text = 'param a = "x${corp.id}"\n'
    const kinds = nodesAt(clean(text), text.indexOf("id")).map((node) => node.kind)
    expect(kinds).toEqual(["File", "Param", "StringTemplate", "TemplateHole", "Reference", "Segment"])
  })
})
