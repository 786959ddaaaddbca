/**
 * What a file compiles to for one target, or why that target refuses it.
 *
 * @module
 */
import { explain, type Program, type TargetName } from "../../../compiler/index.ts"
import { output, replaceText } from "../code/editor.ts"
import { lower } from "../compiled.ts"
import { announce, element, prose } from "../element.ts"
import type { View } from "./view.ts"

interface Wording {
  readonly title: string
  readonly language: "yaml" | "json"
  /** What is shown, for those who hear it. */
  readonly label: string
  readonly refused: string
}

export const outputView = (target: TargetName, { title, language, label, refused }: Wording): View => {
  const actions = element("div", { class: "strip" })
  const code = element("div", { class: "code" })
  const refusal = element("div", { class: "refusal-note scroll", tabindex: "0", hidden: true })
  const root = element("div", { class: "view" }, actions, refusal, code)
  const editor = output(code, label, language, "")
  const fileName = element("span", { class: "file-name" })
  const copy = element("button", { type: "button", class: "quiet", onclick: () => void copied() }, "Copy")
  const save = element("button", { type: "button", class: "quiet", onclick: () => saved() }, "Download")
  actions.append(fileName, copy, save)

  const copied = async (): Promise<void> => {
    await navigator.clipboard.writeText(editor.state.doc.toString())
    announce(`${label} copied`)
  }
  const saved = (): void => {
    const href = URL.createObjectURL(new Blob([editor.state.doc.toString()], { type: "text/plain" }))
    element("a", { href, download: fileName.textContent }).click()
    URL.revokeObjectURL(href)
  }

  const show = (program: Program): void => {
    const { artifacts, diagnostics } = lower(program, target)
    const errors = diagnostics.filter(({ severity }) => severity === "error")
    const isRefused = errors.length > 0
    refusal.hidden = !isRefused
    code.hidden = isRefused
    actions.hidden = isRefused
    if (isRefused) {
      refusal.replaceChildren(
        element("h3", {}, refused),
        element("p", { class: "hint" }, "Each reason is marked in the source, and listed below it."),
        element(
          "ul",
          {},
          ...errors.map(({ code, message }) =>
            element(
              "li",
              {},
              element("p", {}, element("strong", {}, code), " ", ...prose(message)),
              element("p", { class: "note" }, ...prose(explain(code)?.remedy ?? "")),
            ),
          ),
        ),
      )
      return
    }
    fileName.textContent = artifacts.map(({ path }) => path).join(", ")
    replaceText(editor, artifacts.map(({ text }) => text).join(""))
  }
  return { title, root, show: (_, program) => show(program) }
}
