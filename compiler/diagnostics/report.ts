/**
 * Reporting: a code and the arguments its message needs make a diagnostic.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { type Places, placesOf } from "../source/places.ts"
import type { Diagnostic, Fix, Related } from "./diagnostic.ts"
import { type Arguments, type Code, registry } from "./registry/index.ts"

/** What a diagnostic may carry beside its message. */
export interface Details {
  readonly notes?: readonly string[]
  readonly related?: readonly Omit<Related, "uri">[]
  readonly fix?: { readonly title: string; readonly edits: readonly { readonly span: Span; readonly text: string }[] }
}

/** Reports one problem. A wrong code, or arguments that are not the code's, do not type-check. */
export type Report = <C extends Code>(code: C, span: Span, args: Arguments<C>, details?: Details) => void

/** Makes a diagnostic of the registry's entry for `code`. All spans are of the file `uri`, or where `places` finds them. */
export const diagnose = <C extends Code>(
  places: string | Places,
  code: C,
  span: Span,
  args: Arguments<C>,
  details: Details = {},
): Diagnostic => {
  const { severity, message } = registry[code]
  const find = typeof places === "string" ? placesOf({ uri: places, text: "" }) : places
  const place = (span: Span) => {
    const { source, span: own } = find(span)
    return { uri: source.uri, span: own }
  }
  const fix: Fix | undefined = details.fix && {
    title: details.fix.title,
    edits: details.fix.edits.map((edit) => ({ ...edit, ...place(edit.span) })),
  }
  return {
    code,
    severity,
    // Each entry's template takes the arguments of its own code; the index loses that correlation.
    message: (message as (args: Arguments<C>) => string)(args),
    ...place(span),
    notes: details.notes ?? [],
    related: (details.related ?? []).map((related) => ({ ...related, ...place(related.span) })),
    ...(fix && { fix }),
  }
}

/** Collects what is reported on one file, or on a program of several. */
export const reporter = (
  places: string | Places,
): { readonly report: Report; readonly reported: readonly Diagnostic[] } => {
  const reported: Diagnostic[] = []
  return {
    report: (code, span, args, details) => void reported.push(diagnose(places, code, span, args, details)),
    reported,
  }
}
