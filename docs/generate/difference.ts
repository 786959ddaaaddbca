/**
 * The difference of two texts, by lines.
 *
 * @module
 */

/** Lines around a change that are shown. */
const CONTEXT = 2

/** Characters of a line that are shown. */
const WIDTH = 110

interface Line {
  readonly sign: " " | "-" | "+"
  readonly text: string
}

/** All lines of both: the shared ones once, by the longest common subsequence. */
const merged = (before: readonly string[], after: readonly string[]): readonly Line[] => {
  const common = before.map(() => after.map(() => 0))
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    const row = common[i] ?? []
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]]
    if (old !== undefined && old === now) {
      lines.push({ sign: " ", text: old })
      i++
      j++
    } else if (old !== undefined && (now === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: old })
      i++
    } else {
      lines.push({ sign: "+", text: now ?? "" })
      j++
    }
  }
  return lines
}

/** The changed lines with a few around them, as `diff -u` without its numbers; `…` where lines are left out. */
export const difference = (before: string, after: string): string => {
  const lines = merged(before.trimEnd().split("\n"), after.trimEnd().split("\n"))
  const near = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== " ")
  const shown: string[] = []
  for (const [index, { sign, text }] of lines.entries()) {
    if (near(index)) shown.push(`${sign} ${text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text}`.trimEnd())
    else if (shown.at(-1) !== "  …") shown.push("  …")
  }
  return shown.join("\n")
}
