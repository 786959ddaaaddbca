/**
 * What is being made of the manifests: the items so far, their names, and which values of the manifests they carry.
 *
 * @module
 */
import type { Declaration, Expression, Flow, Param } from "../../../../grammar/ast.ts"
import type { SourceNames } from "./names.ts"
import { type Catalog, place, type Resource, title } from "./resource.ts"
import { call, from, list, type Origin, string } from "./syntax.ts"
import { type Tree, valueAt } from "./tree.ts"

/** A value with where the manifest says it. */
export interface Said<T> {
  readonly value: T
  readonly origin: Origin
  readonly tree: Tree
}

/** An object of the manifests and the object that stands for it in what compiles from the result. */
export interface Counterpart {
  readonly resource: Resource
  readonly compiled: string
}

/** A flow, what it needs, and what it stands for. */
export interface Carried {
  readonly flow: Flow
  readonly uses: readonly (Declaration | Param)[]
  readonly counterparts: readonly Counterpart[]
  /** Trees that are compiled to something else that decides the same. */
  readonly equivalent: ReadonlySet<Tree>
}

export class Draft {
  readonly names: SourceNames
  readonly flows: Carried[] = []
  readonly params: Param[] = []
  readonly declarations = new Map<string, Declaration>()
  readonly catalog: Catalog
  /** Values that the result says. */
  readonly #carried = new Set<Tree>()
  /** Values that are reported as of no use. */
  readonly #useless: Set<Tree>

  constructor(catalog: Catalog, names: SourceNames, useless: ReadonlySet<Tree>) {
    this.catalog = catalog
    this.names = names
    this.#useless = new Set(useless)
  }

  isCarried(tree: Tree): boolean {
    return this.#carried.has(tree)
  }

  isUseless(tree: Tree): boolean {
    return this.#useless.has(tree)
  }

  /** The value is reported; that it is in no result only follows. */
  dismiss(tree: Tree): void {
    this.#useless.add(tree)
  }

  carry(tree: Tree): void {
    this.#carried.add(tree)
  }

  /** What stands at a path below `tree`, if it is of use. */
  at(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
    const found = valueAt(tree, ...path)
    if (found === undefined || this.#useless.has(found) || (found.kind === "leaf" && found.value === null))
      return undefined
    return found
  }

  #leaf<T>(
    is: (value: unknown) => value is T,
    resource: Resource,
    tree: Tree | undefined,
    path: readonly string[],
  ): Said<T> | undefined {
    const found = this.at(tree, ...path)
    if (found?.kind !== "leaf" || !is(found.value)) return undefined
    return { value: found.value, origin: { file: resource.file, span: found.span }, tree: found }
  }

  /** The text at a path; it counts as carried. */
  text(resource: Resource, tree: Tree | undefined, ...path: readonly string[]): Said<string> | undefined {
    const said = this.peek(resource, tree, ...path)
    if (said !== undefined) this.carry(said.tree)
    return said
  }

  /** The text at a path. */
  peek(resource: Resource, tree: Tree | undefined, ...path: readonly string[]): Said<string> | undefined {
    return this.#leaf((value) => typeof value === "string", resource, tree, path)
  }

  /** The number at a path; it counts as carried. */
  number(resource: Resource, tree: Tree | undefined, ...path: readonly string[]): Said<number> | undefined {
    const said = this.#leaf((value) => typeof value === "number", resource, tree, path)
    if (said !== undefined) this.carry(said.tree)
    return said
  }

  /** The switch at a path; it counts as carried. */
  boolean(resource: Resource, tree: Tree | undefined, ...path: readonly string[]): Said<boolean> | undefined {
    const said = this.#leaf((value) => typeof value === "boolean", resource, tree, path)
    if (said !== undefined) this.carry(said.tree)
    return said
  }

  /** The texts of a list; the ones that are taken count as carried. */
  texts(resource: Resource, tree: Tree | undefined, ...path: readonly string[]): readonly Said<string>[] | undefined {
    const found = this.at(tree, ...path)
    if (found?.kind !== "sequence") return undefined
    this.carry(found)
    return found.items.flatMap((item) => this.text(resource, item) ?? [])
  }

  /** `secret("name", key: "key")` of a reference to a Secret. */
  secret(resource: Resource, tree: Tree | undefined): Expression | undefined {
    const [name, key] = [this.text(resource, tree, "name"), this.text(resource, tree, "key")]
    if (tree === undefined || name === undefined || key === undefined) return undefined
    const value = call("secret", { value: quoted(name) }, { name: "key", value: quoted(key) })
    return from({ file: resource.file, span: tree.span }, value)
  }

  /** The object that a reference at a path names, after reporting one that is not there. */
  referred(resource: Resource, kind: Resource["kind"], ...path: readonly string[]): Resource | undefined {
    const name = this.text(resource, resource.spec, ...path, "name")
    if (name === undefined) return undefined
    const found = this.catalog.find(resource, kind, name.value)
    if (found === undefined) {
      resource.file.report("AF1009", name.origin.span, { from: title(resource), to: title({ kind, name: name.value }) })
    }
    return found
  }
}

/** The text as a string of the language. */
export const quoted = ({ value, origin }: Said<string>): Expression => from(origin, string(value))

export const quotedList = (texts: readonly Said<string>[] | undefined): Expression | undefined =>
  texts === undefined || texts.length === 0 ? undefined : list(texts.map(quoted))

/** Where a value stands. */
export const originOf = (resource: Resource, tree: Tree): Origin => ({ file: resource.file, span: tree.span })

/** What a doc comment says. */
export const provenance = (resource: Resource, ...more: readonly string[]): string =>
  [`From ${title(resource)}, ${place(resource)}.`, ...more].join("\n")
