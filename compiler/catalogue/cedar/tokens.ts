/**
 * The text of a Cedar policy to tokens (Cedar policy language, section "Syntax"). In a file a string may stand in `'` as well as
 * in `"`, as in CEL: a policy is itself in `"`, and would be hard to read with a `\` before each quote.
 *
 * @module
 */

/** Where in the text; the end is exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface CedarToken extends Range {
  /** `end`: of the text. */
  readonly kind: "name" | "number" | "string" | "sign" | "end"
  /** As written. */
  readonly text: string
  /** Of a string: what it stands for, with `*` for a wildcard of `like`. */
  readonly value: string
}

export interface CedarProblem extends Range {
  /** Goes on after "this is no Cedar policy: ". */
  readonly reason: string
}

const SIGNS = ["::", "==", "!=", "<=", ">=", "&&", "||", ..."(){}[],;:.@<>!+-*?"]
const SPACE = /(?:\s|\/\/[^\n]*)+/y
const NAME = /[A-Za-z_]\w*/y
const NUMBER = /\d+/y
const STRING = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y
const ESCAPE = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|x([0-7][0-9A-Fa-f])|([\s\S]))/g
const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "0": "\0",
  "'": "'",
  '"': '"',
}

/** What a string stands for; `undefined` where it has an escape that is none. `\*` is one in patterns only. */
const unescaped = (written: string): string | undefined => {
  let sound = true
  const value = written.slice(1, -1).replaceAll(ESCAPE, (_, unicode: string, byte: string, simple: string) => {
    const point = Number.parseInt(unicode ?? byte ?? "0", 16)
    const isCharacter = point <= 0x10_ff_ff && !(point >= 0xd8_00 && point <= 0xdf_ff)
    if (unicode !== undefined || byte !== undefined) {
      if (!isCharacter) sound = false
      return isCharacter ? String.fromCodePoint(point) : ""
    }
    if (simple === "*") return "*"
    if (SIMPLE[simple] === undefined) sound = false
    return SIMPLE[simple] ?? ""
  })
  return sound ? value : undefined
}

/** The tokens, the last of kind `end`; or the first thing that is none. */
export const tokenize = (text: string): readonly CedarToken[] | CedarProblem => {
  const tokens: CedarToken[] = []
  let at = 0
  const read = (form: RegExp): string | undefined => {
    form.lastIndex = at
    return form.exec(text)?.[0]
  }
  while (true) {
    at += read(SPACE)?.length ?? 0
    if (at >= text.length) return [...tokens, { kind: "end", text: "", value: "", start: at, end: at }]
    const [name, number, string] = [read(NAME), read(NUMBER), read(STRING)]
    const sign = SIGNS.find((each) => text.startsWith(each, at))
    const found = name ?? number ?? string ?? sign
    const end = at + (found?.length ?? 1)
    if (found === undefined) {
      const reason =
        text[at] === '"' || text[at] === "'" ? "a string is not closed" : `\`${text[at]}\` has no place in one`
      return { start: at, end, reason }
    }
    const value = string === undefined ? found : unescaped(found)
    if (value === undefined)
      return {
        start: at,
        end,
        reason: `${found} has an escape that Cedar does not know`,
      }
    const kind = name ? "name" : number ? "number" : string ? "string" : "sign"
    tokens.push({ kind, text: found, value, start: at, end })
    at = end
  }
}

/** The policy as Cedar has it, with its strings in `"`. Only for a text that is one. */
export const inCedar = (text: string): string => requoted(text, "'", '"')

/** The policy as it reads best within `"`: its strings in `'`, where they can be. */
export const inFile = (text: string): string => requoted(text, '"', "'")

const requoted = (text: string, from: string, to: string): string => {
  const tokens = tokenize(text)
  if ("reason" in tokens) return text
  return tokens.reduceRight((whole, { kind, text: written, start, end }) => {
    if (kind !== "string" || !written.startsWith(from)) return whole
    const inside = written.slice(1, -1).replaceAll(/\\[\s\S]|["']/g, (found) => {
      if (found === `\\${from}`) return from
      return found === to ? `\\${to}` : found
    })
    // What would need another escape stays as it is.
    if (to === "'" && /["'\\]/.test(inside)) return whole
    return `${whole.slice(0, start)}${to}${inside}${to}${whole.slice(end)}`
  }, text)
}
