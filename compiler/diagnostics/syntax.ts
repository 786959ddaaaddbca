/**
 * The grammar's problems as diagnostics: the words and the codes.
 *
 * @module
 */
import type { Span, SyntaxProblem } from "../../grammar/index.ts"
import { replacement } from "../check/evaluate.ts"
import { nearest } from "../check/names.ts"
import type { Report } from "./report.ts"

const BAD_NUMBER: Record<Extract<SyntaxProblem, { readonly kind: "BadNumber" }>["reason"], string> = {
  fraction: "numbers are whole",
  "unknown-unit": "there is no such unit",
  "units-out-of-order": "units go from large to small, each once",
  malformed: "it is none of these",
}

type Kind = SyntaxProblem["kind"]
type Of<K extends Kind> = Extract<SyntaxProblem, { readonly kind: K }>

const reports: { readonly [K in Kind]: (problem: Of<K>, report: Report) => void } = {
  FileTooLarge: (problem, report) => report("AF0101", problem.span, problem),
  NotText: (problem, report) => report("AF0102", problem.span, problem),
  HiddenCharacter: (problem, report) => report("AF0103", problem.span, problem, { fix: deletion(problem.span) }),
  NestingTooDeep: (problem, report) => report("AF0104", problem.span, problem),
  TooManyProblems: (problem, report) => report("AF0105", problem.span, problem),
  UnexpectedCharacter: (problem, report) => report("AF0106", problem.span, problem),
  BadName: (problem, report) => report("AF0107", problem.span, problem, replacement(problem.span, problem.instead)),
  BadNumber: ({ span, found, reason, unit }, report) =>
    report("AF0108", span, { found, reason: BAD_NUMBER[reason] + (unit === undefined ? "" : ` \`${unit}\``) }),
  NumberOutOfRange: (problem, report) => report("AF0109", problem.span, problem),
  BadEscape: (problem, report) => report("AF0110", problem.span, problem),
  UnterminatedString: ({ span }, report) => report("AF0111", span, {}, { fix: insertion(span.end, '"') }),
  UnclosedHole: ({ span, opened }, report) =>
    report("AF0112", span, {}, { related: [{ span: opened, message: "opened here" }] }),
  UnterminatedComment: ({ span }, report) => report("AF0113", span, {}),
  UnclosedBracket: (problem, report) =>
    report("AF0114", problem.span, problem, {
      related: [{ span: problem.opened, message: "opened here" }],
      fix: insertion(problem.span.start, problem.close),
    }),
  UnopenedBracket: (problem, report) => report("AF0115", problem.span, problem, { fix: deletion(problem.span) }),
  UnexpectedToken: (problem, report) => report("AF0116", problem.span, problem),
  MissingSeparator: (problem, report) =>
    report("AF0117", problem.span, problem, { fix: insertion(problem.span.start, ", ") }),
  UnknownKeyword: ({ span, found, expected }, report) => {
    const meant = nearest(found, expected)
    report("AF0118", span, { found, expected, meant }, replacement(span, meant))
  },
  ReservedKeyword: (problem, report) => report("AF0119", problem.span, problem),
}

/** Reports a problem of the text by its code. */
export const reportSyntax = (problem: SyntaxProblem, report: Report): void => {
  // The record is keyed by the problem's own kind, which the compiler cannot follow through the union.
  const own = reports[problem.kind] as (problem: SyntaxProblem, report: Report) => void
  own(problem, report)
}

const deletion = (span: Span) => ({ title: "Delete it", edits: [{ span, text: "" }] })

const insertion = (offset: number, text: string) => ({
  title: `Add \`${text.trim()}\``,
  edits: [{ span: { start: offset, end: offset }, text }],
})
