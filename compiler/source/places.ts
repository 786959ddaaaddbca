/**
 * Places in a program of several files.
 *
 * All files of a program share one space of positions, in which each file has a slot of its own. So a span alone says which
 * file it is in, and a value that comes out of an imported file can be pointed at like any other. The file that is compiled
 * has the first slot: its positions are the offsets in its text.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Source } from "./source.ts"

/** Positions of one file; twice the length the grammar takes (MAX_FILE_LENGTH), so that its end is in it as well. */
const SLOT = 2 ** 20

/** A file and offsets in its text. */
export interface Place {
  readonly source: Source
  readonly span: Span
}

/** Where a slot starts. */
export const baseOf = (slot: number): number => slot * SLOT

export type Places = (span: Span) => Place

/** `slots` answers with the source that has a slot other than the first. */
export const placesOf =
  (first: Source, slots: (slot: number) => Source | undefined = () => undefined): Places =>
  (span) => {
    const slot = Math.floor(span.start / SLOT)
    const source = slot === 0 ? undefined : slots(slot)
    if (source === undefined) return { source: first, span }
    return { source, span: movedSpan(span, -baseOf(slot)) }
  }

/** A syntax tree with all its places moved: what a file's tree is in a slot other than the first. */
export const moved = <T>(tree: T, by: number): T => {
  const move = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(move)
    if (typeof node !== "object" || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, key === "span" ? movedSpan(value, by) : move(value)]),
    )
  }
  // The tree is plain data and keeps its shape; only numbers in its spans differ.
  return move(tree) as T
}

const movedSpan = ({ start, end }: Span, by: number): Span => ({ start: start + by, end: end + by })
