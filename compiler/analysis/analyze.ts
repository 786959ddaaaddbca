/**
 * From text to checked program, in one pure call that the command line, the language server and the playground share.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { parse } from "../../grammar/index.ts"
import { checkProgram } from "../check/check.ts"
import type { Program } from "../check/program.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
import { reporter } from "../diagnostics/report.ts"
import { reportSyntax } from "../diagnostics/syntax.ts"
import type { Source } from "../source/source.ts"

export interface Options {
  /** Values for the file's parameters, as written on the command line. */
  readonly params?: Readonly<Record<string, string>>
  /** A parameter with neither value nor default: an `error`, or stood for by a `sample` of its type. Default: `error`. */
  readonly missingParams?: "error" | "sample"
}

export interface Analysis {
  readonly uri: string
  readonly text: string
  readonly file: Ast.File
  /** Present only when no diagnostic is an error. */
  readonly program: Program | undefined
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Parses, binds and checks. Never throws, whatever the text. */
export const analyze = (source: Source, { params = {}, missingParams = "error" }: Options = {}): Analysis => {
  const { uri, text } = source
  const { file, problems } = parse(text)
  const { report, reported } = reporter(uri)
  for (const problem of problems) reportSyntax(problem, report)
  // Where nothing could be read, everything else would only follow from that.
  const unread = problems.length > 0 && file.items.length === 0
  const program = unread
    ? undefined
    : checkProgram(file, source, { given: params, missing: missingParams }, report, reported)
  const diagnostics = reported.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
  return { uri, text, file, program, diagnostics }
}
