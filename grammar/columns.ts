/** Text measured and padded, for what stands below each other. */

export const spaces = (count: number): string => " ".repeat(Math.max(0, count))

/** The length of the longest. */
export const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, text.length), 0)

export const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1)

/** A doc comment; its lines after the first are indented. */
export const docComment = (doc: string, indent: number): string =>
  doc
    .replace(/^/gm, "/// ")
    .replace(/ +$/gm, "")
    .replaceAll("\n", `\n${spaces(indent)}`)
