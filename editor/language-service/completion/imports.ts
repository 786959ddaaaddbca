/**
 * Imports: files to import from, and the names that they have.
 *
 * @module
 */
import { resolvePath, rootOf } from "../../../compiler/source/path.ts"
import { analysisOf, editorOptions } from "../files.ts"
import { describeName } from "../hover/names.ts"
import { targetOf } from "../names.ts"
import { type Completion, rank } from "./completion.ts"
import type { Cursor } from "./cursor.ts"

/** Names of the other file that are not imported yet. */
export const importedNamesAt = (cursor: Cursor): readonly Completion[] => {
  const { files, uri, place, word: span } = cursor
  const { item } = place
  if (item?.kind !== "Import") return []
  const found = resolvePath(uri, item.path.text, editorOptions(files, uri).root ?? rootOf(uri))
  const other = "uri" in found ? analysisOf(files, found.uri) : undefined
  if (other?.known === undefined) return []
  const self = place.path.findLast(({ kind }) => kind === "ImportedName")
  const given = item.names.flatMap((each) => (each === self ? [] : [each.name.text]))
  return [...other.known.scope.names].flatMap(([name, named]): readonly Completion[] => {
    const { kind, node, imported } = named
    if (imported !== undefined || kind === "flow" || given.includes(name)) return []
    const target = targetOf(named, other)
    const doc = describeName(files, { uri, span: node.span, target, role: "reference", alias: undefined })
    return [{ label: name, kind, detail: kind, doc, snippet: name, span, rank: rank.best }]
  })
}

/** The other files, as their paths from this one. Those that are near come first. */
export const importPathsAt = ({ files, uri, string }: Cursor): readonly Completion[] => {
  if (string === undefined) return []
  const root = editorOptions(files, uri).root ?? rootOf(uri)
  return files.workspace
    .files()
    .map((source) => source.uri)
    .filter((other) => other !== uri)
    .flatMap((other) => {
      const path = pathBetween(uri, other)
      const found = resolvePath(uri, path, root)
      return "uri" in found && found.uri === other ? [path] : []
    })
    .toSorted((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1))
    .map((path) => ({ label: path, kind: "file", snippet: path, span: string.span, rank: rank.best }))
}

/** `./identity.authflow`, `../shared/corp.authflow` */
const pathBetween = (from: string, to: string): string => {
  const here = from.split("/").slice(0, -1)
  const there = to.split("/")
  let common = 0
  while (common < here.length && here[common] === there[common]) common++
  const up = here.length - common
  const down = there.slice(common).map(decodeURIComponent)
  return [...(up === 0 ? ["."] : Array.from({ length: up }, () => "..")), ...down].join("/")
}
