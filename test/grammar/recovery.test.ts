import { readdirSync, readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { format, type Node, parse, print, walk } from "../../grammar/index.ts"
import { sharedLexer } from "../../grammar/tokens.ts"
import { program } from "./arbitrary-program.ts"
import { calledOf } from "./meaning.ts"

const folder = new URL("../../examples/", import.meta.url)
const examples = readdirSync(folder)
  .filter((name) => name.endsWith(".authflow"))
  .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const)

interface Mutation {
  /** Offset of the token that was touched. */
  readonly at: number
  readonly image: string
  readonly text: string
}

const removals = (text: string): readonly Mutation[] =>
  sharedLexer()
    .tokenize(text)
    .tokens.map(({ startOffset: at, image }) => ({
      at,
      image,
      text: text.slice(0, at) + text.slice(at + image.length),
    }))

const doublings = (text: string): readonly Mutation[] =>
  sharedLexer()
    .tokenize(text)
    .tokens.map(({ startOffset: at, image }) => {
      const end = at + image.length
      return { at, image, text: `${text.slice(0, end)} ${image}${text.slice(end)}` }
    })

/** What must hold of any answer, whatever the text. */
const checkSound = (text: string): void => {
  const { file, problems } = parse(text)
  const inText = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    0 <= start && start <= end && end <= text.length
  for (const problem of problems) {
    expect(problem, "no place outside the text").toSatisfy(() => inText(problem.span))
    if ("opened" in problem) expect(inText(problem.opened)).toBe(true)
    // A grammar rule that failed, and left it to chevrotain, knows nothing it expected.
    if (problem.kind === "UnexpectedToken") expect(problem.expected).not.toEqual([])
  }
  const outside: Node[] = []
  walk(file, (node) => {
    if (!inText(node.span)) outside.push(node)
    // Nothing is mended without a word: later phases are silent about what is missing.
    const mended = node.kind === "Missing" || ((node.kind === "Name" || node.kind === "Segment") && node.text === "")
    if (mended && !(node.kind === "Segment" && node.quoted)) expect(problems).not.toEqual([])
    return true
  })
  expect(outside).toEqual([])
  expect(file.comments.filter(({ span }) => !inText(span))).toEqual([])
  const formatted = format(text)
  if (problems.length > 0) expect(formatted).toEqual({ text, problems })
  else expect(format(formatted.text)).toEqual({ text: formatted.text, problems: [] })
}

describe.each(examples)("%s with one mistake", (_, text) => {
  const original = parse(text).file.items
  it.each([
    ["a token is missing", removals(text)],
    ["a token stands there twice", doublings(text)],
  ])("%s: few problems, near the place, and the other items unharmed", (_, mutations) => {
    expect(mutations.length).toBeGreaterThan(100)
    let single = 0
    let clean = 0
    for (const mutation of mutations) {
      const { file, problems } = parse(mutation.text)
      // Without its brace each line of a nested block is told by itself: the examples have up to six.
      expect(problems.length, mutation.text).toBeLessThanOrEqual(mutation.image === "{" ? 6 : 2)
      if (problems.length === 1) single++
      if (problems.length === 0) clean++
      const broken = original.findIndex(({ span }) => span.start <= mutation.at && mutation.at < span.end)
      const names = file.items.map(calledOf)
      const unharmed = original.filter((_, index) => index !== broken).map(calledOf)
      expect(names, mutation.text).toEqual(expect.arrayContaining(unharmed))
      expect(names.length).toBeLessThanOrEqual(original.length)
    }
    // Some mistakes make another program (a word less in a string), a handful need two problems to tell.
    expect(clean + single).toBeGreaterThan(mutations.length * 0.99)
    expect(single).toBeGreaterThan(mutations.length * 0.5)
  })
})

describe("whatever the text is", () => {
  const snippet = fc.constantFrom(
    ...["{", "}", "[", "]", "(", ")", "=", "=>", ":", ",", ".", '"', "${", "\\", "\n", "  ", "//", "/*", "*/", "///"],
    ...[
      "param",
      "provider",
      "server",
      "flow",
      "at",
      "match",
      "else",
      "x",
      "1h",
      "12",
      "-",
      "@",
      "'",
      "\u202e",
      "\ud800",
      "\0",
    ],
  )

  it("an answer comes, and its places lie in the text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), checkSound))
    fc.assert(
      fc.property(
        fc.array(snippet, { maxLength: 60 }).map((parts) => parts.join("")),
        checkSound,
      ),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(
        fc.array(snippet, { maxLength: 60 }).map((parts) => parts.join(" ")),
        checkSound,
      ),
      { numRuns: 500 },
    )
  })

  it("so too for bytes decoded as text", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => checkSound(new TextDecoder().decode(bytes))))
  })

  it("so too for programs with pieces cut out, put in and moved", () => {
    const edit = fc.record({ from: fc.nat(), length: fc.nat({ max: 40 }), piece: fc.oneof(snippet, fc.constant("")) })
    const base = fc.oneof(fc.constantFrom(...examples.map(([, text]) => text)), program.map(print))
    fc.assert(
      fc.property(base, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
        let mutated = text
        for (const { from, length, piece } of edits) {
          const at = from % (mutated.length + 1)
          mutated = mutated.slice(0, at) + piece + mutated.slice(at + length)
        }
        checkSound(mutated)
      }),
      { numRuns: 500 },
    )
  })
})
