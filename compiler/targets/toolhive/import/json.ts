/**
 * JSON as an expression of the language, and trees that are carried whole.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import type { Draft } from "./draft.ts"
import { list, map, number, string, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** `undefined` where the language has no such value. */
export const jsonExpression = (value: unknown): Expression | undefined => {
  if (typeof value === "string") return string(value)
  if (typeof value === "number") return Number.isSafeInteger(value) ? number(value) : undefined
  if (typeof value === "boolean") return word(String(value))
  if (typeof value !== "object" || value === null) return undefined
  if (Array.isArray(value)) {
    const items = value.map(jsonExpression)
    return items.every((item) => item !== undefined) ? list(items) : undefined
  }
  const entries = Object.entries(value).map(([key, each]) => [key, jsonExpression(each)] as const)
  return entries.every(([, each]) => each !== undefined) ? map(Object.fromEntries(entries)) : undefined
}

export const carryAll = (draft: Draft, tree: Tree): void => {
  draft.carry(tree)
  if (tree.kind === "mapping") for (const { value } of tree.entries) carryAll(draft, value)
  if (tree.kind === "sequence") for (const item of tree.items) carryAll(draft, item)
}
