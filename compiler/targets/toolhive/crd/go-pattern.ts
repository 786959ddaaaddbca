/**
 * Go regular expressions (RE2 syntax, https://pkg.go.dev/regexp/syntax) as JavaScript ones. The `v` flag is used because it
 * has nested classes, which `[\S[:digit:]]` needs.
 *
 * @module
 */

/** The members of each POSIX class, as they stand inside a JavaScript class. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t\\x20",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "\\x21-\\x7E",
  lower: "a-z",
  print: "\\x20-\\x7E",
  punct: "\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E",
  space: "\\t\\n\\v\\f\\r\\x20",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
}

/** Perl classes are ASCII in Go; JavaScript's `\s` is not. */
const PERL: Readonly<Record<string, string>> = {
  d: "[0-9]",
  D: "[^0-9]",
  s: "[\\t\\n\\f\\r\\x20]",
  S: "[^\\t\\n\\f\\r\\x20]",
  w: "[0-9A-Za-z_]",
  W: "[^0-9A-Za-z_]",
}

const escaped = (char: string): string => (/[\^$\\.*+?()[\]{}|/\-&!#%,:;<=>@`~'"]/.test(char) ? quoted(char) : char)
const quoted = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

const atPattern = (pattern: string, index: number, sticky: RegExp): RegExpExecArray | null => {
  sticky.lastIndex = index
  return sticky.exec(pattern)
}

interface Piece {
  readonly text: string
  readonly next: number
}

/** An escape after `\` at `index`; the same inside and outside of a class. */
const escapeAt = (pattern: string, index: number): Piece => {
  const hex = atPattern(pattern, index, /\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/y)
  if (hex) return { text: `\\u{${hex[1] ?? hex[2]}}`, next: index + hex[0].length }
  const octal = atPattern(pattern, index, /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y)
  if (octal) {
    return { text: `\\u{${Number.parseInt(octal[1] ?? "0", 8).toString(16)}}`, next: index + octal[0].length }
  }
  const unicode = atPattern(pattern, index, /\\([pP])(?:\{(\^?)([^}]+)\}|([A-Z]))/y)
  if (unicode) {
    const [whole, sign, caret, long, short] = unicode
    const name = long ?? short ?? ""
    const negated = (sign === "P") !== (caret === "^")
    const property = /^[A-Z][a-z]?$/.test(name) ? name : `Script=${name}`
    return { text: `\\${negated ? "P" : "p"}{${property}}`, next: index + whole.length }
  }
  const letter = pattern[index + 1]
  if (letter === undefined) throw new SyntaxError("trailing backslash at end of expression")
  const next = index + 2
  if (PERL[letter]) return { text: PERL[letter], next }
  if (letter === "a") return { text: "\\x07", next }
  if ("fnrtv".includes(letter)) return { text: `\\${letter}`, next }
  if (/[0-9A-Za-z]/.test(letter)) throw new SyntaxError(`invalid escape sequence \\${letter}`)
  return { text: quoted(letter), next }
}

/** A bracket class that begins at `index`. */
const bracket = (pattern: string, index: number): Piece => {
  let at = index + 1
  let text = "["
  if (pattern[at] === "^") {
    text += "^"
    at++
  }
  // A `]` that comes first stands for itself.
  for (let first = true; at < pattern.length; first = false) {
    const posix = atPattern(pattern, at, /\[:(\^?)(\w+):\]/y)
    if (posix) {
      const members = POSIX[posix[2] ?? ""]
      if (members === undefined) throw new SyntaxError(`invalid character class ${posix[0]}`)
      text += `[${posix[1]}${members}]`
      at += posix[0].length
    } else if (pattern[at] === "]" && !first) {
      return { text: `${text}]`, next: at + 1 }
    } else if (pattern[at] === "\\") {
      const piece = escapeAt(pattern, at)
      text += piece.text
      at = piece.next
    } else if (pattern[at] === "-" && !first && pattern[at + 1] !== "]" && !/[[^]$/.test(text)) {
      text += "-"
      at++
    } else {
      const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
      text += escaped(char)
      at += char.length
    }
  }
  throw new SyntaxError("missing closing ]")
}

/**
 * The JavaScript expression that matches what the Go expression matches. Like Go's MatchString it is not anchored.
 *
 * @throws SyntaxError for what RE2 refuses (lookaround, backreferences) or is malformed.
 */
export const goPattern = (pattern: string): RegExp => {
  let text = ""
  let flags = "v"
  let dot = "[^\\n]"
  let at = 0
  const opening = /^\(\?([imsU]+)\)/.exec(pattern)
  if (opening) {
    if (opening[1]?.includes("U")) throw new SyntaxError("the ungreedy flag is not supported")
    if (opening[1]?.includes("i")) flags += "i"
    if (opening[1]?.includes("m")) flags += "m"
    if (opening[1]?.includes("s")) dot = "[\\s\\S]"
    at = opening[0].length
  }
  while (at < pattern.length) {
    const char = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
    if (char === "\\") {
      const literal = atPattern(pattern, at, /\\Q([\s\S]*?)(?:\\E|$)/y)
      const anchor = atPattern(pattern, at, /\\[AzbB]/y)
      if (literal) {
        text += [...(literal[1] ?? "")].map(escaped).join("")
        at += literal[0].length
      } else if (anchor) {
        text += { "\\A": "(?<![\\s\\S])", "\\z": "(?![\\s\\S])" }[anchor[0]] ?? anchor[0]
        at += 2
      } else {
        const piece = escapeAt(pattern, at)
        text += piece.text
        at = piece.next
      }
    } else if (char === "[") {
      const piece = bracket(pattern, at)
      text += piece.text
      at = piece.next
    } else if (char === "(") {
      const group = atPattern(pattern, at, /\((?:\?(?:P?<(\w+)>|:))?/y)
      const named = group?.[1]
      if (group === null || (pattern[at + 1] === "?" && group[0] === "(")) {
        throw new SyntaxError(`invalid or unsupported group ${pattern.slice(at, at + 4)}`)
      }
      text += named === undefined ? group[0] : `(?<${named}>`
      at += group[0].length
    } else if (char === "{" && !atPattern(pattern, at, /\{\d+(,\d*)?\}/y)) {
      text += "\\{"
      at++
    } else if (char === "{" || "*+?".includes(char)) {
      const repeat = atPattern(pattern, at, /(?:\{\d+(?:,\d*)?\}|[*+?])\??/y)
      text += repeat?.[0] ?? char
      at += repeat?.[0].length ?? 1
    } else {
      text += char === "." ? dot : "^$|)".includes(char) ? char : escaped(char)
      at += char.length
    }
  }
  return new RegExp(text, flags)
}
