/**
 * Rules of a TextMate grammar, as far as this one needs them, and the regular expressions they are made of. Only what
 * Oniguruma (VS Code, Shiki), PCRE (GitHub) and JavaScript agree on is used: no possessive quantifiers, no look-behind of
 * varying length.
 *
 * @module
 */

export type Captures = Readonly<Record<string, { readonly name?: string; readonly patterns?: readonly Rule[] }>>

export interface Rule {
  readonly name?: string
  readonly contentName?: string
  readonly include?: `#${string}`
  readonly match?: string
  readonly begin?: string
  readonly end?: string
  readonly captures?: Captures
  readonly beginCaptures?: Captures
  readonly endCaptures?: Captures
  readonly patterns?: readonly Rule[]
}

/** What follows a scope's own name everywhere: themes can tell this language's scopes apart. */
const LANGUAGE = "authflow"

/** `keyword.control` to `keyword.control.authflow`; several, each with it. */
export const scope = (...names: readonly string[]): string => names.map((name) => `${name}.${LANGUAGE}`).join(" ")

/** Scopes by the number of the group; several in one string, the outer one first. */
export const captures = (names: Readonly<Record<number, string>>): Captures =>
  Object.fromEntries(Object.entries(names).map(([group, name]) => [group, { name: scope(...name.split(" ")) }]))

// A theme that has no colour for the inner scope takes that of the outer one.
/** The name of a field or of an entry. */
export const PROPERTY = "variable.other.property support.type.property-name"
/** A kind: of a stage, of a declaration, of a parameter. */
export const KIND = "entity.name.type support.type"

export const include = (...rules: readonly string[]): readonly Rule[] => rules.map((rule) => ({ include: `#${rule}` }))

/** One of the words, the longer ones first, as a group that captures nothing. */
export const oneOf = (words: readonly string[]): string =>
  `(?:${words
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((word) => word.replaceAll(".", "\\."))
    .join("|")})`

/** As the lexer takes one: also with a `-`, so that a mistaken one is coloured as a whole. */
export const NAME = "[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*"

/** The word ends here, and is no part of a longer or dotted one. */
export const END_OF_WORD = "(?![\\w.-])"
