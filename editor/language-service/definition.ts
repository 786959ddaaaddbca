/**
 * Go to definition: where what is named was declared.
 *
 * @module
 */
import { resolvePath, rootOf } from "../../compiler/source/path.ts"
import { nodesAt } from "../../grammar/index.ts"
import { analysisOf, editorOptions, type Files, type Location } from "./files.ts"
import { occurrenceAt, occurrencesIn, type Target } from "./names.ts"
import { placeOf } from "./place.ts"

export interface Definition extends Location {
  /** The word that was asked about. */
  readonly origin: Location["span"]
}

export const definition = (files: Files, uri: string, offset: number): Definition | undefined => {
  const occurrence = occurrenceAt(files, uri, offset)
  if (occurrence) {
    const found = declaration(files, occurrence.target)
    return found && { ...found, origin: occurrence.span }
  }
  return importedFile(files, uri, offset) ?? claimDeclaration(files, uri, offset)
}

/** The name where it is declared. */
export const declaration = (files: Files, target: Target): Location | undefined => {
  const analysis = analysisOf(files, target.uri)
  if (analysis === undefined) return undefined
  const found = occurrencesIn(files, analysis).find(
    (each) => each.role === "declaration" && isSame(each.target, target),
  )
  return found && { uri: found.uri, span: found.span }
}

export const isSame = (a: Target, b: Target): boolean =>
  a.uri === b.uri && a.name === b.name && (a.kind === "environment") === (b.kind === "environment")

/** From the path of an import to the file. */
const importedFile = (files: Files, uri: string, offset: number): Definition | undefined => {
  const file = analysisOf(files, uri)?.file
  const item = file?.items.find(
    (each) => each.kind === "Import" && each.path.span.start <= offset && offset <= each.path.span.end,
  )
  if (item?.kind !== "Import") return undefined
  const found = resolvePath(uri, item.path.text, editorOptions(files, uri).root ?? rootOf(uri))
  return "uri" in found ? { uri: found.uri, span: { start: 0, end: 0 }, origin: item.path.span } : undefined
}

/** From a claim to where a provider or server is said to have it. */
const claimDeclaration = (files: Files, uri: string, offset: number): Definition | undefined => {
  const analysis = analysisOf(files, uri)
  if (analysis?.known === undefined) return undefined
  const path = nodesAt(analysis.file, offset)
  const reference = path.findLast((node) => node.kind === "Reference")
  if (reference?.kind !== "Reference") return undefined
  const place = placeOf(path.slice(0, path.indexOf(reference) + 1), analysis.known)
  if (place.type?.structure.kind !== "name" || place.type.structure.of !== "claim") return undefined
  const claim = place.scope.principal?.token.claims.get(reference.path[1]?.text ?? "")
  if (claim?.declared === undefined) return undefined
  const { source, span } = analysis.places(claim.declared)
  return { uri: source.uri, span, origin: reference.span }
}
