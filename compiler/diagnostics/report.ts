/**
 * Reporting: a code and the arguments its message needs make a diagnostic.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Diagnostic, Fix, Related } from "./diagnostic.ts"
import { type Arguments, type Code, registry } from "./registry/index.ts"

/** What a diagnostic may carry beside its message. */
export interface Details {
  readonly notes?: readonly string[]
  /** In the same file. */
  readonly related?: readonly Omit<Related, "uri">[]
  /** In the same file. */
  readonly fix?: { readonly title: string; readonly edits: readonly { readonly span: Span; readonly text: string }[] }
}

/** Reports one problem. A wrong code, or arguments that are not the code's, do not type-check. */
export type Report = <C extends Code>(code: C, span: Span, args: Arguments<C>, details?: Details) => void

/** Makes a diagnostic of the registry's entry for `code`. */
export const diagnose = <C extends Code>(
  uri: string,
  code: C,
  span: Span,
  args: Arguments<C>,
  details: Details = {},
): Diagnostic => {
  const { severity, message } = registry[code]
  const fix: Fix | undefined = details.fix && {
    title: details.fix.title,
    edits: details.fix.edits.map((edit) => ({ uri, ...edit })),
  }
  return {
    code,
    severity,
    // Each entry's template takes the arguments of its own code; the index loses that correlation.
    message: (message as (args: Arguments<C>) => string)(args),
    uri,
    span,
    notes: details.notes ?? [],
    related: (details.related ?? []).map((related) => ({ uri, ...related })),
    ...(fix && { fix }),
  }
}

/** Collects what is reported on one file. */
export const reporter = (uri: string): { readonly report: Report; readonly reported: readonly Diagnostic[] } => {
  const reported: Diagnostic[] = []
  return {
    report: (code, span, args, details) => void reported.push(diagnose(uri, code, span, args, details)),
    reported,
  }
}
