/**
 * What helps to write: completion, and what the word under the pointer means. Both are the language service's, the one that the
 * language server speaks for.
 *
 * @module
 */
import { autocompletion, type CompletionContext, type CompletionResult, snippet } from "@codemirror/autocomplete"
import type { Extension } from "@codemirror/state"
import { type EditorView, hoverTooltip } from "@codemirror/view"
import { createWorkspace } from "../../../compiler/index.ts"
import { type Completion, completion, type Files, hover } from "../../language-service/index.ts"
import { URI } from "../compiled.ts"
import { element } from "../element.ts"
import { readExample } from "../examples.ts"
import { markdown } from "./markdown.ts"
import { template } from "./snippet.ts"

/** What CodeMirror colours and reads out with a completion. */
const typeOf: Partial<Record<Completion["kind"], string>> = {
  keyword: "keyword",
  stage: "function",
  field: "property",
  type: "type",
  provider: "class",
  server: "class",
  param: "variable",
  constant: "constant",
}

export const assistance = (): readonly Extension[] => {
  const files: Files = { workspace: createWorkspace(readExample) }
  const update = (text: string): void => files.workspace.change({ uri: URI, text })

  const complete = ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    if (!explicit && !/[\w."{]/.test(state.sliceDoc(pos - 1, pos))) return null
    update(state.doc.toString())
    const offered = completion(files, URI, pos)
    const from = offered[0]?.span.start
    if (from === undefined) return null
    const options = offered
      .filter(({ span }) => span.start === from)
      .map(({ label, detail, doc, kind, snippet: text, span }, index) => ({
        label,
        ...(detail !== undefined && { detail }),
        ...(doc !== undefined && { info: () => markdown(doc) }),
        ...(typeOf[kind] !== undefined && { type: typeOf[kind] }),
        boost: Math.max(-99, 99 - index),
        apply: (view: EditorView, chosen: { readonly label: string }, start: number, end: number) =>
          snippet(template(text))(view, chosen, start, Math.max(end, Math.min(span.end, view.state.doc.length))),
      }))
    return { from, options, validFor: /^[\w.-]*$/ }
  }

  return [
    autocompletion({ override: [complete], icons: false }),
    hoverTooltip(({ state }, pos) => {
      update(state.doc.toString())
      const found = hover(files, URI, pos)
      if (found === undefined) return null
      const create = () => ({ dom: element("div", { class: "hover" }, markdown(found.text)) })
      return { pos: found.span.start, end: found.span.end, above: true, create }
    }),
  ]
}
