/**
 * Diagnostics for machines. The shape is stable: fields are added, never changed or taken away.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { lineStarts, positionAt } from "../source/lines.ts"
import type { Source } from "../source/source.ts"
import type { Diagnostic } from "./diagnostic.ts"

/** Lines and columns are 1-based, columns count UTF-16 code units, the end is exclusive. */
export interface JsonRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface JsonDiagnostic extends JsonRange {
  readonly code: string
  readonly severity: "error" | "warning"
  readonly message: string
  readonly notes: readonly string[]
  readonly related: readonly (JsonRange & { readonly message: string })[]
  readonly fix: { readonly title: string; readonly edits: readonly (JsonRange & { readonly text: string })[] } | null
}

/** One JSON array, one object a diagnostic. Places in a file that is not among the sources are at 1:1. */
export const renderJson = (diagnostics: readonly Diagnostic[], sources: readonly Source[]): string =>
  `${JSON.stringify(toJson(diagnostics, sources), null, 2)}\n`

export const toJson = (diagnostics: readonly Diagnostic[], sources: readonly Source[]): readonly JsonDiagnostic[] => {
  const starts = new Map(sources.map((source) => [source.uri, lineStarts(source.text)]))
  const range = (uri: string, span: Span): JsonRange => {
    const lines = starts.get(uri)
    const start = lines ? positionAt(lines, span.start) : { line: 1, column: 1 }
    const end = lines ? positionAt(lines, span.end) : start
    return { file: uri, line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
  }
  return diagnostics.map(({ code, severity, message, uri, span, notes, related, fix }) => ({
    code,
    severity,
    message,
    ...range(uri, span),
    notes,
    related: related.map((each) => ({ ...range(each.uri, each.span), message: each.message })),
    fix: fix
      ? { title: fix.title, edits: fix.edits.map((edit) => ({ ...range(edit.uri, edit.span), text: edit.text })) }
      : null,
  }))
}
