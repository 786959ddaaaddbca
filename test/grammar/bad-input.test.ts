import { describe, expect, it } from "vitest"
import { format, parse } from "../../grammar/index.ts"
import { MAX_FILE_LENGTH } from "../../grammar/parse.ts"

const kinds = (text: string): readonly string[] => parse(text).problems.map(({ kind }) => kind)

describe("text that is no program", () => {
  it.each([
    ["nothing", ""],
    ["space", " \t\r\n\n"],
    ["a byte order mark", "\ufeff"],
    ["a comment", "// only this"],
  ])("%s is an empty program", (_, text) => {
    const { file, problems } = parse(text)
    expect(problems).toEqual([])
    expect(file.items).toEqual([])
  })

  it("is empty once formatted, but for its comments", () => {
    expect(format(" \n\n").text).toBe("")
    expect(format("\ufeff\n\n// a\n\n\n// b   ").text).toBe("// a\n\n// b\n")
  })

  it.each([
    ["a NUL", "param a\n\0"],
    ["an executable", "\x7fELF\x02\x01\x01\0\0\0"],
    ["a lone high surrogate", 'param a = "\ud83d"'],
    ["a lone low surrogate", "// \ude00"],
    ["bytes that are not UTF-8", new TextDecoder().decode(new Uint8Array([0x70, 0xe9, 0x0a]))],
  ])("%s: is not text, said once, and nothing is read", (_, text) => {
    const { file, problems } = parse(text)
    expect(problems.map(({ kind }) => kind)).toEqual(["NotText"])
    expect(file.items).toEqual([])
    expect(format(text).text).toBe(text)
  })

  it("with a character beyond the basic plane is text", () => {
    expect(kinds('param a = "\u{1F600}" // \u{1F600}')).toEqual([])
  })

  it("too long is said at once", () => {
    for (const unit of ["{", "a ", '"', "\n", "\0"]) {
      const text = unit.repeat((10 * 2 ** 20) / unit.length)
      expect(kinds(text)).toEqual(["FileTooLarge"])
    }
    expect(kinds(" ".repeat(MAX_FILE_LENGTH))).toEqual([])
    expect(kinds(" ".repeat(MAX_FILE_LENGTH + 1))).toEqual(["FileTooLarge"])
  })

  it.each(["{", "[", "(", "x = {", "a [", '[{"a": ', "match x { else => "])(
    "nested too deep with %s is one problem",
    (unit) => {
      expect(kinds(`provider p = t { x = ${unit.repeat(100)}`)).toEqual(["NestingTooDeep"])
      expect(kinds(unit.repeat(Math.floor(MAX_FILE_LENGTH / unit.length)))).toEqual(["NestingTooDeep"])
    },
  )

  it("nested as deep as is allowed is read", () => {
    const text = (depth: number): string => `provider p = t {\n  x = ${"[".repeat(depth)}${"]".repeat(depth)}\n}\n`
    expect(kinds(text(63))).toEqual([])
    expect(kinds(text(64))).toEqual(["NestingTooDeep"])
    const { text: formatted, problems } = format(text(63))
    expect(problems).toEqual([])
    expect(format(formatted)).toEqual({ text: formatted, problems: [] })
  })

  it.each([
    "}",
    "= \n",
    "@\n",
    '"\n',
    '"${\n',
    "x = { ]\n",
    "a b c\n",
    "param\n",
    "flow flow ",
    "'",
    "\u202e\n",
    "-",
    "=> x\n",
  ])("as long as may be, of %j: an answer, and no more problems than anyone reads", (unit) => {
    const { problems } = parse(unit.repeat(Math.floor(MAX_FILE_LENGTH / unit.length)))
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.length).toBeLessThanOrEqual(101)
    if (problems.length === 101) expect(problems.at(-1)?.kind).toBe("TooManyProblems")
  })
})
