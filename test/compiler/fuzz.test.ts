import { readdirSync, readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Entry } from "../../compiler/diagnostics/registry/entry.ts"
import { SOUND } from "../../compiler/diagnostics/registry/example.ts"
import {
  type Analysis,
  analyze,
  codes,
  registry,
  renderJson,
  renderTerminal,
  type targets,
} from "../../compiler/index.ts"
import { plan } from "../../compiler/targets/plan/index.ts"

const EXAMPLES = new URL("../../examples/", import.meta.url)
const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".authflow"))
  .map((name) => readFileSync(new URL(name, EXAMPLES), "utf8"))

/** Good files and bad ones: a mutation of a bad one is bad in two ways. */
const corpus = [
  ...examples,
  ...codes.flatMap((code) => {
    const { example } = registry[code] as Entry<never>
    return example && (example.target ?? "plan") === ("plan" satisfies keyof typeof targets) ? [example.bad] : []
  }),
].filter((text) => text.length < 10_000)

const tokensOf = (text: string): readonly string[] => text.match(/\s+|\w+|"[^"\n]*"|./gsu) ?? []
const vocabulary = [
  ...new Set(corpus.flatMap(tokensOf)),
  ...[
    '"',
    "${",
    "}",
    "\u0000",
    "\u202e",
    "😀",
    "\ud83d",
    "/*",
    "//",
    "///",
    "\t",
    "\r",
    "1h",
    "9MiB",
    "-3",
    '""',
    '[""]',
    '{ "": string }',
    "...",
    "[",
    "]",
  ],
]

/** What holds of every answer, whatever the text. */
const checkAnswer = ({ uri, text, program, diagnostics }: Analysis): void => {
  const places = diagnostics.flatMap(({ span, related, fix }) => [
    span,
    ...related.map((each) => each.span),
    ...(fix?.edits ?? []).map((each) => each.span),
  ])
  for (const { start, end } of places) {
    expect(Number.isInteger(start) && Number.isInteger(end), `${start}..${end}`).toBe(true)
    expect(0 <= start && start <= end && end <= text.length, `${start}..${end} in ${text.length}`).toBe(true)
  }
  const failed = diagnostics.some(({ severity }) => severity === "error")
  expect(program === undefined, "a program exactly when nothing is an error").toBe(failed)
  const lowered = program && plan.lower(program)
  const refused = lowered?.diagnostics.some(({ severity }) => severity === "error")
  expect(lowered?.artifacts.length ?? 0, "a plan exactly when nothing is refused").toBe(program && !refused ? 1 : 0)
  const source = { uri, text }
  for (const width of [1, 40, 120]) {
    const frames = renderTerminal(diagnostics, [source], { color: false, width })
    expect(frames.match(/^(error|warning)\[AF\d{4}\]/gm)?.length ?? 0).toBe(diagnostics.length)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may reach a terminal
    expect(frames).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  }
  for (const { line, column, endLine, endColumn } of JSON.parse(renderJson(diagnostics, [source])))
    expect(line >= 1 && column >= 1 && (endLine > line || (endLine === line && endColumn >= column))).toBe(true)
}

const analyzeAny = (text: string): Analysis => analyze({ uri: "fuzz.authflow", text }, { missingParams: "sample" })

describe("whatever the text", () => {
  it("answers with diagnostics within it: random tokens", () => {
    const soup = fc.array(fc.constantFrom(...vocabulary), { maxLength: 60 }).map((tokens) => tokens.join(" "))
    fc.assert(
      fc.property(soup, (text) => checkAnswer(analyzeAny(text))),
      { numRuns: 400 },
    )
  })

  it("answers with diagnostics within it: random characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => checkAnswer(analyzeAny(text))),
      { numRuns: 200 },
    )
  })

  it("answers with diagnostics within it: files with tokens taken out, put in, swapped and repeated", () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...corpus),
        fc.array(
          fc.tuple(fc.nat(), fc.constantFrom("delete", "insert", "replace", "repeat"), fc.constantFrom(...vocabulary)),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
      )
      .map(([text, mutations]) => {
        const tokens = [...tokensOf(text)]
        for (const [place, how, token] of mutations) {
          const index = place % Math.max(1, tokens.length)
          const old = tokens[index] ?? ""
          if (how === "delete") tokens.splice(index, 1)
          else tokens.splice(index, 1, ...(how === "replace" ? [token] : how === "insert" ? [token, old] : [old, old]))
        }
        return tokens.join("")
      })
    fc.assert(
      fc.property(mutated, (text) => checkAnswer(analyzeAny(text))),
      { numRuns: 800 },
    )
  })

  it("answers with diagnostics within it: files that are cut off", () => {
    for (const text of examples)
      for (let end = 0; end < text.length; end += 7) checkAnswer(analyzeAny(text.slice(0, end)))
  })
})

describe("a text that no person wrote", () => {
  const inMatch = (arms: string) =>
    SOUND.replace('contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"', () => arms)

  it("is answered all the same: long and deep CEL, thousands of rules, a file that is too large", () => {
    const terms = Array.from({ length: 5000 }, (_, index) => `claims.sub == 'x${index}'`)
    const arn = '"arn:aws:iam::123456789012:role/r"'
    for (const expression of [
      terms.join(" || "),
      terms.join(" && "),
      "(".repeat(5000),
      "!".repeat(5000),
      "[".repeat(5000),
      `claims${".a".repeat(5000)}`,
    ]) {
      const analysis = analyzeAny(inMatch(`when "${expression}" => ${arn}`))
      checkAnswer(analysis)
      expect(analysis.diagnostics.map(({ code }) => code)).toEqual(["AF0606"])
    }
    const rules = Array.from({ length: 2000 }, (_, index) => `contains "g${index % 1999}" => ${arn}`).join("\n")
    expect(analyzeAny(inMatch(rules)).diagnostics.map(({ code }) => code)).toEqual(["AF0603"])
    expect(analyzeAny("x".repeat(10_000_000)).diagnostics.map(({ code }) => code)).toEqual(["AF0101"])
    expect(analyzeAny("@\n".repeat(5000)).diagnostics.at(-1)?.code).toBe("AF0105")
  })
})
