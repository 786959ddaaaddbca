/**
 * Columns of text for a terminal.
 *
 * @module
 */

/** Rows as aligned columns, two spaces apart, each line indented by two. The last column is not padded. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length)
    })
  }
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  "))
    .map((line) => `  ${line}`.trimEnd())
    .join("\n")
}
