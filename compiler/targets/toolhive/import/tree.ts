/**
 * YAML as a tree of plain data in which every value and every key has its place in the file. Aliases and merge keys are
 * resolved as the API server's own YAML reader resolves them, within bounds: a few lines can otherwise stand for gigabytes.
 *
 * @module
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, type Tags } from "yaml"
import type { Span } from "../../../../grammar/ast.ts"
import type { Report } from "../../../diagnostics/report.ts"
import type { Source } from "../../../source/source.ts"

export type Tree = Mapping | Sequence | Leaf

export interface Mapping {
  readonly kind: "mapping"
  readonly span: Span
  readonly entries: readonly TreeEntry[]
}

export interface TreeEntry {
  readonly key: string
  readonly keySpan: Span
  readonly value: Tree
}

export interface Sequence {
  readonly kind: "sequence"
  readonly span: Span
  readonly items: readonly Tree[]
}

export interface Leaf {
  readonly kind: "leaf"
  readonly span: Span
  readonly value: string | number | boolean | null
}

export const entryOf = (tree: Tree | undefined, key: string): TreeEntry | undefined =>
  tree?.kind === "mapping" ? tree.entries.findLast((entry) => entry.key === key) : undefined

export const valueAt = (tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined =>
  keys.reduce<Tree | undefined>((found, key) => entryOf(found, key)?.value, tree)

export const textOf = (tree: Tree | undefined): string | undefined =>
  tree?.kind === "leaf" && typeof tree.value === "string" ? tree.value : undefined

/** The data without its places. */
export const dataOf = (tree: Tree): unknown => {
  if (tree.kind === "leaf") return tree.value
  if (tree.kind === "sequence") return tree.items.map(dataOf)
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, dataOf(value)]))
}

/** Code units of one file. The API server takes objects of about a megabyte and a half. */
const MAX_LENGTH = 4 * 1024 * 1024
/** Values of one file, each alias counted with all it stands for. */
const MAX_VALUES = 200_000
const MAX_DEPTH = 100

class TooMuch extends Error {}

/** YAML 1.1 as the API server reads it: `yes` is a boolean, but there are no dates and no numbers to the base of sixty. */
const customTags = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === "string" || (!/:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag) && tag.format !== "TIME"),
  )

/** The documents of a file that hold anything. Reports what is not YAML. */
export const readTrees = ({ text }: Source, report: Report): readonly Tree[] => {
  const start = { start: 0, end: 0 }
  if (text.length > MAX_LENGTH) {
    report("AF1002", start, { reason: `it is longer than ${MAX_LENGTH / 1024 / 1024} MiB` })
    return []
  }
  try {
    const documents: readonly Document.Parsed[] = [
      ...parseAllDocuments(text, { schema: "yaml-1.1", merge: true, customTags, logLevel: "silent" }),
    ]
    const builder = new Builder()
    return documents.flatMap((document) => {
      const [error] = document.errors
      if (error !== undefined) {
        const [from, to] = error.pos
        report("AF1001", within(text, from, to), { reason: reasonOf(error.message) })
        return []
      }
      const tree = builder.document(document)
      const { unresolved } = builder
      if (unresolved !== undefined) {
        report("AF1001", unresolved, { reason: "an alias to an anchor that is not there" })
        return []
      }
      return tree === undefined ? [] : [tree]
    })
  } catch (error) {
    // The YAML library descends by calling itself.
    if (!(error instanceof TooMuch) && !(error instanceof RangeError)) throw error
    const reason = error instanceof TooMuch ? error.message : "it is nested too deeply"
    report("AF1002", start, { reason })
    return []
  }
}

const within = (text: string, from: number, to: number): Span => {
  const start = Math.min(from, text.length)
  return { start, end: Math.max(start, Math.min(to, text.length)) }
}

const reasonOf = (message: string): string => {
  const reason = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "")
  if (/call stack/.test(reason)) return "it is nested too deeply"
  return reason.slice(0, 1).toLowerCase() + reason.slice(1)
}

class Builder {
  /** An alias of the last document whose anchor is not there. */
  unresolved: Span | undefined
  #values = 0
  #document: Document.Parsed | undefined

  document(document: Document.Parsed): Tree | undefined {
    this.#document = document
    this.unresolved = undefined
    const { contents } = document
    if (contents === null) return undefined
    const tree = this.#tree(contents, 0)
    return tree.kind === "leaf" && tree.value === null ? undefined : tree
  }

  #tree(node: ParsedNode | null | undefined, depth: number, place?: Span): Tree {
    if (++this.#values > MAX_VALUES) throw new TooMuch("its aliases stand for more values than anybody has written")
    if (depth > MAX_DEPTH) throw new TooMuch("it is nested too deeply, or an alias refers to what it is in")
    if (node === null || node === undefined) return { kind: "leaf", span: place ?? { start: 0, end: 0 }, value: null }
    const span = place ?? spanOf(node)
    if (isAlias(node)) {
      const target = this.#document && node.resolve(this.#document)
      if (target === undefined) this.unresolved ??= span
      // What an alias stands for is, for a reader, written where the alias is.
      return this.#tree(target as ParsedNode | undefined, depth + 1, span)
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#tree(item as ParsedNode, depth + 1, place))
      return { kind: "sequence", span, items }
    }
    if (isMap(node)) return { kind: "mapping", span, entries: this.#entries(node.items, depth, place) }
    return { kind: "leaf", span, value: plain(isScalar(node) ? node.value : undefined) }
  }

  #entries(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    depth: number,
    place?: Span,
  ): readonly TreeEntry[] {
    const merged: TreeEntry[] = []
    const own: TreeEntry[] = []
    for (const { key, value } of pairs) {
      const name = this.#tree(key as ParsedNode | null, depth + 1, place)
      const tree = this.#tree(value as ParsedNode | null, depth + 1, place ?? (value === null ? name.span : undefined))
      const isMerge = isScalar(key) && (key.value === "<<" || typeof key.value === "symbol") && key.type === "PLAIN"
      if (isMerge) {
        // Earlier ones win (YAML merge key specification).
        const sources = tree.kind === "sequence" ? tree.items.toReversed() : [tree]
        for (const source of sources) if (source.kind === "mapping") merged.push(...source.entries)
      } else if (name.kind === "leaf") own.push({ key: String(name.value), keySpan: name.span, value: tree })
    }
    const names = new Map([...merged, ...own].map((entry) => [entry.key, entry]))
    return [...names.values()]
  }
}

const spanOf = ({ range }: ParsedNode): Span => ({ start: range[0], end: range[1] })

const plain = (value: unknown): Leaf["value"] => {
  if (typeof value === "bigint") return Number(value)
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null
}
