/**
 * Programs of several files, held in a record by their names.
 *
 * @module
 */
import { type Analysis, analyze, type Diagnostic, type Options } from "../../compiler/index.ts"

export type Files = Readonly<Record<string, string>>

/** The first file with the others at hand. */
export const analyzedFiles = (files: Files, options?: Options): Analysis => {
  const [uri = ""] = Object.keys(files)
  return analyze({ uri, text: files[uri] ?? "" }, options, (name) => files[name])
}

/** `AF0201 crop in a.authflow`: the code, the piece of the text it is about, and the file. */
export const said = (files: Files, { code, uri, span }: Diagnostic): string =>
  `${code} ${(files[uri] ?? "").slice(span.start, span.end)} in ${uri}`

export const problemsIn = (files: Files, options?: Options): readonly string[] =>
  analyzedFiles(files, options).diagnostics.map((each) => said(files, each))
