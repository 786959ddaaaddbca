/**
 * Which names a file has where, and what each one stands for.
 *
 * @module
 */
import type { Named, NameKind } from "../../compiler/check/names.ts"
import type { Analysis } from "../../compiler/index.ts"
import type { ImportedName, Reference, Segment, Span } from "../../grammar/ast.ts"
import { type Node, walk } from "../../grammar/index.ts"
import { analysisOf, type Files } from "./files.ts"
import { placeOf } from "./place.ts"

/** What a name stands for: the item of this name in this file. */
export interface Target {
  readonly uri: string
  readonly name: string
  readonly kind: NameKind | "environment"
}

export interface Occurrence {
  readonly uri: string
  readonly span: Span
  readonly target: Target
  /** `import`: the name in the braces; `alias`: the one behind `as`. */
  readonly role: "declaration" | "import" | "alias" | "reference"
  /** The name another file's item has here, where it is not its own. */
  readonly alias: string | undefined
}

const known = new WeakMap<Analysis, readonly Occurrence[]>()

/** All names in a file that stand for an item, in the order of the text. */
export const occurrencesIn = (files: Files, analysis: Analysis): readonly Occurrence[] => {
  const found = known.get(analysis) ?? find(files, analysis)
  known.set(analysis, found)
  return found
}

/** The occurrence at an offset; the end of a name counts. */
export const occurrenceAt = (files: Files, uri: string, offset: number): Occurrence | undefined => {
  const analysis = analysisOf(files, uri)
  return analysis && occurrencesIn(files, analysis).find(({ span }) => span.start <= offset && offset <= span.end)
}

const find = (files: Files, analysis: Analysis): readonly Occurrence[] => {
  if (analysis.known === undefined) return []
  const { uri, file } = analysis
  const { scope } = analysis.known
  const found: Occurrence[] = []
  const add = (span: Span, target: Target, role: Occurrence["role"], alias?: string): void => {
    if (span.start < span.end) found.push({ uri, span, target, role, alias })
  }
  const refer = (segment: Segment): void => {
    const named = scope.names.get(segment.text)
    if (named === undefined || segment.quoted) return
    add(segment.span, targetOf(named, analysis), "reference", named.imported?.alias?.text)
  }
  walk(file, (node, ancestors) => {
    switch (node.kind) {
      case "Param":
      case "Constant":
      case "Declaration":
      case "Flow": {
        const named = scope.names.get(node.name.text)
        if (named?.node === node) add(node.name.span, targetOf(named, analysis), "declaration")
        return true
      }
      case "Environment":
        add(node.name.span, { uri, name: node.name.text, kind: "environment" }, "declaration")
        for (const { name } of node.body.fields) {
          const target = paramOf(files, analysis, name.text)
          if (target) add(name.span, target, "reference")
        }
        return true
      case "ImportedName":
        addImport(node, analysis, add)
        return false
      case "Reference":
        if (isName(node, [...ancestors, node], analysis) && node.path[0]) refer(node.path[0])
        return false
      default:
        return true
    }
  })
  return found.toSorted((a, b) => a.span.start - b.span.start)
}

const addImport = (
  node: ImportedName,
  analysis: Analysis,
  add: (span: Span, target: Target, role: Occurrence["role"], alias?: string) => void,
): void => {
  const { name, alias } = node
  const named = analysis.known?.scope.names.get((alias ?? name).text)
  if (named?.imported !== node || !isThere(named, analysis)) return
  const target = targetOf(named, analysis)
  add(name.span, target, "import")
  if (alias) add(alias.span, target, "alias", alias.text)
}

/** An import of what there is not stands for itself. */
const isThere = ({ node, imported }: Named, { places, uri }: Analysis): boolean =>
  imported === undefined || places(node.span).source.uri !== uri

/** What a name stands for, by the file that declares it. */
export const targetOf = ({ kind, node }: Named, { places }: Analysis): Target => ({
  uri: places(node.span).source.uri,
  name: node.name.text,
  kind,
})

/** The parameter of the file or of one that it imports: an environment says them by the name they are declared by. */
const paramOf = (files: Files, analysis: Analysis, name: string): Target | undefined => {
  for (const { uri } of analysis.sources) {
    const file = uri === analysis.uri ? analysis.file : analysisOf(files, uri)?.file
    if (file?.items.some((item) => item.kind === "Param" && item.name.text === name))
      return { uri, name, kind: "param" }
  }
  return undefined
}

/** Whether a reference names an item, and is no word of the place that it stands at. */
const isName = (reference: Reference, path: readonly Node[], { known }: Analysis): boolean => {
  const [first, ...rest] = reference.path
  const named = first && !first.quoted ? known?.scope.names.get(first.text) : undefined
  if (known === undefined || named === undefined || first === undefined) return false
  const parent = path.at(-2)
  const place = placeOf(path, known)
  const { construct, scope, type } = place
  switch (parent?.kind) {
    case "Declaration":
      return false
    case "Param":
      return reference !== parent.type
    case "Stage":
      if (reference !== parent.operand || construct === undefined || !("operand" in construct)) return false
      return construct.operand.by !== "kind"
    case "Expectation":
      return reference === parent.target || rest.length > 0 || named.kind === "param" || named.kind === "constant"
    default:
  }
  if (type?.structure.kind === "name") return type.structure.of !== "claim"
  // Of a choice the words are meant, and names only where they stand for one of them.
  if (type?.structure.kind === "choice") return scope.constants.get(first.text)?.kind === "Reference"
  return true
}
