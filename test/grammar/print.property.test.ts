import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { format, parse, print } from "../../grammar/index.ts"
import { StringEnd, StringStart, sharedLexer } from "../../grammar/tokens.ts"
import { program } from "./arbitrary-program.ts"
import { behaviourOf, meaningOf } from "./meaning.ts"

/** Where a comment can stand in `text` without being part of a string or parting what has to touch. */
const gapsOf = (text: string): { readonly inline: readonly number[]; readonly lineStarts: readonly number[] } => {
  const inline: number[] = []
  let inString = false
  for (const { startOffset, tokenType } of sharedLexer().tokenize(text).tokens) {
    const free = startOffset === 0 || /\s/.test(text.charAt(startOffset - 1))
    if (free && !inString) inline.push(startOffset)
    if (tokenType === StringStart) inString = true
    if (tokenType === StringEnd) inString = false
  }
  return { inline, lineStarts: parse(text).file.lineStarts }
}

interface Piece {
  readonly kind: "inline" | "before" | "behind" | "blank"
  readonly place: number
  readonly word: string
}

/** `text` as someone might have written it: comments, blank lines and line ends in odd places. */
const untidied = (text: string, pieces: readonly Piece[]): string => {
  const { inline, lineStarts } = gapsOf(text)
  const at = (places: readonly number[], place: number): number => places[place % places.length] ?? 0
  const taken = new Set<number>()
  const place = ({ kind, place, word }: Piece): readonly (readonly [number, string])[] => {
    if (kind === "inline") return inline.length === 0 ? [] : [[at(inline, place), `/* ${word} */ `]]
    const start = at(lineStarts, place)
    if (kind === "blank") return [[start, "\n".repeat(1 + (place % 3))]]
    if (kind === "before") return [[start, place % 2 === 0 ? `// ${word}\n` : `/* ${word}\n   ${word} */\n`]]
    // One line has room for one comment behind it.
    if (start === 0 || taken.has(start)) return []
    taken.add(start)
    return [[start - 1, ` // ${word}`]]
  }
  // Of two at one place, what runs to the end of the line stands last.
  const isBehind = ({ kind }: Piece): boolean => kind === "behind"
  const placed = [...pieces.filter(isBehind), ...pieces.filter((piece) => !isBehind(piece))].flatMap(place)
  return placed
    .toSorted((a, b) => b[0] - a[0])
    .reduce((so, [at, piece]) => so.slice(0, at) + piece + so.slice(at), text)
}

const piece: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constantFrom("inline", "before", "behind", "blank"),
  place: fc.nat(),
  word: fc.stringMatching(/^[a-z ]{0,8}[a-z]$/),
})

const untidy = fc
  .tuple(program, fc.array(piece, { maxLength: 8 }))
  .map(([file, pieces]) => ({ file, text: untidied(print(file), pieces) }))

const commentsOf = (text: string): readonly string[] =>
  parse(text)
    .file.comments.map((comment) => comment.text)
    .sort()

describe("every program there is", () => {
  it("is printed as a text that reads as the same program", () => {
    fc.assert(
      fc.property(program, (file) => {
        const { file: again, problems } = parse(print(file))
        expect(problems).toEqual([])
        expect(meaningOf(again)).toEqual(meaningOf(file))
      }),
      { numRuns: 400 },
    )
  })

  it("is left as it is once it is in the one true style", () => {
    fc.assert(
      fc.property(program, (file) => {
        const once = print(file)
        expect(format(once)).toEqual({ text: once, problems: [] })
      }),
      { numRuns: 300 },
    )
  })

  it("keeps its meaning and its comments when it is formatted, and is then left as it is", () => {
    fc.assert(
      fc.property(untidy, ({ file, text }) => {
        const { text: once, problems } = format(text)
        expect(problems).toEqual([])
        expect(behaviourOf(parse(once).file)).toEqual(behaviourOf(file))
        expect(commentsOf(once)).toEqual(commentsOf(text))
        expect(format(once).text).toBe(once)
      }),
      { numRuns: 300 },
    )
  })

  it("means the same with other line ends", () => {
    fc.assert(
      fc.property(program, fc.constantFrom("\r\n", "\r"), (file, lineEnd) => {
        const text = print(file)
        const other = `\ufeff${text.replaceAll("\n", lineEnd)}`
        expect(parse(other).problems).toEqual([])
        expect(format(other).text).toBe(text)
      }),
    )
  })
})
