import type { File, Item } from "../../grammar/ast.ts"

/** An escape is another way to write a character. */
const isPlace = (key: string): boolean => key === "span" || key === "escapes"

/** A tree without its places and comments: what two texts of one meaning share. */
export const meaningOf = (file: File): unknown =>
  JSON.parse(JSON.stringify(file.items, (key, value: unknown) => (isPlace(key) ? undefined : value)))

/** The same without doc comments, which don't change what a program does. */
export const behaviourOf = (file: File): unknown =>
  JSON.parse(JSON.stringify(file.items, (key, value: unknown) => (isPlace(key) || key === "doc" ? undefined : value)))

/** What an item is called: its name, its title, the file or the engine it names. */
export const calledOf = (item: Item | undefined): string | undefined => {
  switch (item?.kind) {
    case "Test":
      return item.title.text
    case "Import":
      return item.path.text
    case "Deployment":
      return item.engine.text
    default:
      return item?.name.text
  }
}
