/**
 * A file and all that it imports, directly or not.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import type { Report } from "../diagnostics/report.ts"
import { resolvePath } from "../source/path.ts"
import type { Source } from "../source/source.ts"

/** A file that was read. Its tree's places are those of the slot it has in the program. */
export interface Loaded {
  readonly source: Source
  readonly file: Ast.File
}

/** A file with those it imports. */
export interface Node<File extends Loaded = Loaded> {
  readonly loaded: File
  /** Its imports in its order; `undefined` after reporting that there is nothing to import from. */
  readonly imports: readonly { readonly item: Ast.Import; readonly node: Node<File> | undefined }[]
}

/** The file with all it imports. Each file is one node, however often it is imported. `load` answers with a file by its URI. */
export const closureOf = <File extends Loaded>(
  entry: File,
  root: string,
  load: (uri: string) => File | undefined,
  report: Report,
): Node<File> => {
  const nodes = new Map<string, Node<File>>()
  const imported = (item: Ast.Import, chain: readonly File[]): Node<File> | undefined => {
    const { text: path, span } = item.path
    const from = chain.at(-1)
    // A path that is missing was reported with the syntax.
    if (from === undefined || span.start === span.end) return undefined
    const found = resolvePath(from.source.uri, path, root)
    if ("problem" in found) {
      report("AF0217", span, { path, problem: found.problem })
      return undefined
    }
    const at = chain.findIndex(({ source }) => source.uri === found.uri)
    if (at >= 0) {
      report("AF0219", span, { circle: [...chain.slice(at).map(({ source }) => source.uri), found.uri] })
      return undefined
    }
    const known = nodes.get(found.uri)
    if (known !== undefined) return known
    const loaded = load(found.uri)
    if (loaded === undefined) {
      report("AF0218", span, { path: found.uri })
      return undefined
    }
    return visit(loaded, [...chain, loaded])
  }
  const visit = (loaded: File, chain: readonly File[]): Node<File> => {
    const imports = loaded.file.items
      .filter((item) => item.kind === "Import")
      .map((item) => ({ item, node: imported(item, chain) }))
    const node = { loaded, imports }
    nodes.set(loaded.source.uri, node)
    return node
  }
  return visit(entry, [entry])
}

/** The files, each after those it imports; the last is the one they are imported into. */
export const inOrder = <File extends Loaded>(root: Node<File>): readonly Node<File>[] => {
  const seen = new Set<Node<File>>()
  const visit = (node: Node<File>): void => {
    if (seen.has(node)) return
    for (const { node: imported } of node.imports) if (imported) visit(imported)
    seen.add(node)
  }
  visit(root)
  return [...seen]
}

/** What a file imports by itself and from where, as far as the paths can be right. */
export const importsOf = (
  file: Ast.File,
  uri: string,
  root: string,
): readonly (readonly [uri: string, item: Ast.Import])[] =>
  file.items.flatMap((item) => {
    if (item.kind !== "Import" || item.path.span.start === item.path.span.end) return []
    const found = resolvePath(uri, item.path.text, root)
    return "uri" in found ? [[found.uri, item] as const] : []
  })
