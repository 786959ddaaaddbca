/**
 * The names a file declares, and which of them something refers to.
 *
 * @module
 */
import { closest, distance as editDistance } from "fastest-levenshtein"
import type { Declaration, Flow, Name, Param, Span } from "../../grammar/ast.ts"

/** What a name stands for. */
export type NameKind = "param" | "provider" | "server" | "flow"

export interface Named {
  readonly kind: NameKind
  readonly name: Name
  readonly node: Param | Declaration | Flow
}

/** One namespace for all: a reader never has to ask which `corp` is meant. */
export interface Names {
  readonly get: (name: string) => Named | undefined
  readonly all: () => readonly Named[]
  /** Marks a reference; what nothing refers to is warned about. */
  readonly use: (name: string, span: Span) => Named | undefined
  /** Every reference, in the order met. */
  readonly uses: () => readonly { readonly name: string; readonly span: Span }[]
}

/** The nearest of the candidates, or `undefined` when none is near enough to be what was meant. */
export const nearest = (written: string, candidates: readonly string[]): string | undefined => {
  if (written === "" || candidates.length === 0) return undefined
  const best = closest(written.toLowerCase(), [...candidates])
  return editDistance(written.toLowerCase(), best) <= Math.max(1, Math.floor(best.length / 3)) ? best : undefined
}
