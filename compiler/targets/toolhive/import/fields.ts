/**
 * Fields that a kind does not have, or of another type: the API server drops the first without a word and refuses the second.
 *
 * @module
 */
import { nearest } from "../../../check/names.ts"
import type { Resource } from "./resource.ts"
import { shapes } from "./shapes/index.ts"
import type { Scalar, Shape } from "./shapes/shape.ts"
import type { Tree } from "./tree.ts"

const NAMES = { string: "text", number: "a number", boolean: "true or false" } as const

const found = (tree: Tree): string => {
  if (tree.kind !== "leaf") return tree.kind === "mapping" ? "a mapping" : "a list"
  if (tree.value === null) return "nothing"
  return NAMES[typeof tree.value as Scalar["scalar"]]
}

/** Reports them; answers those parts of the object that are of no use. */
export const misfits = ({ kind, spec, file }: Resource): ReadonlySet<Tree> => {
  const useless = new Set<Tree>()
  const refuse = (tree: Tree, path: string, expected: string): void => {
    useless.add(tree)
    file.report("AF1008", tree.span, { path, expected, found: found(tree) })
  }
  const visit = (tree: Tree, shape: Shape, path: string): void => {
    // A field that is null is as if it were not there.
    if ("opaque" in shape || (tree.kind === "leaf" && tree.value === null)) return
    if ("scalar" in shape) {
      if (tree.kind !== "leaf" || typeof tree.value !== shape.scalar) refuse(tree, path, NAMES[shape.scalar])
      return
    }
    if ("items" in shape) {
      if (tree.kind !== "sequence") refuse(tree, path, "a list")
      else for (const [index, item] of tree.items.entries()) visit(item, shape.items, `${path}[${index}]`)
      return
    }
    if (tree.kind !== "mapping") {
      refuse(tree, path, "a mapping")
      return
    }
    for (const { key, keySpan, value } of tree.entries) {
      const inner = "values" in shape ? shape.values : shape.fields[key]
      if (inner !== undefined) {
        visit(value, inner, `${path}.${key}`)
        continue
      }
      useless.add(value)
      const meant = "values" in shape ? undefined : similar(key, Object.keys(shape.fields))
      file.report("AF1007", keySpan, { path: `${path}.${key}`, kind, meant })
    }
  }
  visit(spec, shapes[kind], "spec")
  return useless
}

/** `token_url` is `tokenUrl` written in another habit, and so is `tokenURL`. */
const similar = (key: string, known: readonly string[]): string | undefined => {
  const plain = (name: string) => name.replaceAll(/[_-]/g, "").toLowerCase()
  return known.find((each) => plain(each) === plain(key)) ?? nearest(key, known)
}
