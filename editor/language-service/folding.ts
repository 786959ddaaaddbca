/**
 * Folding: what has brackets over several lines, comments that stand together, imports.
 *
 * @module
 */
import { lineStarts, positionAt } from "../../compiler/source/lines.ts"
import { walk } from "../../grammar/index.ts"
import { analysisOf, type Files } from "./files.ts"

/** Lines, the first of which stays to be seen. 0-based. */
export interface Fold {
  readonly start: number
  readonly end: number
  readonly kind: "region" | "comment" | "imports"
}

export const folding = (files: Files, uri: string): readonly Fold[] => {
  const analysis = analysisOf(files, uri)
  if (analysis === undefined) return []
  const { file, text } = analysis
  const starts = lineStarts(text)
  const lineAt = (offset: number): number => positionAt(starts, offset).line - 1
  const folds = new Map<number, Fold>()
  const add = (start: number, end: number, kind: Fold["kind"]): void => {
    // Of two that begin on a line the outer one is met first; editors show one.
    if (end > start && !folds.has(start)) folds.set(start, { start, end, kind })
  }
  walk(file, (node) => {
    switch (node.kind) {
      case "Declaration":
      case "Deployment":
      case "Environment":
      case "Flow":
      case "Test":
      case "Stage":
      case "MapLiteral":
      case "ListLiteral":
      case "Match":
      case "Call":
        // The line of the closing bracket stays to be seen, too.
        add(
          lineAt(node.span.start),
          lineAt(node.span.end) - (/[\])}]/.test(text[node.span.end - 1] ?? "") ? 1 : 0),
          "region",
        )
        return true
      default:
        return true
    }
  })
  for (const [start, end] of runs(file.comments.map(({ span }) => [lineAt(span.start), lineAt(span.end)] as const)))
    add(start, end, "comment")
  const imports = file.items.filter(({ kind }) => kind === "Import")
  for (const [start, end] of runs(imports.map(({ span }) => [lineAt(span.start), lineAt(span.end)] as const)))
    add(start, end, "imports")
  return [...folds.values()].toSorted((a, b) => a.start - b.start)
}

/** Ranges of lines that follow each other without a line between, as one. */
const runs = (ranges: readonly (readonly [start: number, end: number])[]): readonly (readonly [number, number])[] => {
  const found: [number, number][] = []
  for (const [start, end] of ranges) {
    const last = found.at(-1)
    if (last && start <= last[1] + 1) last[1] = end
    else found.push([start, end])
  }
  return found
}
