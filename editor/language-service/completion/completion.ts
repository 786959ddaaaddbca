/**
 * What is offered at the cursor.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"

export interface Completion {
  readonly label: string
  readonly kind:
    | "keyword"
    | "stage"
    | "field"
    | "value"
    | "word"
    | "param"
    | "constant"
    | "provider"
    | "server"
    | "callers"
    | "flow"
    | "token"
    | "claim"
    | "type"
    | "function"
    | "file"
  /** A few words beside the label. */
  readonly detail?: string | undefined
  /** Markdown. */
  readonly doc?: string | undefined
  /** What is written instead of `span`: a snippet, with `$1` and `${1:…}` for what is to be filled in. */
  readonly snippet: string
  readonly span: Span
  /** What fits best has the lowest; those of one rank stay in their order. */
  readonly rank: number
}

/** How well something fits. */
export const rank = { best: 0, good: 1, fair: 2, other: 3, unfit: 8 } as const

/** Text as a snippet that says just this. */
export const plain = (text: string): string => text.replaceAll(/[\\$]/g, "\\$&")

/** A snippet without places to fill in: what an editor that knows no snippets is given. */
export const withoutPlaces = (snippet: string): string =>
  snippet
    .replaceAll(/(?<!\\)\$\{\d+\|((?:[^|\\]|\\.)*)\|\}/g, (_, choices: string) => choices.split(/(?<!\\),/)[0] ?? "")
    .replaceAll(/(?<!\\)\$\{\d+:((?:[^}\\]|\\.)*)\}/g, "$1")
    .replaceAll(/(?<!\\)\$(?:\d+|\{\d+\})/g, "")
    .replaceAll(/\\([\\$},|])/g, "$1")
