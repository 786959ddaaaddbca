/**
 * Lines and columns of offsets.
 *
 * @module
 */

/** A place in a text, 1-based; columns count UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Where each line of the text starts. A line ends with LF, CRLF or a lone CR. */
export const lineStarts = (text: string): readonly number[] => {
  const starts = [0]
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length)
  return starts
}

/** The position of an offset; an offset beyond the text is its end. */
export const positionAt = (starts: readonly number[], offset: number): Position => {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}
