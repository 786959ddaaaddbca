/**
 * A manifest's text with the values of its Secrets blotted out, for showing lines of it. Every place stays where it is.
 *
 * @module
 */

const blot = (text: string): string => text.replaceAll(/\S/g, "*")

const SECRET = /^[\s-]*["']?kind["']?\s*:\s*["']?Secret["']?\s*,?\s*$/m
const VALUES = /^([\s-]*)(["']?(?:data|stringData)["']?\s*:)(.*)$/

/** Works on lines and not on the YAML, which may be the very thing that is wrong. */
const maskDocument = (document: string): string => {
  // On one line, as JSON often is, nobody can say where the values are.
  if (/\{.*["']?kind["']?\s*:\s*["']?Secret\b/s.test(document)) return blot(document)
  if (!SECRET.test(document)) return document
  let inside: number | undefined
  return document
    .split("\n")
    .map((line) => {
      const indent = line.search(/[^\s-]/)
      if (indent >= 0 && inside !== undefined && indent <= inside) inside = undefined
      if (inside !== undefined) return blot(line)
      const [, before = "", key = "", value = ""] = VALUES.exec(line) ?? []
      if (key === "") return line
      inside = indent
      return before + key + blot(value)
    })
    .join("\n")
}

export const masked = (text: string): string =>
  text
    .split(/(^---.*$)/m)
    .map(maskDocument)
    .join("")
