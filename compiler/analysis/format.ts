/**
 * The one true style, or why a file cannot be put into it.
 *
 * @module
 */
import { format } from "../../grammar/index.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import { reporter } from "../diagnostics/report.ts"
import { reportSyntax } from "../diagnostics/syntax.ts"
import type { Source } from "../source/source.ts"

export interface FormattedSource {
  /** `undefined` when the text cannot be parsed: then it is left as it is. */
  readonly text: string | undefined
  /** Only what is wrong with the syntax; meaning has no part in style. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Formats a source. Never throws, whatever the text. */
export const formatSource = (source: Source): FormattedSource => {
  const { text, problems } = format(source.text)
  const { report, reported } = reporter(source.uri)
  for (const problem of problems) reportSyntax(problem, report)
  return { text: problems.length > 0 ? undefined : text, diagnostics: reported }
}
