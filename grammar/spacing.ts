/** Texts that stand below each other, and the space between. */
import type { Item } from "./ast.ts"

export const spaces = (count: number): string => " ".repeat(Math.max(0, count))
export const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, text.length), 0)
export const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1)

/** Items of which one may follow the other without a blank line between. */
export const standTogether = (one: Item, other: Item): boolean =>
  one.kind === "Import"
    ? other.kind === "Import"
    : (one.kind === "Param" || one.kind === "Constant") && (other.kind === "Param" || other.kind === "Constant")
