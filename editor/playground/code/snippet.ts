/**
 * Snippets of the language service as the editor of the page has them.
 *
 * @module
 */

/** `\$`, `${1:text}`, `${1|a,b|}`, `$1`, `${1}`, and braces that are text. */
const PARTS = /\\(.)|\$\{(\d+):((?:[^}\\]|\\.)*)\}|\$\{(\d+)\|((?:[^|\\]|\\.)*)\|\}|\$(\d+)|\$\{(\d+)\}|([{}])/gs

const plain = (text = ""): string => text.replaceAll(/\\(.)/gs, "$1")

/** A snippet as the Language Server Protocol writes it, as CodeMirror does: there, braces of the text are escaped. */
export const template = (lsp: string): string =>
  lsp.replaceAll(
    PARTS,
    (_, escaped, at, text: string | undefined, choice, choices: string | undefined, bare, braced, brace) => {
      if (escaped !== undefined) return /[{}]/.test(escaped) ? `\\${escaped}` : escaped
      if (brace !== undefined) return `\\${brace}`
      const place = at ?? choice ?? bare ?? braced
      const held = at === undefined ? plain(choices?.split(/(?<!\\),/)[0]) : plain(text)
      // The last place is where the cursor ends: it has no number there.
      const number = place === "0" ? "99" : place
      // A place cannot hold braces there: what has them is text, behind a place that is empty.
      if (/[{}]/.test(held)) return `\${${number}}${held.replaceAll(/[{}]/g, "\\$&")}`
      return held === "" ? `\${${number}}` : `\${${number}:${held}}`
    },
  )
