/**
 * Markdown as the language service writes it: paragraphs, lists, code, bold and links. Everything else is text.
 *
 * @module
 */
import { type Child, element } from "../element.ts"

const inline = (text: string): readonly Child[] =>
  text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).map((part) => {
    if (/^`.+`$/.test(part)) return element("code", {}, part.slice(1, -1))
    if (/^\*\*.+\*\*$/.test(part)) return element("strong", {}, ...inline(part.slice(2, -2)))
    return part.replace(/^\[([^\]]+)\]\([^)]+\)$/, "$1")
  })

const lines = (text: string): readonly HTMLElement[] => {
  const made: HTMLElement[] = []
  let list: HTMLElement | undefined
  for (const line of text.split("\n")) {
    if (line.startsWith("- ")) {
      const open = list ?? element("ul")
      if (list === undefined) made.push(open)
      list = open
      open.append(element("li", {}, ...inline(line.slice(2))))
    } else if (line !== "") {
      list = undefined
      made.push(element("p", {}, ...inline(line)))
    }
  }
  return made
}

export const markdown = (text: string): HTMLElement =>
  element(
    "div",
    { class: "markdown" },
    ...text
      .split(/^(```[\s\S]*?^```)$/m)
      .flatMap((part) =>
        part.startsWith("```") ? [element("pre", {}, part.replaceAll(/^```.*\n?/gm, "").trimEnd())] : lines(part),
      ),
  )
