/**
 * Source text and places in it.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"

/** One file's text. `uri` is how the user named it; diagnostics repeat it as it is. */
export interface Source {
  readonly uri: string
  readonly text: string
}

/** A value and where it was written. A default's span is that of the construct it completes. */
export interface Located<T> {
  readonly value: T
  readonly span: Span
}

/** Puts a value at a place. */
export const at = <T>(span: Span, value: T): Located<T> => ({ value, span })

/** The items of a list without their places. */
export const values = <T>(list: Located<readonly Located<T>[]>): readonly T[] => list.value.map(({ value }) => value)
