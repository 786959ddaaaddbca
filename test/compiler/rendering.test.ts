import { describe, expect, it } from "vitest"
import { SOUND } from "../../compiler/diagnostics/registry/example.ts"
import { analyze, type Diagnostic, diagnose, renderJson, renderTerminal } from "../../compiler/index.ts"
import { change } from "./problems.ts"

const frames = (text: string, width = 80, color = false): string => {
  const analysis = analyze({ uri: "gate.authflow", text })
  return renderTerminal(analysis.diagnostics, [analysis], { color, width })
}

/** A diagnostic about `part` of a text, whatever the text. */
const about = (
  text: string,
  part: string,
): { readonly diagnostic: Diagnostic; readonly source: { uri: string; text: string } } => {
  const start = text.indexOf(part)
  return { diagnostic: diagnose("a", "AF0307", { start, end: start + part.length }, {}), source: { uri: "a", text } }
}

const lines = (text: string, part: string, width = 60): readonly string[] => {
  const { diagnostic, source } = about(text, part)
  return renderTerminal([diagnostic], [source], { color: false, width }).trimEnd().split("\n").slice(2)
}

describe("code frames", () => {
  it("show the place, what has to do with it, and the fix", () => {
    expect(
      frames(change(SOUND, "login  = [corp]", "login  = [crop]")),
    ).toBe(`error[AF0201]: there is no provider \`crop\`; did you mean \`corp\`?
  --> gate.authflow:11:13
   |
11 |   login  = [crop]
   |             ^^^^
   |
   = help: Write \`corp\`
11 -   login  = [crop]
11 +   login  = [corp]
`)
    const twice = frames(
      change(SOUND, '    region  = "us-east-1"\n', '    region  = "us-east-1"\n    region  = "us-east-2"\n'),
    )
    expect(twice).toBe(`error[AF0303]: \`region\` is said twice
  --> gate.authflow:21:5
   |
21 |     region  = "us-east-2"
   |     ^^^^^^
  ::: gate.authflow:20:5
   |
20 |     region  = "us-east-1"
   |     ------ first said here
`)
  })

  it("are separated by an empty line", () => {
    expect(frames(change(change(SOUND, "[corp]", "[crop]"), '"aws-mcp"', "1h")).match(/\n\nerror/g)?.length).toBe(1)
    expect(renderTerminal([], [], { color: true, width: 80 })).toBe("")
  })

  it("have colour only where it is asked for", () => {
    const text = change(SOUND, "[corp]", "[crop]")
    const coloured = frames(text, 80, true)
    expect(coloured).toContain("\u001b[1;31merror[AF0201]\u001b[0m")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences are what is looked for
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, "")).toBe(frames(text))
  })

  it("put carets under tabs and wide characters", () => {
    expect(lines("\tkey = oops", "oops")).toEqual(["  |", "1 |     key = oops", "  |           ^^^^"])
    expect(lines("ab\tx = oops", "oops")).toEqual(["  |", "1 | ab  x = oops", "  |         ^^^^"])
    expect(lines('名前 = "値" oops', "oops")).toEqual(["  |", '1 | 名前 = "値" oops', "  |             ^^^^"])
    expect(lines("x = 値段 y", "値段")).toEqual(["  |", "1 | x = 値段 y", "  |     ^^^^"])
    expect(lines("e\u0301 = oops", "oops")).toEqual(["  |", "1 | e\u0301 = oops", "  |     ^^^^"])
    expect(lines("👩‍🚀 = oops", "oops")).toEqual(["  |", "1 | 👩‍🚀 = oops", "  |      ^^^^"])
  })

  it("cut lines that are too long around what they are about", () => {
    const far = `${"a".repeat(5000)} oops ${"b".repeat(5000)}`
    for (const width of [30, 60, 100]) {
      const [, code = "", carets = ""] = lines(far, "oops", width)
      expect(code.length).toBeLessThanOrEqual(width)
      expect(code.startsWith("1 | …a")).toBe(true)
      expect(code.endsWith("b…")).toBe(true)
      expect(code.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("oops")
    }
    const [, code = "", carets = ""] = lines(`x = ${"long".repeat(100)}`, "long".repeat(100), 60)
    expect([code.length, carets.length].every((length) => length <= 60)).toBe(true)
    const wide = lines(`${"漢".repeat(500)}oops${"字".repeat(500)}`, "oops", 60)
    const columns = (text: string) => [...text].reduce((sum, each) => sum + (/[漢字]/.test(each) ? 2 : 1), 0)
    const before = wide[1]?.slice(0, wide[1].indexOf("oops")) ?? ""
    expect(columns(before)).toBe(wide[2]?.indexOf("^"))
    expect(columns(wide[1] ?? "")).toBeLessThanOrEqual(60)
  })

  it("show the first and the last line of many", () => {
    const text = "a = {\n  b\n  c\n} # end"
    expect(lines(text, "{\n  b\n  c\n}")).toEqual(["  |", "1 | a = {", "  |     ^", "  :", "4 | } # end", "  | ^"])
  })

  it("work at the end of the file, in an empty one, and with each way of ending a line", () => {
    const end = (text: string) => {
      const diagnostic = diagnose("a", "AF0409", { start: text.length, end: text.length }, {})
      return renderTerminal([diagnostic], [{ uri: "a", text }], { color: false, width: 60 })
        .split("\n")
        .slice(1, -1)
    }
    expect(end("")).toEqual([" --> a:1:1", "  |", "1 |", "  | ^"])
    expect(end("ab\n")).toEqual([" --> a:2:1", "  |", "2 |", "  | ^"])
    expect(end("ab\r\ncd")).toEqual([" --> a:2:3", "  |", "2 | cd", "  |   ^"])
    expect(lines("ab\r\nx oops\r\ncd", "oops")).toEqual(["  |", "2 | x oops", "  |   ^^^^"])
    expect(lines("ab\rx oops\rcd", "oops")).toEqual(["  |", "2 | x oops", "  |   ^^^^"])
  })

  it("give a terminal nothing to obey", () => {
    const text = 'x = "\u001b[2J\u202e" oops'
    const shown = lines(text, "oops")
    expect(shown[1]).toBe('1 | x = "<U+001B>[2J<U+202E>" oops')
    expect(shown[2]?.indexOf("^")).toBe(shown[1]?.indexOf("oops"))
    const message = diagnose("a\u001b]0;x", "AF0213", { start: 0, end: 1 }, { found: "\u001b[31m" })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(renderTerminal([message], [], { color: false, width: 60 })).not.toMatch(/\u001b/)
  })
})

describe("JSON", () => {
  it("has one object a diagnostic, 1-based, in UTF-16 columns", () => {
    const analysis = analyze({
      uri: "gate.authflow",
      text: change(SOUND, "login  = [corp]", "/* 😀 */ login  = [crop]"),
    })
    expect(JSON.parse(renderJson(analysis.diagnostics, [analysis]))).toEqual([
      {
        code: "AF0201",
        severity: "error",
        message: "there is no provider `crop`; did you mean `corp`?",
        file: "gate.authflow",
        line: 11,
        column: 22,
        endLine: 11,
        endColumn: 26,
        notes: [],
        related: [],
        fix: {
          title: "Write `corp`",
          edits: [{ file: "gate.authflow", line: 11, column: 22, endLine: 11, endColumn: 26, text: "corp" }],
        },
      },
    ])
    expect(JSON.parse(renderJson([], []))).toEqual([])
  })

  it("says null where there is no fix, and where the related places are", () => {
    const analysis = analyze({ uri: "a", text: change(SOUND, "flow aws at", "flow gate at") })
    expect(JSON.parse(renderJson(analysis.diagnostics, [analysis]))).toMatchObject([
      {
        code: "AF0202",
        fix: null,
        related: [{ file: "a", line: 9, column: 8, message: "this server has the name already" }],
      },
    ])
  })
})
