/**
 * The flows as a drawing, with the credential on each arrow.
 *
 * @module
 */
import type { Program } from "../../../compiler/index.ts"
import { draw } from "../compiled.ts"
import { announce, element } from "../element.ts"
import type { View } from "./view.ts"

/** As wide as there is room for, and never so small that its text cannot be read. */
const SIZE = "svg { display: block; width: 100%; height: auto; min-width: 640px }"

/** The drawing asks the system for light or dark; here the page says it. */
const themed = (svg: string, dark: boolean): string =>
  svg.replace("@media (prefers-color-scheme: dark)", dark ? "@media all" : "@media not all")

/** What is drawn, in words: the stages with what each is handed. */
const inWords = ({ flows }: Program): string =>
  flows
    .map(({ name, stages }) => {
      const steps = stages.map(({ kind, input }) => `${input.tag} to ${kind}`)
      return `Flow ${name.value}: ${steps.join(", ")}.`
    })
    .join(" ")

export const graphView = (isDark: () => boolean): View => {
  const drawing = element("div", { class: "drawing scroll", role: "img", tabindex: "0" })
  // The drawing's style sheet is for itself alone.
  const shadow = drawing.attachShadow({ mode: "open" })
  let mermaid = ""
  const copy = element("button", { type: "button", class: "quiet", onclick: () => void copied() }, "Copy as Mermaid")
  const copied = async (): Promise<void> => {
    await navigator.clipboard.writeText(mermaid)
    announce("Drawing copied as Mermaid")
  }
  const root = element("div", { class: "view" }, element("div", { class: "strip" }, element("span"), copy), drawing)
  return {
    title: "Graph",
    root,
    show: (_, program) => {
      mermaid = draw(program, undefined, "mermaid")
      const svg = new DOMParser().parseFromString(themed(draw(program, undefined, "svg"), isDark()), "image/svg+xml")
      const drawn = document.importNode(svg.documentElement, true)
      drawn.style.maxWidth = `${drawn.getAttribute("width")}px`
      shadow.replaceChildren(element("style", {}, SIZE), drawn)
      drawing.setAttribute("aria-label", inWords(program))
    },
  }
}
