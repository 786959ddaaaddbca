/**
 * The list of what is wrong, below the source: each with its place, its fix and its explanation.
 *
 * @module
 */
import type { EditorView } from "@codemirror/view"
import { explain } from "../../../compiler/index.ts"
import { lineStarts, positionAt } from "../../../compiler/source/lines.ts"
import { applyFix, type Problem, rangeOf } from "../code/problems.ts"
import type { Compiled } from "../compiled.ts"
import { element, prose } from "../element.ts"

const count = (problems: readonly Problem[], what: "error" | "warning"): string | undefined => {
  const found = problems.filter(({ diagnostic }) => diagnostic.severity === what).length
  return found === 0 ? undefined : `${found} ${what}${found === 1 ? "" : "s"}`
}

/** `2 errors, 1 warning` */
export const summary = (problems: readonly Problem[]): string =>
  [count(problems, "error"), count(problems, "warning")].filter((each) => each !== undefined).join(", ")

const explanation = (code: string): HTMLElement => {
  const found = explain(code)
  const example = found?.example
  return element(
    "details",
    { class: "explanation" },
    element("summary", {}, `Explain ${code}`),
    ...(found === undefined
      ? []
      : [
          element("p", {}, ...prose(found.explanation)),
          element("p", {}, element("strong", {}, "What to do "), ...prose(found.remedy)),
        ]),
    example && element("p", { class: "label" }, "For example, wrong"),
    example && element("pre", { tabindex: "0", "aria-label": "A wrong file" }, example.bad.trim()),
    example && element("p", { class: "label" }, "and right"),
    example && element("pre", { tabindex: "0", "aria-label": "A right file" }, example.good.trim()),
  )
}

/** Replaces the list when another one is to be shown; one that is the same stays, with what is open in it. */
export const problemList = (root: HTMLElement, editor: () => EditorView) => {
  let last = ""
  const goTo = ({ diagnostic }: Problem): void => {
    const view = editor()
    const { from, to } = rangeOf(diagnostic, view.state.doc.length)
    view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true })
    view.focus()
  }
  const item = (problem: Problem, { text }: Compiled): HTMLElement => {
    const { diagnostic, target } = problem
    const { line, column } = positionAt(lineStarts(text), diagnostic.span.start)
    const { fix, severity, message, notes } = diagnostic
    return element(
      "li",
      { class: `problem ${target === undefined ? severity : "refusal"}` },
      element(
        "div",
        { class: "problem-head" },
        element("span", { class: "severity" }, target === undefined ? severity : target),
        element("p", { class: "problem-text" }, ...prose(message)),
      ),
      ...notes.map((note) => element("p", { class: "note" }, ...prose(note))),
      element(
        "div",
        { class: "problem-foot" },
        element(
          "button",
          { type: "button", class: "link", onclick: () => goTo(problem) },
          `line ${line}, column ${column}`,
        ),
        fix &&
          element(
            "button",
            { type: "button", class: "fix", onclick: () => applyFix(editor(), fix) },
            ...prose(fix.title),
          ),
        explanation(diagnostic.code),
      ),
    )
  }
  return (problems: readonly Problem[], compiled: Compiled): void => {
    const key = JSON.stringify([compiled.text.length, problems])
    if (key === last) return
    last = key
    const own = problems.filter(({ target }) => target === undefined)
    const heading = own.length > 0 ? summary(own) : problems.length > 0 ? "No mistakes" : "No problems"
    const sampled =
      compiled.sampled.length > 0
        ? `${compiled.sampled.join(", ")} ${compiled.sampled.length === 1 ? "has" : "have"} no value: a sample stands for it.`
        : undefined
    root.replaceChildren(
      element(
        "section",
        { class: "problems", "aria-label": "Problems" },
        element(
          "h2",
          {
            class: own.some(({ diagnostic }) => diagnostic.severity === "error")
              ? "bad"
              : own.length > 0
                ? "doubtful"
                : "good",
          },
          heading,
        ),
        sampled !== undefined && element("p", { class: "hint" }, sampled),
        problems.length > 0 && element("ol", {}, ...problems.map((problem) => item(problem, compiled))),
      ),
    )
  }
}
