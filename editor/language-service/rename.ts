/**
 * Rename: an item and everything that names it, in all files; or the name it has in one file by `as`.
 *
 * @module
 */
import { RESERVED } from "../../compiler/check/names.ts"
import type { Edit } from "../../compiler/index.ts"
import type { Span } from "../../grammar/ast.ts"
import { analysisOf, type Files } from "./files.ts"
import { type Occurrence, occurrenceAt, occurrencesIn } from "./names.ts"
import { occurrencesOf } from "./references.ts"

/** The edits, or in words why it can't be. */
export type Renaming = { readonly edits: readonly Edit[] } | { readonly refusal: string }

/** What would be renamed, or why nothing can be. */
export const prepareRename = (
  files: Files,
  uri: string,
  offset: number,
): { readonly span: Span; readonly name: string } | { readonly refusal: string } => {
  const at = occurrenceAt(files, uri, offset)
  if (at === undefined) return { refusal: "no name of an item stands here" }
  const text = analysisOf(files, uri)?.text ?? ""
  return { span: at.span, name: text.slice(at.span.start, at.span.end) }
}

export const rename = (files: Files, uri: string, offset: number, to: string): Renaming => {
  const at = occurrenceAt(files, uri, offset)
  if (at === undefined) return { refusal: "no name of an item stands here" }
  const form = /^[a-z][a-z0-9_]*$/
  if (!form.test(to)) return { refusal: `\`${to}\` is no name: a lower-case letter, then letters, digits and \`_\`` }
  const own = renamed(files, at)
  const from = at.alias ?? at.target.name
  if (to === from) return { edits: [] }
  if (at.target.kind !== "environment") {
    if (RESERVED.includes(to)) return { refusal: `\`${to}\` means something of its own` }
    for (const file of new Set(own.map((each) => each.uri))) {
      if (analysisOf(files, file)?.known?.scope.names.has(to))
        return { refusal: `${file} has a name \`${to}\` already` }
    }
  }
  return { edits: own.map(({ uri, span }) => ({ uri, span, text: to })) }
}

/** The places that say the same name as this one. */
const renamed = (files: Files, at: Occurrence): readonly Occurrence[] => {
  const analysis = analysisOf(files, at.uri)
  if (at.alias !== undefined && analysis)
    return occurrencesIn(files, analysis).filter(({ alias }) => alias === at.alias)
  if (at.target.kind === "environment") return environments(files, at)
  return occurrencesOf(files, at.target).filter(({ alias }) => alias === undefined)
}

/** An environment is one across the files that are compiled together. */
const environments = (files: Files, at: Occurrence): readonly Occurrence[] => {
  const together = new Set([at.uri])
  for (const uri of together) {
    const near = [
      ...(analysisOf(files, uri)?.sources ?? []).map((source) => source.uri),
      ...files.workspace.importers(uri),
    ]
    for (const each of near) together.add(each)
  }
  return [...together].flatMap((uri) => {
    const analysis = analysisOf(files, uri)
    const all = analysis ? occurrencesIn(files, analysis) : []
    return all.filter(({ target }) => target.kind === "environment" && target.name === at.target.name)
  })
}
