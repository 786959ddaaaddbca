/**
 * Which comment stands with what. The tree holds comments as a list; the printer wants them next to the things it prints on
 * lines of their own: items, stages, fields, entries, arms, list items, arguments.
 *
 * @module
 */
import type { Comment, File, Span } from "./ast.ts"
import type { Lines } from "./lines.ts"
import { childrenOf, type Node } from "./visit.ts"

export interface Attached {
  /** On lines of their own before the node. */
  readonly leading: Comment[]
  /** On the line the node ends on. */
  readonly trailing: Comment[]
  /** Behind the bracket that opens the node. */
  readonly opening: Comment[]
  /** At the end of the node's inside, behind all it holds. */
  readonly dangling: Comment[]
}

const none: Attached = { leading: [], trailing: [], opening: [], dangling: [] }

/** A node whose parts can stand on lines of their own, and where they can. */
interface Container {
  readonly node: Node
  readonly region: Span
  readonly units: readonly Node[]
}

const containerOf = (node: Node): Container | undefined => {
  switch (node.kind) {
    case "File":
      return { node, region: { start: -1, end: Number.POSITIVE_INFINITY }, units: node.items }
    case "Import":
      return {
        node,
        region: { start: node.span.start + "import".length, end: node.path.span.start },
        units: node.names,
      }
    case "Flow":
      return { node, region: { start: node.url.span.end, end: node.span.end }, units: node.stages }
    case "Test":
      return { node, region: { start: node.title.span.end, end: node.span.end }, units: node.clauses }
    case "Block":
      return { node, region: node.span, units: node.fields }
    case "ListLiteral":
      return { node, region: node.span, units: node.items }
    case "MapLiteral":
      return { node, region: node.span, units: node.entries }
    case "Call":
      return { node, region: { start: node.callee.span.end, end: node.span.end }, units: node.args }
    case "Match": {
      const start = node.scrutinee?.span.end ?? node.span.start + "match".length
      return { node, region: { start, end: node.span.end }, units: node.arms }
    }
    default:
      return undefined
  }
}

const holds = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

/** The outermost container in `node` that `comment` is in. */
const containerAround = (node: Node, comment: Comment): Container | undefined => {
  const container = containerOf(node)
  if (container !== undefined && holds(container.region, comment.span)) return container
  const child = childAt(childrenOf(node), comment)
  return child === undefined ? undefined : containerAround(child, comment)
}

const childAt = (nodes: readonly Node[], comment: Comment): Node | undefined => {
  const before = nodes[lastBefore(nodes, comment)]
  return before !== undefined && holds(before.span, comment.span) ? before : undefined
}

/** Index of the last node that starts before `comment`, or -1. Nodes are in source order. */
const lastBefore = (nodes: readonly Node[], comment: Comment): number => {
  let low = -1
  let high = nodes.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    const node = nodes[middle]
    if (node !== undefined && node.span.start <= comment.span.start) low = middle
    else high = middle - 1
  }
  return low
}

/** Where each comment of `file` is to be printed. */
export class Comments {
  /** Where each comment will stand, as an offset in the source, ascending. */
  readonly #places: readonly number[]
  readonly #attached = new Map<Node, Attached>()

  constructor(file: File, lines: Lines) {
    const places = file.comments.map((comment) => this.#place(comment, containerOf(file), lines))
    this.#places = places.sort((a, b) => a - b)
  }

  of(node: Node): Attached {
    return this.#attached.get(node) ?? none
  }

  /** Whether any comment will stand inside `span`: one that was moved before it will not. */
  within(span: Span): boolean {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle] ?? 0) <= span.start) low = middle + 1
      else high = middle
    }
    return (this.#places[low] ?? Number.POSITIVE_INFINITY) < span.end
  }

  #place(comment: Comment, container: Container | undefined, lines: Lines): number {
    const start = comment.span.start
    if (container === undefined) return start
    const { node, region, units } = container
    const index = lastBefore(units, comment)
    const before = units[index]
    const after = units[index + 1]
    const line = lines.lineAt(start)
    if (before !== undefined && holds(before.span, comment.span)) {
      const inner = containerAround(before, comment)
      if (inner !== undefined) return this.#place(comment, inner, lines)
      this.#at(before).leading.push(demoted(comment))
      return before.span.start
    }
    if (before !== undefined && lines.lineAt(before.span.end) === line) this.#at(before).trailing.push(comment)
    else if (before === undefined && node.kind !== "File" && lines.lineAt(region.start) === line) {
      if (after !== undefined && lines.lineAt(after.span.start) === line) this.#at(after).leading.push(comment)
      else this.#at(node).opening.push(comment)
    } else if (after !== undefined) this.#at(after).leading.push(comment)
    else this.#at(node).dangling.push(comment)
    return start
  }

  #at(node: Node): Attached {
    let attached = this.#attached.get(node)
    if (attached === undefined) {
      attached = { leading: [], trailing: [], opening: [], dangling: [] }
      this.#attached.set(node, attached)
    }
    return attached
  }
}

/**
 * A comment in the middle of something moves before it. There a doc comment would become the thing's own, so it becomes an
 * ordinary one.
 */
const demoted = (comment: Comment): Comment =>
  comment.style === "doc" ? { ...comment, style: "line", text: `//${comment.text.slice(3)}` } : comment
