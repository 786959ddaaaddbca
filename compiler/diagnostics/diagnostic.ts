/**
 * What the compiler has to say about a source file. Data only: rendering is in terminal.ts and json.ts.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Code } from "./registry/index.ts"

/** An error stops the compilation; a warning is for what works but will surprise. */
export type Severity = "error" | "warning"

/** Another place that has to do with it: the first of two duplicates, the declaration that is meant. */
export interface Related {
  readonly uri: string
  readonly span: Span
  readonly message: string
}

/** Replaces `span` of `uri` by `text`. */
export interface Edit {
  readonly uri: string
  readonly span: Span
  readonly text: string
}

/** A change that removes the problem; the edits of one fix do not overlap. */
export interface Fix {
  readonly title: string
  readonly edits: readonly Edit[]
}

export interface Diagnostic {
  readonly code: Code
  readonly severity: Severity
  /** One sentence, without a full stop. */
  readonly message: string
  readonly uri: string
  readonly span: Span
  readonly notes: readonly string[]
  readonly related: readonly Related[]
  readonly fix?: Fix
}
