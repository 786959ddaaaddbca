/**
 * A trace for people.
 *
 * @module
 */
import { printable } from "../../diagnostics/cells.ts"
import type { RuleAccount, Step, Trace } from "./account.ts"

/** SGR parameters (ECMA-48 section 8.3.117). */
const COLOURS: Readonly<Record<Step["outcome"], string>> = {
  ok: "32",
  refused: "31",
  unknown: "33",
  "not reached": "2",
}

/** Lines, each with its line break. */
export const traceText = (trace: Trace, { color }: { readonly color: boolean }): string => {
  const paint = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const width = Math.max(...trace.steps.map(({ stage }) => printable(stage).length))
  const lines = [`${paint("1", `flow ${printable(trace.flow)}`)} at ${printable(trace.url)}`]
  for (const { stage, outcome, summary, notes, rules } of trace.steps) {
    const head = `  ${printable(stage).padEnd(width)}  ${paint(COLOURS[outcome], outcome.padEnd("refused".length))}`
    lines.push(`${head}${summary === "" ? "" : `  ${printable(summary)}`}`.trimEnd())
    for (const rule of rules) lines.push(`      ${printable(ruleText(rule))}`)
    for (const note of notes) lines.push(`      ${printable(note)}`)
  }
  lines.push(`  ${paint("1", "=>")} ${printable(ending(trace))}`)
  return `${lines.join("\n")}\n`
}

const ruleText = ({ rule, condition, applies, because }: RuleAccount): string => {
  if (rule === "else") return `else: ${condition}`
  const verdict = applies === "failed" ? "cannot be evaluated" : applies ? "applies" : "does not apply"
  return `rule ${rule}: ${condition}: ${verdict}${because === "" ? "" : `, ${because}`}`
}

const ending = ({ outcome }: Trace): string => {
  switch (outcome.kind) {
    case "forwarded":
      return "forwarded; the caller gets what the upstream answers"
    case "refused":
      return `refused with ${outcome.status} ${outcome.code}: ${outcome.title} (${outcome.detail})`
    case "unknown":
      return `not known: ${outcome.stage} is not evaluated`
  }
}
