/**
 * Text as a terminal shows it: how wide each character is, and nothing that a terminal would obey rather than show.
 *
 * @module
 */

/** A character with the columns it takes and the UTF-16 offset it is at. */
export interface Cell {
  readonly shown: string
  readonly width: number
  readonly offset: number
}

const TAB = 4

/** Unicode's East Asian Wide and Fullwidth blocks, and the emoji that terminals draw two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}\u{1f191}-\u{1f19a}\u{1f200}-\u{1f265}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f7e0}-\u{1f7eb}\u{1f90c}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Combining marks, joiners and variation selectors take no column of their own. */
const ZERO = /^(?:\p{Mn}|\p{Me}|[\u200b-\u200d\u2060]|[\u{1f3fb}-\u{1f3ff}])$/u

/** Control and direction-changing characters, which are never sent to a terminal; shown by their code point instead. */
const UNSAFE = /^[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]$/u

const JOINER = "\u200d"

/** The characters of a line, tabs expanded from `column` on. `offset` is that of the line's first code unit. */
export const cells = (line: string, offset = 0): readonly Cell[] => {
  const result: Cell[] = []
  let column = 0
  let at = offset
  let joined = false
  for (const character of line) {
    const { shown, width } = cellOf(character, column, joined)
    result.push({ shown, width, offset: at })
    joined = character === JOINER
    column += width
    at += character.length
  }
  return result
}

const cellOf = (character: string, column: number, joined: boolean): Omit<Cell, "offset"> => {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x20 && code < 0x7f) return { shown: character, width: 1 }
  if (character === "\t") {
    const width = TAB - (column % TAB)
    return { shown: " ".repeat(width), width }
  }
  if (UNSAFE.test(character) || (code >= 0xd800 && code <= 0xdfff)) {
    const shown = `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`
    return { shown, width: shown.length }
  }
  if (joined || ZERO.test(character)) return { shown: character, width: 0 }
  return { shown: character, width: WIDE.test(character) ? 2 : 1 }
}

/** A text of one line that is safe to print. */
export const printable = (text: string): string =>
  cells(text)
    .map(({ shown }) => shown)
    .join("")
