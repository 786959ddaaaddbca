/**
 * Compiles what was imported and says, for each field, how what comes out differs from what went in.
 *
 * @module
 */
import { parseAllDocuments } from "yaml"
import type { File, Item } from "../../../../grammar/ast.ts"
import { print } from "../../../../grammar/index.ts"
import { analyze } from "../../../analysis/analyze.ts"
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts"
import { registry } from "../../../diagnostics/registry/index.ts"
import { toolhive } from "../index.ts"
import { type Difference, differences } from "./difference.ts"
import type { Carried, Draft } from "./draft.ts"
import { type Resource, title } from "./resource.ts"
import { shapes } from "./shapes/index.ts"
import { file, originAt } from "./syntax.ts"
import { dataOf, type Tree, valueAt } from "./tree.ts"

/** The whole result. */
export interface Imported {
  readonly uri: string
  readonly made: File
  readonly text: string
}

interface CompiledObject {
  readonly kind: string
  readonly name: string
  readonly spec: unknown
}

const compiledObjects = (texts: readonly string[]): readonly CompiledObject[] =>
  texts.flatMap((text) =>
    [...parseAllDocuments(text)].map((document) => {
      const { kind, metadata, spec } = document.toJS() as { kind: string; metadata: { name: string }; spec: unknown }
      return { kind, name: metadata.name, spec }
    }),
  )

/** Says at the manifest what is wrong with what was made of it. */
const relay = (
  code: "AF1018" | "AF1019",
  { made, uri, text }: Imported,
  found: readonly Diagnostic[],
  fallback: Resource,
): void => {
  const parsed = analyze({ uri, text }, { missingParams: "sample" }).file
  for (const { code: inner, severity, message, span } of found) {
    if (severity !== "error") continue
    const origin = originAt(made, parsed, span) ?? { file: fallback.file, span: fallback.span }
    origin.file.report(code, origin.span, { code: inner, message }, { notes: [registry[inner].remedy] })
  }
}

/** The file that holds only one flow. */
const alone = (carried: Carried, items: readonly Item[]): File => {
  const others = items.filter((item) => item.kind !== "Flow")
  return file([...others, carried.flow])
}

/** Compares each flow with the objects it stands for. */
export const compare = (draft: Draft, imported: Imported, fallback: Resource): void => {
  const options = { missingParams: "sample" } as const
  const { program, diagnostics } = analyze({ uri: imported.uri, text: imported.text }, options)
  relay("AF1018", imported, diagnostics, fallback)
  const lowered = program && toolhive.lower(program)
  if (lowered !== undefined) relay("AF1019", imported, lowered.diagnostics, fallback)
  for (const carried of draft.flows) {
    const whole = lowered?.artifacts.map(({ text }) => text) ?? []
    const texts = whole.length > 0 ? whole : compiledAlone(carried, imported)
    const objects = compiledObjects(texts)
    for (const { resource, compiled: name } of carried.counterparts) {
      const object = objects.find((each) => each.kind === resource.kind && each.name === name)
      if (object === undefined) {
        const others = objects.map((each) => `${each.kind} ${each.name}`).join(", ")
        if (objects.length > 0)
          resource.file.report("AF1023", resource.span, { object: title(resource), compiled: others })
        continue
      }
      if (name !== resource.name)
        resource.file.report("AF1016", resource.span, { object: title(resource), compiled: name })
      compareObject(draft, resource, object, carried)
    }
  }
}

/** What a flow compiles to when nothing else of the file is in its way; nothing when it is itself. */
const compiledAlone = (carried: Carried, imported: Imported): readonly string[] => {
  const text = print(alone(carried, imported.made.items))
  const { program } = analyze({ uri: imported.uri, text }, { missingParams: "sample" })
  return program === undefined ? [] : toolhive.lower(program).artifacts.map((artifact) => artifact.text)
}

/** A reference to the object that stands for what the manifest refers to is no difference. */
const isReference = ({ kind, path, tree }: Difference, carried: Carried, compiled: unknown): boolean => {
  if (kind !== "changed" || !/Ref\.name$|priorityOrder\[\d+\]$/.test(path)) return false
  const written = dataOf(tree)
  return carried.counterparts.some(({ resource: other, compiled: name }) => other.name === written && name === compiled)
}

const compareObject = (draft: Draft, resource: Resource, object: CompiledObject, carried: Carried): void => {
  const { report } = resource.file
  const told = new Set<Tree>()
  const found = [...differences(resource.spec, object.spec, shapes[resource.kind], "spec")]
  for (const difference of found) {
    const { kind, path, tree } = difference
    const holder = equivalentHolder(carried, resource, tree)
    if (holder !== undefined) {
      if (!told.has(holder)) report("AF1015", holder.span, { path: "spec.awsSts.roleMappings" })
      told.add(holder)
    } else if (kind === "added")
      report("AF1014", pointOf(resource, tree), { path, compiled: shown(difference.compiled) })
    else if (kind === "changed") {
      if (isReference(difference, carried, difference.compiled)) continue
      report("AF1013", tree.span, { path, manifest: shown(dataOf(tree)), compiled: shown(difference.compiled) })
      draft.dismiss(tree)
    } else if (hasCarried(draft, tree)) {
      report("AF1013", tree.span, { path, manifest: shown(dataOf(tree)), compiled: "nothing" })
    }
  }
  // What is compiled as it stands is carried, even where no line of the result is about it.
  const differing = new Set(found.flatMap(({ kind, tree }) => (kind === "added" ? [] : [tree])))
  carryRest(draft, resource.spec, differing)
}

const carryRest = (draft: Draft, tree: Tree, differing: ReadonlySet<Tree>): void => {
  if (differing.has(tree)) return
  if (tree.kind === "leaf" || (tree.kind === "mapping" ? tree.entries : tree.items).length === 0) draft.carry(tree)
  else if (tree.kind === "mapping") for (const { value } of tree.entries) carryRest(draft, value, differing)
  else for (const item of tree.items) carryRest(draft, item, differing)
}

const hasCarried = (draft: Draft, tree: Tree): boolean => {
  if (draft.isCarried(tree)) return true
  if (tree.kind === "mapping") return tree.entries.some(({ value }) => hasCarried(draft, value))
  return tree.kind === "sequence" && tree.items.some((item) => hasCarried(draft, item))
}

const holds = (outer: Tree, inner: Tree): boolean => {
  if (outer === inner) return true
  if (outer.kind === "mapping") return outer.entries.some(({ value }) => holds(value, inner))
  return outer.kind === "sequence" && outer.items.some((item) => holds(item, inner))
}

const equivalentHolder = ({ equivalent }: Carried, resource: Resource, tree: Tree): Tree | undefined => {
  const mappings = valueAt(resource.spec, "awsSts", "roleMappings")
  if (mappings === undefined || !equivalent.has(mappings)) return undefined
  return holds(mappings, tree) ? mappings : undefined
}

/** A mapping is many lines: its first key says where it is. */
const pointOf = (resource: Resource, tree: Tree) => {
  if (tree === resource.spec) return resource.span
  return tree.kind === "mapping" ? (tree.entries[0]?.keySpan ?? tree.span) : tree.span
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`
}
