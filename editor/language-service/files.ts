/**
 * The files that are worked on, and what is known of each.
 *
 * @module
 */
import type { Analysis, Options, Workspace } from "../../compiler/index.ts"

/** Where every question is put. All places are offsets in the file's text: UTF-16 code units. */
export interface Files {
  readonly workspace: Workspace
  /** How a file is analysed beside what an editor always wants. Default: nothing more. */
  readonly optionsOf?: (uri: string) => Options
}

/** A range of a file. */
export interface Location {
  readonly uri: string
  readonly span: { readonly start: number; readonly end: number }
}

/**
 * How an editor has a file analysed: nothing is deployed by writing it, so parameters without a value are stood for by a sample,
 * and it may be one that only others import.
 */
export const editorOptions = ({ optionsOf }: Files, uri: string): Options => ({
  missingParams: "sample",
  flows: "optional",
  ...optionsOf?.(uri),
})

/** `undefined` when the file is not open. */
export const analysisOf = (files: Files, uri: string): Analysis | undefined =>
  files.workspace.analyze(uri, editorOptions(files, uri))

/** What a file comes to in each of its environments. */
export const inEnvironments = (files: Files, uri: string): ReadonlyMap<string, Analysis> => {
  const options = editorOptions(files, uri)
  return new Map(
    files.workspace.environments(uri, options.root).flatMap((env) => {
      const analysis = files.workspace.analyze(uri, { ...options, env })
      return analysis ? [[env, analysis] as const] : []
    }),
  )
}
