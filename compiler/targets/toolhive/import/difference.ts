/**
 * What two documents of one kind differ in, up to order and the defaults that the API server fills in.
 *
 * @module
 */
import { goSeconds } from "./go-duration.ts"
import type { Shape } from "./shapes/shape.ts"
import { dataOf, type Tree } from "./tree.ts"

export type Difference =
  /** Only the manifest has it. */
  | { readonly kind: "lost"; readonly path: string; readonly tree: Tree }
  | { readonly kind: "changed"; readonly path: string; readonly tree: Tree; readonly compiled: unknown }
  /** Only what is compiled has it; `tree` is the part of the manifest that it would be in. */
  | { readonly kind: "added"; readonly path: string; readonly tree: Tree; readonly compiled: unknown }

/** Lists whose order means nothing. */
const SETS: ReadonlySet<string> = new Set(["scopes", "baselineClientScopes"])
/** Texts that are durations: `60m` is `1h`. */
const DURATIONS = /(?:Lifespan|Timeout|Period|Ttl|timeout)$/

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isNothing = (tree: Tree): boolean => tree.kind === "leaf" && tree.value === null

const fallbackOf = (shape: Shape | undefined): unknown =>
  shape !== undefined && "scalar" in shape ? shape.fallback : undefined

/** Order of keys apart. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, canonical(each)]),
  )
}

const same = (key: string, a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a === "string" && typeof b === "string" && DURATIONS.test(key)) {
    const [one, other] = [goSeconds(a), goSeconds(b)]
    return one !== undefined && one === other
  }
  if (SETS.has(key) && Array.isArray(a) && Array.isArray(b)) {
    return JSON.stringify([...new Set(a)].toSorted()) === JSON.stringify([...new Set(b)].toSorted())
  }
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))
}

/** `shape` is that of `tree`, as far as it is known. */
export function* differences(
  tree: Tree,
  compiled: unknown,
  shape: Shape | undefined,
  path: string,
  key = "",
): Generator<Difference> {
  if (tree.kind === "mapping" && isObject(compiled)) {
    const inner = (name: string) =>
      shape === undefined
        ? undefined
        : "fields" in shape
          ? shape.fields[name]
          : "values" in shape
            ? shape.values
            : undefined
    for (const { key: name, value } of tree.entries) {
      if (isNothing(value)) continue
      const other = compiled[name]
      const here = `${path}.${name}`
      if (other !== undefined) yield* differences(value, other, inner(name), here, name)
      else if (!same(name, dataOf(value), fallbackOf(inner(name)))) yield { kind: "lost", path: here, tree: value }
    }
    const said = new Set(tree.entries.filter(({ value }) => !isNothing(value)).map((entry) => entry.key))
    for (const [name, value] of Object.entries(compiled)) {
      if (value === undefined || said.has(name) || same(name, value, fallbackOf(inner(name)))) continue
      if (isObject(value)) {
        // An object that the manifest leaves out is one with all its defaults.
        const empty = { kind: "mapping", span: tree.span, entries: [] } as const
        for (const each of differences(empty, value, inner(name), `${path}.${name}`, name)) yield { ...each, tree }
      } else yield { kind: "added", path: `${path}.${name}`, tree, compiled: value }
    }
    return
  }
  if (tree.kind === "sequence" && Array.isArray(compiled) && !SETS.has(key)) {
    const item = shape !== undefined && "items" in shape ? shape.items : undefined
    for (const [index, each] of tree.items.entries()) {
      if (index >= compiled.length) yield { kind: "lost", path: `${path}[${index}]`, tree: each }
      else yield* differences(each, compiled[index], item, `${path}[${index}]`)
    }
    for (const [index, value] of compiled.entries()) {
      if (index >= tree.items.length) yield { kind: "added", path: `${path}[${index}]`, tree, compiled: value }
    }
    return
  }
  if (!same(key, dataOf(tree), compiled)) yield { kind: "changed", path, tree, compiled }
}
