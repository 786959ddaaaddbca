/**
 * What happens to one caller on one flow, stage by stage.
 *
 * @module
 */
import type { Step, Trace } from "../../../compiler/analysis/evaluation.ts"
import { type Child, element, prose } from "../element.ts"

type Rule = Step["rules"][number]

const verdict = ({ applies, rule }: Rule): string => {
  if (rule === "else") return "otherwise"
  return applies === "failed" ? "cannot be evaluated" : applies ? "applies" : "does not apply"
}

const ruleItem = (each: Rule): HTMLElement =>
  element(
    "li",
    { class: each.applies === true ? "rule applies" : "rule" },
    element("span", { class: "rule-verdict" }, verdict(each)),
    element("span", {}, element("code", {}, each.condition), each.because === "" ? "" : `: ${each.because}`),
  )

const stepItem = ({ stage, outcome, summary, rules, notes }: Step): HTMLElement =>
  element(
    "li",
    { class: `step ${outcome.replace(" ", "-")}` },
    element(
      "div",
      { class: "step-head" },
      element("code", { class: "step-name" }, stage),
      element("span", { class: "pill" }, outcome),
    ),
    summary !== "" && element("p", { class: "step-summary" }, summary),
    rules.length > 0 && element("ol", { class: "rules" }, ...rules.map(ruleItem)),
    notes.length > 0 && element("ul", { class: "notes" }, ...notes.map((note) => element("li", {}, ...prose(note)))),
  )

const ending = ({ outcome, role }: Trace): readonly [kind: string, ...text: Child[]] => {
  switch (outcome.kind) {
    case "forwarded":
      return ["allowed", element("strong", {}, "Allowed"), role === undefined ? "" : ` with ${role}`]
    case "refused":
      return [
        "refused",
        element("strong", {}, `Refused with ${outcome.status}`),
        ` ${outcome.title}: ${outcome.detail} (${outcome.code})`,
      ]
    case "unknown":
      return ["unknown", element("strong", {}, "Not known"), ` from ${outcome.stage} on`]
  }
}

/** The account of one flow, its end first. */
export const account = (trace: Trace): readonly HTMLElement[] => {
  const [kind, ...text] = ending(trace)
  return [
    element("p", { class: `outcome ${kind}` }, ...text),
    element("ol", { class: "steps", "aria-label": `Stages of ${trace.flow}` }, ...trace.steps.map(stepItem)),
  ]
}
