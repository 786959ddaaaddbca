/**
 * Find references: every place of every file that names an item.
 *
 * @module
 */
import { isSame } from "./definition.ts"
import { analysisOf, type Files } from "./files.ts"
import { type Occurrence, occurrenceAt, occurrencesIn, type Target } from "./names.ts"

/** All of them, the declaration among them. Empty where no name stands. */
export const references = (files: Files, uri: string, offset: number): readonly Occurrence[] => {
  const at = occurrenceAt(files, uri, offset)
  return at ? occurrencesOf(files, at.target) : []
}

/** In the file that declares it and in those that import that one, directly or not: environments name what is further off. */
export const occurrencesOf = (files: Files, target: Target): readonly Occurrence[] =>
  [target.uri, ...files.workspace.importers(target.uri)].flatMap((uri) => {
    const analysis = analysisOf(files, uri)
    return analysis ? occurrencesIn(files, analysis).filter((each) => isSame(each.target, target)) : []
  })

/** Those of one file, for editors that mark what is the same as what the cursor is on. */
export const highlights = (files: Files, uri: string, offset: number): readonly Occurrence[] =>
  references(files, uri, offset).filter((each) => each.uri === uri)
