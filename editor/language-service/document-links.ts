/**
 * Document links: files that are imported, and URLs, with the parameters in them filled in.
 *
 * @module
 */

import { evaluate } from "../../compiler/check/evaluate.ts"
import { BROKEN } from "../../compiler/check/scope.ts"
import { resolvePath, rootOf } from "../../compiler/source/path.ts"
import type { Span } from "../../grammar/ast.ts"
import { walk } from "../../grammar/index.ts"
import { analysisOf, editorOptions, type Files } from "./files.ts"

export interface DocumentLink {
  readonly span: Span
  readonly target: string
}

export const documentLinks = (files: Files, uri: string): readonly DocumentLink[] => {
  const analysis = analysisOf(files, uri)
  if (analysis === undefined) return []
  const root = editorOptions(files, uri).root ?? rootOf(uri)
  const scope = analysis.known && { ...analysis.known.scope, report: () => {} }
  const links: DocumentLink[] = []
  walk(analysis.file, (node) => {
    if (node.kind === "Import") {
      const found = resolvePath(uri, node.path.text, root)
      const { start, end } = node.path.span
      if ("uri" in found && files.workspace.files().some((each) => each.uri === found.uri))
        links.push({ span: { start: start + 1, end: end - 1 }, target: found.uri })
      return false
    }
    if (node.kind !== "StringTemplate" || scope === undefined) return true
    const value = evaluate(node, scope)
    if (value === undefined || value === BROKEN || value.kind !== "string") return true
    const { start, end } = node.span
    if (/^https:\/\/[^\s"\\]+$/.test(value.value) && URL.canParse(value.value) && end - start > 2)
      links.push({ span: { start: start + 1, end: end - 1 }, target: value.value })
    return true
  })
  return links
}
