/**
 * What can be wrong with the text itself. Tagged values with places; the words shown to people and the AF01xx codes are the
 * compiler's. `problems` come in source order.
 *
 * @module
 */
import type { Span } from "./ast.ts"

export type SyntaxProblem =
  /** More code units than a file may have. Nothing was read. The span is the first line at most. */
  | { readonly kind: "FileTooLarge"; readonly span: Span; readonly length: number; readonly limit: number }
  /** A NUL, a lone surrogate, or U+FFFD, which decoders put where bytes were not UTF-8. Nothing was read. */
  | { readonly kind: "NotText"; readonly span: Span; readonly codePoint: number }
  /** A control or bidirectional-override character: it can make the file read otherwise than it is. */
  | { readonly kind: "HiddenCharacter"; readonly span: Span; readonly codePoint: number }
  /** Brackets nested deeper than `limit`. Nothing was parsed. */
  | { readonly kind: "NestingTooDeep"; readonly span: Span; readonly limit: number }
  /** There are more problems than are listed. Always the last one. */
  | { readonly kind: "TooManyProblems"; readonly span: Span; readonly limit: number }
  /** A character no token starts with. `instead` is what was likely meant (`"` for `'`, `//` for `#`). */
  | {
      readonly kind: "UnexpectedCharacter"
      readonly span: Span
      readonly found: string
      readonly instead: string | undefined
    }
  /** A word that is not `[A-Za-z_][A-Za-z0-9_]*`; `instead` is the nearest that is, if one is left. */
  | { readonly kind: "BadName"; readonly span: Span; readonly found: string; readonly instead: string | undefined }
  /** Starts with a digit and is neither integer, duration nor size. */
  | {
      readonly kind: "BadNumber"
      readonly span: Span
      readonly found: string
      readonly reason: "fraction" | "unknown-unit" | "units-out-of-order" | "malformed"
      /** The unit that is not one, for `unknown-unit`. */
      readonly unit: string | undefined
    }
  /** An integer past 2^53-1, or a duration or size past it in its base unit. */
  | { readonly kind: "NumberOutOfRange"; readonly span: Span; readonly found: string }
  /** A `\` that starts no escape, or `\u{…}` that names no character. */
  | { readonly kind: "BadEscape"; readonly span: Span; readonly found: string }
  /** The line ends before the string does. The span is from the opening quote to the end of the line. */
  | { readonly kind: "UnterminatedString"; readonly span: Span }
  /** The string ends before a `${` in it does. `opened` is the `${`. */
  | { readonly kind: "UnclosedHole"; readonly span: Span; readonly opened: Span }
  /** `/*` without its end; the span is the opening. */
  | { readonly kind: "UnterminatedComment"; readonly span: Span }
  /** `open` has no `close`; the span is where the closing one should stand, `opened` the bracket. */
  | {
      readonly kind: "UnclosedBracket"
      readonly span: Span
      readonly opened: Span
      readonly open: "{" | "[" | "("
      readonly close: "}" | "]" | ")"
    }
  /** A closing bracket that closes nothing. */
  | { readonly kind: "UnopenedBracket"; readonly span: Span; readonly close: "}" | "]" | ")" }
  /**
   * Something else stands where one of `expected` should. `found` is the token as written, or "end of line" or "end of
   * file". `expected` are phrases for people, most likely first: "`=`", "a value", "a field name".
   */
  | {
      readonly kind: "UnexpectedToken"
      readonly span: Span
      readonly expected: readonly string[]
      readonly found: string
    }
  /** Two entries on one line without a comma between; the span is the second one's first token. */
  | { readonly kind: "MissingSeparator"; readonly span: Span; readonly between: "items" | "entries" }
  /** An item that begins with a word no item begins with. `expected` are the ones that do. */
  | {
      readonly kind: "UnknownKeyword"
      readonly span: Span
      readonly found: string
      readonly expected: readonly string[]
    }
  /** An item that begins with a word kept for a later version of the language. */
  | { readonly kind: "ReservedKeyword"; readonly span: Span; readonly found: string }
