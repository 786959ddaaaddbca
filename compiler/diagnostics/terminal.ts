/**
 * Diagnostics for people: code frames.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import { lineStarts, positionAt } from "../source/lines.ts"
import type { Source } from "../source/source.ts"
import { type Cell, cells, printable } from "./cells.ts"
import type { Diagnostic, Edit } from "./diagnostic.ts"

export interface TerminalOptions {
  readonly color: boolean
  /** Columns of the terminal. Lines of code are cut to fit; sentences are left to wrap. */
  readonly width: number
}

type Style = "error" | "warning" | "frame" | "note" | "help" | "strong"

/** SGR parameters (ECMA-48 section 8.3.117). */
const STYLES: Record<Style, string> = {
  error: "1;31",
  warning: "1;33",
  frame: "34",
  note: "36",
  help: "32",
  strong: "1",
}

type Paint = (style: Style, text: string) => string

/** What a frame is drawn of. Without a code it is no diagnostic, but something else to be shown in its place. */
type Framed = Omit<Diagnostic, "code"> & { readonly code?: Diagnostic["code"] }

/** One frame for something that is no diagnostic. */
export const renderFrame = (
  shown: Pick<Diagnostic, "uri" | "span" | "message">,
  sources: readonly Source[],
  { color, width }: TerminalOptions,
): string => frame({ ...shown, severity: "error", notes: [], related: [] }, filesOf(sources), width, painter(color))

/** A line longer than this is not looked at as a whole. */
const NEAR = 2048

/** The narrowest a line of code is cut to, however narrow the terminal. */
const NARROWEST = 24

/** All diagnostics, one frame each, in the order given, with an empty line between. */
export const renderTerminal = (
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
  { color, width }: TerminalOptions,
): string => {
  const paint = painter(color)
  const files = filesOf(sources)
  return diagnostics.map((each) => `${frame(each, files, width, paint)}\n`).join("\n")
}

const painter =
  (color: boolean): Paint =>
  (style, text) =>
    color && text !== "" ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text

const filesOf = (sources: readonly Source[]): ReadonlyMap<string, FileText> =>
  new Map(sources.map((source) => [source.uri, new FileText(source)]))

/** A file with its lines' starts, found once. */
class FileText {
  readonly text: string
  readonly starts: readonly number[]

  constructor({ text }: Source) {
    this.text = text
    this.starts = lineStarts(text)
  }

  /** Offsets of a 1-based line, without its end. */
  line(number: number): Span {
    const start = this.starts[number - 1] ?? this.text.length
    const next = this.starts[number] ?? this.text.length
    let end = next
    while (end > start && /[\r\n]/.test(this.text[end - 1] ?? "")) end--
    return { start, end }
  }
}

const frame = (diagnostic: Framed, files: ReadonlyMap<string, FileText>, width: number, paint: Paint): string => {
  const { code, severity, message, uri, span, notes, related, fix } = diagnostic
  const places = [{ uri, span }, ...related, ...(fix?.edits ?? [])]
  const numbers = places.map((place) => positionAt(files.get(place.uri)?.starts ?? [0], place.span.end).line)
  const gutter = String(Math.max(...numbers)).length
  const room = Math.max(NARROWEST, width - gutter - 3)
  const bar = (number: number | undefined, sign: string, text = "") =>
    `${paint("frame", `${(number === undefined ? "" : String(number)).padStart(gutter)} ${sign}`)}${text === "" ? "" : ` ${text}`}`
  const lines = [
    `${paint(severity, code === undefined ? severity : `${severity}[${code}]`)}${paint("strong", `: ${printable(message)}`)}`,
  ]
  const place = (where: string, at: Span, arrow: string) => {
    const file = files.get(where)
    const { line, column } = positionAt(file?.starts ?? [0], at.start)
    lines.push(`${" ".repeat(gutter)}${paint("frame", arrow)} ${printable(where)}:${line}:${column}`)
    return file
  }
  const excerpt = (file: FileText, at: Span, mark: string, style: Style, label: string) => {
    lines.push(bar(undefined, "|"))
    const first = positionAt(file.starts, at.start).line
    const last = Math.max(first, positionAt(file.starts, Math.max(at.start, at.end - 1)).line)
    for (const number of first === last ? [first] : [first, last]) {
      const { code: text, lead, length } = cut(file, number, at, room)
      const underline = `${" ".repeat(lead)}${paint(style, mark.repeat(length) + (number === last && label ? ` ${label}` : ""))}`
      lines.push(bar(number, "|", text), bar(undefined, "|", underline))
      if (number === first && last > first + 1) lines.push(bar(undefined, ":"))
    }
  }
  const file = place(uri, span, "-->")
  if (file) excerpt(file, span, "^", severity, "")
  for (const each of related) {
    const other = place(each.uri, each.span, ":::")
    if (other) excerpt(other, each.span, "-", "note", printable(each.message))
  }
  if (notes.length > 0 || fix) lines.push(bar(undefined, "|"))
  for (const note of notes) lines.push(`${" ".repeat(gutter)} ${paint("note", "= note:")} ${printable(note)}`)
  if (fix) {
    lines.push(`${" ".repeat(gutter)} ${paint("help", "= help:")} ${printable(fix.title)}`)
    for (const { number, before, after } of patches(fix.edits, files)) {
      lines.push(
        bar(number, "-", paint("error", shortened(before, room))),
        bar(number, "+", paint("help", shortened(after, room))),
      )
    }
  }
  return lines.join("\n")
}

/** The part of a line that fits, and where in it the span's share of the line is, in columns. */
const cut = (
  file: FileText,
  number: number,
  span: Span,
  room: number,
): { readonly code: string; readonly lead: number; readonly length: number } => {
  const line = file.line(number)
  const from = Math.min(Math.max(span.start, line.start), line.end)
  const to = Math.min(Math.max(span.end, from), line.end)
  // Of a line that is no line a person wrote, only the neighbourhood is looked at.
  const near = { start: Math.max(line.start, from - NEAR), end: Math.min(line.end, from + NEAR) }
  const all = cells(file.text.slice(near.start, near.end), near.start)
  const sum = (some: readonly Cell[]): number => some.reduce((total, { width }) => total + width, 0)
  const before = sum(all.filter(({ offset }) => offset < from))
  const marked = sum(all.filter(({ offset }) => offset >= from && offset < to))
  const whole = sum(all)
  const partial = near.start > line.start || near.end < line.end
  // Indentation has no meaning here; the first line of several is underlined from the span's start on.
  if (whole <= room && !partial) {
    const indent = to > from && from === line.start && span.start < line.start ? leading(all) : 0
    return { code: join(all), lead: before + indent, length: Math.max(1, marked - indent) }
  }
  const context = Math.max(0, Math.floor((room - Math.min(marked, room)) / 2))
  const left = Math.max(0, Math.min(before - context, whole - room))
  const shown: Cell[] = []
  let column = 0
  let skipped = 0
  for (const cell of all) {
    if (column < left) skipped = column + cell.width
    else if (column + cell.width <= left + room - 2) shown.push(cell)
    column += cell.width
  }
  const cutLeft = skipped > 0 || near.start > line.start
  const cutRight = sum(shown) + skipped < whole || near.end < line.end
  const lead = before - skipped + (cutLeft ? 1 : 0)
  const length = Math.max(1, Math.min(marked, sum(shown) - (before - skipped)))
  return { code: `${cutLeft ? "…" : ""}${join(shown)}${cutRight ? "…" : ""}`, lead: Math.max(0, lead), length }
}

const join = (some: readonly Cell[]): string =>
  some
    .map(({ shown }) => shown)
    .join("")
    .trimEnd()

const leading = (all: readonly Cell[]): number => {
  const first = all.findIndex(({ shown }) => shown.trim() !== "")
  return all.slice(0, Math.max(0, first)).reduce((total, { width }) => total + width, 0)
}

const shortened = (line: string, room: number): string => {
  const all = cells(line.slice(0, NEAR))
  let total = 0
  const shown = all.filter(({ width }) => {
    total += width
    return total <= room - 1
  })
  return join(shown) + (shown.length < all.length || line.length > NEAR ? "…" : "")
}

/** The lines a fix changes, before and after; none when it changes more than a few, or adds some. */
const patches = (edits: readonly Edit[], files: ReadonlyMap<string, FileText>) => {
  const changed = new Map<number, { readonly number: number; readonly before: string; after: string }>()
  for (const { uri, span, text } of edits.toSorted((a, b) => b.span.start - a.span.start)) {
    const file = files.get(uri)
    if (file === undefined || text.includes("\n")) return []
    const { line: number } = positionAt(file.starts, span.start)
    const line = file.line(number)
    if (span.end > line.end) return []
    const before = file.text.slice(line.start, line.end)
    const patch = changed.get(number) ?? { number, before, after: before }
    patch.after = patch.after.slice(0, span.start - line.start) + text + patch.after.slice(span.end - line.start)
    changed.set(number, patch)
  }
  return changed.size <= 3 ? [...changed.values()].reverse() : []
}
