import type { File, Item } from "../../grammar/ast.ts"

/** A tree without its places and comments: what two texts of one meaning share. */
export const meaningOf = (file: File): unknown =>
  JSON.parse(JSON.stringify(file.items, (key, value: unknown) => (key === "span" ? undefined : value)))

/** The same without doc comments, which don't change what a program does. */
export const behaviourOf = (file: File): unknown =>
  JSON.parse(JSON.stringify(file.items, (key, value: unknown) => (key === "span" || key === "doc" ? undefined : value)))

/** What an item is called: its name, or its title. */
export const calledOf = (item: Item | undefined): string | undefined =>
  item?.kind === "Test" ? item.title.text : item?.kind === "Import" ? item.path.text : item?.name.text
