/**
 * The objects of the files: which documents are ToolHive's, and how they refer to each other.
 *
 * @module
 */
import type { Span } from "../../../../grammar/ast.ts"
import { nearest } from "../../../check/names.ts"
import type { Report } from "../../../diagnostics/report.ts"
import { positionAt } from "../../../source/lines.ts"
import type { Source } from "../../../source/source.ts"
import { type Kind, shapes } from "./shapes/index.ts"
import { entryOf, type Mapping, type Tree, textOf, valueAt } from "./tree.ts"

/** A file with what is reported on it. */
export interface ManifestFile extends Source {
  readonly report: Report
  readonly lineStarts: readonly number[]
}

/** One object of ToolHive's. */
export interface Resource {
  readonly file: ManifestFile
  readonly kind: Kind
  readonly name: string
  readonly namespace: string | undefined
  /** The whole object. */
  readonly tree: Mapping
  readonly spec: Tree
  /** Its name, or its kind where it has none: where to point for the object as a whole. */
  readonly span: Span
}

const GROUP = "toolhive.stacklok.dev"
const VERSIONS = ["v1beta1", "v1alpha1"]

/** Kinds of ToolHive's that have nothing to do with authentication. */
const OTHER_KINDS = ["EmbeddingServer", "MCPRegistry", "VirtualMCPCompositeToolDefinition"]

const isKind = (kind: string): kind is Kind => Object.hasOwn(shapes, kind)

/** `MCPRemoteProxy api-proxy` */
export const title = ({ kind, name }: Pick<Resource, "kind" | "name">): string => `${kind} ${name}`

/** `proxies.yaml:12` */
export const place = ({ file, span }: Pick<Resource, "file" | "span">): string =>
  `${file.uri}:${positionAt(file.lineStarts, span.start).line}`

/** The objects of a document: itself, or the items of a `List`. */
function* objectsOf(tree: Tree, file: ManifestFile): Generator<Mapping> {
  if (tree.kind !== "mapping") {
    file.report("AF1003", tree.span, { reason: "an object is a mapping with apiVersion and kind" })
    return
  }
  const kind = textOf(valueAt(tree, "kind")) ?? ""
  const items = valueAt(tree, "items")
  if (kind.endsWith("List") && items?.kind === "sequence") for (const item of items.items) yield* objectsOf(item, file)
  else yield tree
}

const resourceOf = (tree: Mapping, file: ManifestFile): Resource | undefined => {
  const apiVersion = valueAt(tree, "apiVersion")
  const kind = valueAt(tree, "kind")
  const [version, word] = [textOf(apiVersion), textOf(kind)]
  const top = tree.entries[0]?.keySpan ?? tree.span
  if (apiVersion === undefined || kind === undefined || version === undefined || word === undefined) {
    file.report("AF1003", top, { reason: "apiVersion and kind are needed, and are text" })
    return undefined
  }
  const name = valueAt(tree, "metadata", "name")
  const called = textOf(name)
  const [group, ...rest] = version.split("/")
  if (group !== GROUP) {
    // A slip in the group's name would leave the object out without a word.
    const meant = isKind(word) ? `${GROUP}/v1beta1` : undefined
    if (meant === undefined) file.report("AF1005", kind.span, { kind: word, name: called })
    else file.report("AF1004", apiVersion.span, { what: "apiVersion", found: version, meant })
    return undefined
  }
  const alphaOnly = word === "MCPWebhookConfig"
  if (!VERSIONS.includes(rest.join("/")) || (alphaOnly && rest.join("/") !== "v1alpha1")) {
    const meant = `${GROUP}/${alphaOnly ? "v1alpha1" : "v1beta1"}`
    file.report("AF1004", apiVersion.span, { what: "apiVersion", found: version, meant })
    return undefined
  }
  if (!isKind(word)) {
    if (OTHER_KINDS.includes(word)) file.report("AF1005", kind.span, { kind: word, name: called })
    else file.report("AF1004", kind.span, { what: "kind", found: word, meant: nearest(word, Object.keys(shapes)) })
    return undefined
  }
  if (name === undefined || called === undefined) {
    file.report("AF1003", entryOf(tree, "metadata")?.keySpan ?? kind.span, { reason: `${word} has no metadata.name` })
    return undefined
  }
  const namespace = textOf(valueAt(tree, "metadata", "namespace"))
  const spec = valueAt(tree, "spec") ?? { kind: "mapping", span: kind.span, entries: [] }
  return { file, kind: word, name: called, namespace, tree, spec, span: name.span }
}

/** ToolHive's objects in the trees of a file. Reports every other. */
export const resourcesOf = (trees: readonly Tree[], file: ManifestFile): readonly Resource[] =>
  trees.flatMap((tree) => [...objectsOf(tree, file)]).flatMap((tree) => resourceOf(tree, file) ?? [])

/** Finds an object by what a reference says: a name in the referring object's own namespace, in its own file first. */
export class Catalog {
  readonly #byName = new Map<string, Resource[]>()

  /** Reports an object that a file has twice: the later one would replace the earlier. */
  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      const key = keyOf(resource.kind, resource.name, resource.namespace)
      const same = this.#byName.get(key) ?? []
      const earlier = same.find(({ file }) => file === resource.file)
      if (earlier !== undefined) {
        const related = [{ span: earlier.span, message: "the first one" }]
        resource.file.report("AF1006", resource.span, { object: title(resource) }, { related })
      } else this.#byName.set(key, [...same, resource])
    }
  }

  /** All objects, without those that were there already. */
  get resources(): readonly Resource[] {
    return [...this.#byName.values()].flat()
  }

  find(from: Resource, kind: Kind, name: string): Resource | undefined {
    const found = this.#byName.get(keyOf(kind, name, from.namespace)) ?? []
    return found.find(({ file }) => file === from.file) ?? found[0]
  }
}

const keyOf = (kind: Kind, name: string, namespace: string | undefined): string =>
  JSON.stringify([kind, name, namespace ?? "default"])
