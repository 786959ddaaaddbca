/**
 * Checks `expect FLOW.WHAT == VALUE`: that there is such a thing to see, that the value is of its kind, and that the flow
 * can ever make it so. An expectation that holds of every caller, or of none, is a mistake in the test.
 *
 * @module
 */
import type * as Ast from "../../grammar/ast.ts"
import { EXCHANGED, nameOf } from "../catalogue/credential.ts"
import { madeHeaders, madeWords } from "../catalogue/made-header.ts"
import { type ObservationName, type Observed, observationNames, writeObserved } from "../catalogue/observation.ts"
import { refusalCodes, refusals } from "../catalogue/refusal.ts"
import { tokenName } from "../catalogue/token.ts"
import { choice, mismatch } from "../catalogue/values.ts"
import { evaluate, replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import type { Expectation, Flow } from "./program.ts"
import { isRecovered } from "./recovered.ts"
import { BROKEN, type Scope } from "./scope.ts"

/** What an expectation is about. */
export interface Target {
  readonly flow: Flow
  readonly what: ObservationName
  /** Lower-case name, for `upstream`. */
  readonly header: string | undefined
}

/** `undefined` after reporting, and where the flow is broken. */
export const targetOf = ({ target }: Ast.Expectation, flows: readonly Flow[], scope: Scope): Target | undefined => {
  if (target.kind === "Missing") return undefined
  const [first, second, third, ...rest] = target.path
  if (first === undefined || target.path.some(isRecovered)) return undefined
  const named = scope.names.get(first.text)
  const known = [...scope.names].flatMap(([name, { kind }]) => (kind === "flow" ? [name] : []))
  if (named === undefined) {
    const meant = nearest(first.text, known)
    scope.report("AF0201", first.span, { what: "flow", name: first.text, meant }, replacement(first.span, meant))
    return undefined
  }
  if (named.kind !== "flow") {
    scope.report("AF0208", first.span, { name: first.text, is: named.kind, needed: "flow" })
    return undefined
  }
  const what = observationNames.find((each) => each === second?.text)
  const last = what === "upstream" ? rest[0] : third
  if (what === undefined || last !== undefined || (what === "upstream" && third === undefined)) {
    const meant = second && what === undefined ? nearest(second.text, observationNames) : undefined
    const place = second && what === undefined ? second.span : target.span
    scope.report("AF1106", place, { found: written(target), known: observationNames, meant }, replacement(place, meant))
    return undefined
  }
  const flow = flows.find(({ name }) => name.value === first.text)
  return flow && { flow, what, header: third?.text.toLowerCase() }
}

/** `undefined` after reporting. */
export const checkExpectation = (clause: Ast.Expectation, target: Target, outer: Scope): Expectation | undefined => {
  const { flow, what, header } = target
  const [{ output }] = flow.stages
  const scope: Scope = {
    ...outer,
    flowUrl: flow.url,
    principal: output.tag === "Principal" ? output : undefined,
  }
  const value = checkValue(clause.value, target, scope)
  if (value === undefined) return undefined
  const never = impossible(value, target)
  if (never !== undefined) {
    const { span } = clause.value
    const outcome = clause.operator === "==" ? "never holds" : "holds of every caller"
    const fix = never.meant === undefined ? {} : replacement(span, JSON.stringify(never.meant))
    const related = never.place ? [{ span: never.place, message: "decided here" }] : []
    outer.report("AF1108", span, { outcome, reason: never.reason }, { ...fix, related })
    return undefined
  }
  return { span: clause.span, flow, what, header, operator: clause.operator, value }
}

export const decision = choice(["allow", "deny"])
export const forwarded = choice(["forwarded"])

/** What the flow's stages make of the header, if they do. */
const madeOf = ({ flow, header }: Pick<Target, "flow" | "header">) =>
  header === undefined ? undefined : madeHeaders(flow.stages.at(-1)?.input ?? { tag: "Caller" }).get(header)

const checkValue = (expression: Ast.Expression, target: Target, scope: Scope): Observed | undefined => {
  const { what } = target
  const isWord = expression.kind === "Reference" && expression.path.length === 1
  const word = isWord ? written(expression) : undefined
  const wordOf = (value: string | undefined): Observed | undefined =>
    value === undefined ? undefined : { kind: "word", value }
  switch (what) {
    case "decision":
      return wordOf(decision.check(expression, scope))
    case "status": {
      if (isWord && scope.values.get(word ?? "") === undefined) return wordOf(forwarded.check(expression, scope))
      return scalarOf("number", "an HTTP status such as 403, or `forwarded`", expression, scope)
    }
    case "subject": {
      if (word === "none") return wordOf(word)
      if (word === EXCHANGED) return { kind: "token", value: word }
      const token = tokenName.check(expression, scope)
      return token && { kind: "token", value: nameOf(token) }
    }
    case "role":
    case "session":
    case "reason":
    case "detail":
      if (word === "none") return wordOf(word)
      return scalarOf("text", "a string or `none`", expression, scope)
    case "upstream": {
      const made = madeOf(target)
      if (word === "none" || (word !== undefined && madeWords.includes(word))) return wordOf(word)
      const expected = made === undefined ? "a string or `none`" : `\`${made}\` or \`none\``
      return made === undefined ? scalarOf("text", expected, expression, scope) : mismatch(expression, expected, scope)
    }
  }
}

const scalarOf = (
  kind: "text" | "number",
  expected: string,
  expression: Ast.Expression,
  scope: Scope,
): Observed | undefined => {
  const value = evaluate(expression, scope)
  if (value === BROKEN) return undefined
  if (kind === "text" && value?.kind === "string") return { kind, value: value.value }
  if (kind === "number" && value?.kind === "number") return { kind, value: value.value }
  return mismatch(expression, expected, scope)
}

interface Never {
  readonly reason: string
  readonly meant?: string | undefined
  readonly place?: Ast.Span | undefined
}

/** Why no caller can make this so; `undefined` when some may. */
const impossible = (expected: Observed, { flow, what, header }: Target): Never | undefined => {
  if (expected.kind === "word" && (what !== "upstream" || expected.value === "none")) return undefined
  const shown = writeObserved(expected)
  const name = flow.name.value
  switch (what) {
    case "role": {
      const rules = flow.stages.flatMap((stage) => (stage.kind === "aws.sts" ? [stage.fields.role.value] : []))
      const roles = rules.flatMap((each) =>
        [...each.rules.map(({ then }) => then), each.otherwise].flatMap((then) =>
          "role" in then ? [then.role.value] : [],
        ),
      )
      if (roles.some((role) => role === expected.value)) return undefined
      return {
        reason: `${shown} is no role of ${name}`,
        meant: nearest(String(expected.value), roles),
        place: rules[0]?.span,
      }
    }
    case "subject": {
      const tokens = flow.stages.flatMap((stage) => {
        if ("subject" in stage.fields && stage.fields.subject) return [stage.fields.subject]
        return stage.kind === "inject.token" ? [stage.fields.token] : []
      })
      if (tokens.some(({ value }) => nameOf(value) === expected.value)) return undefined
      return { reason: `${name} never shows anybody ${shown}`, place: tokens[0]?.span }
    }
    case "session":
      return /^[A-Za-z0-9_+=,.@-]{2,64}$/.test(String(expected.value))
        ? undefined
        : { reason: `${shown} is no name of a role session: 2 to 64 of letters, digits and _+=,.@-` }
    case "status": {
      const statuses = [...new Set(Object.values(refusals).map(({ status }) => status))].sort()
      return statuses.some((status) => status === expected.value)
        ? undefined
        : { reason: `a flow refuses with ${statuses.join(", ")}, and what the upstream answers is not known` }
    }
    case "reason":
      return refusalCodes.some((code) => code === expected.value)
        ? undefined
        : {
            reason: `${shown} is no reason: ${refusalCodes.join(", ")}`,
            meant: nearest(String(expected.value), refusalCodes),
          }
    case "upstream": {
      const made = madeOf({ flow, header })
      return expected.kind === "word" && expected.value !== made
        ? { reason: `the header ${header} is ${made === undefined ? "none that this flow makes" : `\`${made}\``}` }
        : undefined
    }
    default:
      return undefined
  }
}
