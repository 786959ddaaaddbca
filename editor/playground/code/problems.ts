/**
 * The compiler's diagnostics in the editor: underlined, with message and fix where the pointer or the cursor is.
 *
 * @module
 */
import { type Action, type Diagnostic as Shown, setDiagnostics } from "@codemirror/lint"
import type { Command, EditorView } from "@codemirror/view"
import type { Diagnostic, Fix } from "../../../compiler/index.ts"
import { announce, element, prose } from "../element.ts"

/** A diagnostic, and the target whose it is when the file itself is sound. */
export interface Problem {
  readonly diagnostic: Diagnostic
  readonly target?: string
}

/** Where it is underlined: at least one character, and within the text. */
export const rangeOf = ({ span }: Diagnostic, length: number): { readonly from: number; readonly to: number } => {
  const from = Math.min(span.start, Math.max(0, length - 1))
  return { from, to: Math.min(length, Math.max(span.end, from + 1)) }
}

/** All edits of a fix at once, so that one undo takes them back. The editor has the focus afterwards. */
export const applyFix = (view: EditorView, { title, edits }: Fix): void => {
  const changes = edits.map(({ span, text }) => ({ from: span.start, to: span.end, insert: text }))
  view.dispatch({ changes, userEvent: "input.fix", scrollIntoView: true })
  view.focus()
  announce(`Done: ${title}`)
}

const severity = ({ diagnostic, target }: Problem): Shown["severity"] =>
  target === undefined ? diagnostic.severity : "info"

const shown = (problem: Problem, length: number): Shown => {
  const { diagnostic, target } = problem
  const { code, message, notes, fix } = diagnostic
  const actions: readonly Action[] = fix
    ? [{ name: fix.title.replaceAll("`", ""), apply: (view) => applyFix(view, fix) }]
    : []
  return {
    ...rangeOf(diagnostic, length),
    severity: severity(problem),
    source: target === undefined ? code : `${code}, target ${target}`,
    message,
    renderMessage: () =>
      element(
        "div",
        { class: "message" },
        element("p", {}, ...prose(message)),
        ...notes.map((note) => element("p", { class: "note" }, ...prose(note))),
      ),
    actions,
  }
}

export const showProblems = (view: EditorView, problems: readonly Problem[]): void => {
  const { length } = view.state.doc
  const own = problems.map((problem) => shown(problem, length))
  view.dispatch(setDiagnostics(view.state, own))
}

/** Applies the fix of the problem at the cursor, or else of the first one that has a fix in the cursor's line. */
export const fixHere =
  (problems: () => readonly Problem[]): Command =>
  (view) => {
    const { head } = view.state.selection.main
    const line = view.state.doc.lineAt(head)
    const fixable = problems().filter(({ diagnostic }) => diagnostic.fix !== undefined)
    const covers = ({ diagnostic }: Problem) => diagnostic.span.start <= head && head <= diagnostic.span.end
    const touches = ({ diagnostic }: Problem) => diagnostic.span.start <= line.to && line.from <= diagnostic.span.end
    const fix = (fixable.find(covers) ?? fixable.find(touches))?.diagnostic.fix
    if (fix === undefined) return false
    applyFix(view, fix)
    return true
  }
