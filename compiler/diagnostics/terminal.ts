/**
 * Diagnostics for people: code frames.
 *
 * @module
 */
import { lineStarts, positionAt } from "../source/lines.ts"
import type { Source } from "../source/source.ts"
import type { Diagnostic } from "./diagnostic.ts"

export interface TerminalOptions {
  readonly color: boolean
  /** Columns of the terminal. */
  readonly width: number
}

/** All diagnostics, one frame each, in the order given. */
export const renderTerminal = (
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
  _options: TerminalOptions,
): string => {
  const starts = new Map(sources.map((source) => [source.uri, lineStarts(source.text)]))
  return diagnostics
    .map(({ code, severity, message, uri, span }) => {
      const { line, column } = positionAt(starts.get(uri) ?? [0], span.start)
      return `${severity}[${code}]: ${message}\n  --> ${uri}:${line}:${column}\n`
    })
    .join("\n")
}
