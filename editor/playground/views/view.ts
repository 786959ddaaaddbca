/**
 * A view: what a tab shows of a compiled file.
 *
 * @module
 */
import type { Program } from "../../../compiler/index.ts"
import type { Compiled } from "../compiled.ts"
import { element } from "../element.ts"

export interface View {
  readonly title: string
  readonly root: HTMLElement
  /** Shows the file. It is called only while the tab is open. */
  readonly show: (compiled: Compiled, program: Program) => void
}

/** Shown where a list or a drawing would be. */
export const empty = (...text: readonly string[]): HTMLElement =>
  element("div", { class: "empty" }, ...text.map((each) => element("p", {}, each)))
