/**
 * Selection ranges: from the word under the cursor outwards to the file.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { nodesAt } from "../../grammar/index.ts"
import { analysisOf, type Files } from "./files.ts"

/** The innermost first; each holds the one before it and is longer. */
export const selectionRanges = (files: Files, uri: string, offset: number): readonly Span[] => {
  const analysis = analysisOf(files, uri)
  if (analysis === undefined) return []
  const { text, file } = analysis
  const spans = nodesAt(file, offset).flatMap((node): readonly Span[] => {
    const { start, end } = node.span
    // What is between brackets or quotes, before the whole.
    const content = /^["{[]$/.test(text[start] ?? "") && end - start > 1 ? inner(text, node.span) : undefined
    return content && content.start <= offset && offset <= content.end ? [node.span, content] : [node.span]
  })
  const comment = file.comments.find(({ span }) => span.start <= offset && offset <= span.end)?.span
  const found: Span[] = []
  for (const span of [...(comment ? [comment] : []), ...spans.toReversed()]) {
    const last = found.at(-1)
    if (span.start === span.end) continue
    if (
      last === undefined ||
      (span.start <= last.start && last.end <= span.end && span.end - span.start > last.end - last.start)
    )
      found.push(span)
  }
  return found
}

/** Without the brackets and the white space inside of them. */
const inner = (text: string, { start, end }: Span): Span => {
  const content = text.slice(start + 1, end - 1)
  const lead = content.length - content.trimStart().length
  return { start: start + 1 + lead, end: start + 1 + Math.max(lead, content.trimEnd().length) }
}
