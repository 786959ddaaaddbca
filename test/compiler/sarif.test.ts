import schema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" }
import draft04 from "ajv-draft-04"
import formats from "ajv-formats"
import { describe, expect, it } from "vitest"
import type { Entry } from "../../compiler/diagnostics/registry/entry.ts"
import { analyze, codes, diagnose, registry, renderSarif, type Source, targets } from "../../compiler/index.ts"

// ECMAScript modules see CommonJS packages with their default one level down.
const Ajv = draft04.default
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false })
formats.default(ajv)
const validate = ajv.compile(schema)

interface Region {
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
}
interface Location {
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: Region }
}
interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly Location[]
  readonly relatedLocations?: readonly (Location & { readonly message: { readonly text: string } })[]
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly fixes?: readonly {
    readonly artifactChanges: readonly {
      readonly replacements: readonly {
        readonly deletedRegion: Region
        readonly insertedContent: { readonly text: string }
      }[]
    }[]
  }[]
}
interface Run {
  readonly tool: {
    readonly driver: { readonly rules: readonly { readonly id: string; readonly helpUri?: string }[] }
  }
  readonly columnKind: string
  readonly results: readonly Result[]
}

const render = (source: Source, options: { readonly target?: "plan" | "toolhive"; readonly docs?: string } = {}) => {
  const { program, diagnostics } = analyze(source)
  const lowered = program && options.target ? targets[options.target].lower(program).diagnostics : []
  return renderSarif([...diagnostics, ...lowered], [source], {
    version: "1.2.3",
    ...(options.docs !== undefined && { docs: options.docs }),
  })
}

const run = (log: string): Run => JSON.parse(log).runs[0]
const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`

const misspelt = text([
  "provider corp = oidc {",
  '  isuer = "https://idp.example.com"',
  "}",
  'flow f at "https://mcp.example.com/mcp" {}',
])

describe("SARIF", () => {
  it("follows the schema of SARIF 2.1.0 for the bad example of every code", () => {
    const rendered: string[] = []
    for (const code of codes) {
      const { example } = registry[code] as Entry<never>
      if (example === undefined) continue
      const source = { uri: "dir/an example.authflow", text: example.bad }
      const log = render(source, { docs: "https://docs.example/diagnostics.md", target: example.target ?? "plan" })
      validate(JSON.parse(log))
      expect(validate.errors ?? [], code).toEqual([])
      const { results, tool } = run(log)
      for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
      if (results.some(({ ruleId }) => ruleId === code)) rendered.push(code)
    }
    expect(rendered.length).toBeGreaterThan(50)
  })

  it("would be told apart from what is no SARIF", () => {
    const log = JSON.parse(render({ uri: "a.authflow", text: misspelt }))
    log.runs[0].results[0].level = "fatal"
    expect(validate(log)).toBe(false)
  })

  it("places results by line and column from 1, counted in UTF-16 code units, the end exclusive", () => {
    const source = { uri: "a.authflow", text: `/* 😀 */ ${misspelt}` }
    const { columnKind, results } = run(render(source))
    expect(columnKind).toBe("utf16CodeUnits")
    const found = results.find(({ ruleId }) => ruleId === "AF0301")
    expect(found?.locations[0]?.physicalLocation.region).toEqual({
      startLine: 2,
      startColumn: 3,
      endLine: 2,
      endColumn: 8,
    })
    const first = run(render({ uri: "a.authflow", text: "/* 😀 */ provder x = oidc {}\n" })).results[0]
    expect(first?.locations[0]?.physicalLocation.region).toMatchObject({ startLine: 1, startColumn: 10, endColumn: 17 })
  })

  it("carries fixes as replacements, and related places", () => {
    const { results } = run(render({ uri: "a.authflow", text: misspelt }))
    const fix = results.find(({ ruleId }) => ruleId === "AF0301")?.fixes?.[0]
    expect(fix?.artifactChanges[0]?.replacements).toEqual([
      {
        deletedRegion: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 8 },
        insertedContent: { text: "issuer" },
      },
    ])
    const twice = misspelt.replace("isuer", 'issuer = "https://idp.example.com"\n  issuer')
    const [related] = run(render({ uri: "a.authflow", text: twice })).results.flatMap(
      ({ relatedLocations = [] }) => relatedLocations,
    )
    expect(related?.physicalLocation.region.startLine).toBe(2)
    expect(related?.message.text).toMatch(/\.$/)
  })

  it("keeps a result's fingerprint when lines are added above it, and tells equal lines apart", () => {
    const prints = (source: string) =>
      run(render({ uri: "a.authflow", text: source })).results.map((each) => each.partialFingerprints["authflow/v1"])
    const twice = `${misspelt}${misspelt.replace("corp", "other")}`
    expect(prints(`// one\n// more\n${twice}`)).toEqual(prints(twice))
    expect(new Set(prints(twice)).size).toBe(prints(twice).length)
    expect(prints(twice).length).toBeGreaterThan(3)
  })

  it("doubles the braces of a message, which would stand for its arguments", () => {
    const { results } = run(render({ uri: "a.authflow", text: 'flow f at "https://a.example/x" {\n' }))
    expect(results.map(({ message }) => message.text).join("\n")).toMatch(/\{\{|\}\}/)
    expect(results.map(({ message }) => message.text).join("\n")).not.toMatch(/(?<![{}])[{}](?![{}])/)
  })

  it.each([
    ["gateway.authflow", "gateway.authflow"],
    ["./a/b c.authflow", "a/b%20c.authflow"],
    ["../a:b.authflow", "../a%3Ab.authflow"],
    ["/srv/größe#1.authflow", "file:///srv/gr%C3%B6%C3%9Fe%231.authflow"],
    ["C:\\flows\\a.authflow", "file:///C:/flows/a.authflow"],
    ["<stdin>", "%3Cstdin%3E"],
  ])("names %s as the URI %s", (uri, expected) => {
    const log = render({ uri, text: misspelt })
    validate(JSON.parse(log))
    expect(validate.errors ?? []).toEqual([])
    expect(run(log).results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe(expected)
  })

  it("says only the rules that have a result, with the address of their docs where it is known", () => {
    const source = { uri: "a.authflow", text: misspelt }
    const { tool, results } = run(render(source, { docs: "https://docs.example/diagnostics.md" }))
    const rules = tool.driver.rules.map(({ id, helpUri }) => [id, helpUri])
    expect(rules).toContainEqual(["AF0301", "https://docs.example/diagnostics.md#af0301"])
    expect(rules.map(([id]) => id)).toEqual([...new Set(results.map(({ ruleId }) => ruleId))].sort())
    expect(run(render(source)).tool.driver.rules.some(({ helpUri }) => helpUri !== undefined)).toBe(false)
  })

  it("has a place also for a file that could not be read", () => {
    const log = renderSarif(
      [diagnose("gone.authflow", "AF0901", { start: 0, end: 0 }, { reason: "no such file" })],
      [],
      { version: "1.2.3" },
    )
    validate(JSON.parse(log))
    expect(validate.errors ?? []).toEqual([])
    expect(run(log).results[0]?.locations[0]?.physicalLocation.region.startLine).toBe(1)
  })
})
