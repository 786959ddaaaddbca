/**
 * `role = match claims.groups { contains "admins" => "arn:…" else => deny }`: checks role rules.
 *
 * @module
 */
import type { Arm, Expression, Match } from "../../grammar/ast.ts"
import { parseRoleArn } from "../catalogue/aws.ts"
import type { Claim } from "../catalogue/claims.ts"
import type { ValueType } from "../catalogue/field.ts"
import { type Condition, type RoleDecision, type RoleRule, type RoleRules, ruleWords } from "../catalogue/role-rules.ts"
import { claimName } from "../catalogue/token.ts"
import { list, mismatch, text } from "../catalogue/values.ts"
import { at } from "../source/source.ts"
import { checkCel } from "./cel.ts"
import { evaluate, evaluateText, replacement, written } from "./evaluate.ts"
import { nearest } from "./names.ts"
import { BROKEN, type Scope } from "./scope.ts"
import { shadowed } from "./subsumption.ts"

type Operator = Exclude<Condition["op"], "cel">

/** Those that compare the claim of the `match`. */
const { when: _when, else: _else, ...OPERATORS } = ruleWords

const operators = Object.keys(OPERATORS) as readonly Operator[]

/** Words that begin a rule, for suggestions. */
const RULE_WORDS: readonly string[] = Object.keys(ruleWords)

const several = list(text, { min: 1 })

/** A role or a refusal, or `undefined` after reporting. */
const decision = (expression: Expression, scope: Scope): RoleDecision | undefined => {
  const { span } = expression
  if (expression.kind === "Reference" && written(expression) === "deny") return { deny: at(span, "") }
  if (expression.kind === "Call" && expression.callee.text === "deny") {
    const [reason, ...rest] = expression.args
    if (reason === undefined) return { deny: at(span, "") }
    if (rest.length > 0 || reason.name !== undefined) {
      scope.report("AF0618", span, {})
      return undefined
    }
    const said = text.check(reason.value, scope)
    return said === undefined ? undefined : { deny: at(reason.value.span, said) }
  }
  const value = evaluate(expression, scope)
  if (value === BROKEN) return undefined
  if (value?.kind !== "string") {
    if (
      expression.kind === "Reference" &&
      expression.path.length === 1 &&
      scope.names.get(written(expression)) === undefined
    ) {
      const meant = nearest(written(expression), ["deny"])
      if (meant) {
        scope.report(
          "AF0304",
          span,
          { expected: "a role's ARN or `deny`", found: `\`${written(expression)}\`` },
          replacement(span, meant),
        )
        return undefined
      }
    }
    return mismatch(expression, "a role's ARN (a string) or `deny`", scope)
  }
  if (parseRoleArn(value.value) === undefined) {
    scope.report("AF0610", span, { value: value.value })
    return undefined
  }
  return { role: at(span, value.value) }
}

/** The rules of a `match`, or one role for everybody. */
export const roleRules: ValueType<RoleRules> = {
  label: "`match … { … }` or a role's ARN",
  structure: { kind: "rules" },
  check: (expression, scope) => {
    if (expression.kind === "Match") return checkMatch(expression, scope)
    const everybody = decision(expression, scope)
    return everybody && { span: expression.span, rules: [], otherwise: { ...everybody, span: expression.span } }
  },
}

const checkMatch = (match: Match, scope: Scope): RoleRules | undefined => {
  const scrutinee = match.scrutinee && claimName.check(match.scrutinee, scope)
  const last = match.arms.findIndex(({ operator }) => operator.text === "else")
  const fallback = match.arms[last]
  const rules: RoleRule[] = []
  let complete = match.scrutinee === undefined || scrutinee !== undefined
  let otherwise: (RoleDecision & { readonly span: Arm["span"] }) | undefined
  for (const [index, arm] of match.arms.entries()) {
    const then = decision(arm.result, scope)
    if (arm.operator.text === "") complete = false
    else if (fallback && index > last)
      scope.report(
        "AF0602",
        arm.span,
        {},
        { related: [{ span: fallback.span, message: "`else` takes every caller that comes here" }] },
      )
    else if (arm === fallback) {
      if (arm.operand)
        scope.report("AF0612", arm.operand.span, { problem: "`else` takes every caller and has no value of its own" })
      else if (then) otherwise = { ...then, span: arm.span }
      continue
    } else {
      const when = condition(arm, scrutinee, match, scope)
      if (when && then) {
        rules.push({ span: arm.span, when, then })
        continue
      }
    }
    complete = false
  }
  if (fallback === undefined && match.arms.every(({ operator }) => operator.text !== "")) {
    const end = match.span.end - 1
    const edits = [{ span: { start: end, end }, text: "  else => deny\n    " }]
    scope.report(
      "AF0601",
      { start: match.span.start, end: match.span.start + "match".length },
      {},
      { fix: { title: "Refuse everybody else", edits } },
    )
  }
  if (!complete || otherwise === undefined || !reachable(rules, scope)) return undefined
  if (![...rules.map(({ then }) => then), otherwise].some((each) => "role" in each))
    scope.report("AF0613", match.span, {})
  return { span: match.span, rules, otherwise }
}

/** Whether each rule can apply, after reporting those that can't. */
const reachable = (rules: readonly RoleRule[], scope: Scope): boolean => {
  const never = rules.filter(({ when }) => when.op === "cel" && when.constant === false)
  for (const { span } of never) scope.report("AF0603", span, { reason: "its condition is never true" })
  const taken = shadowed(rules).filter(({ rule }) => !never.includes(rule))
  for (const { rule, by } of taken) {
    const related = by.map(({ span }) => ({ span, message: "takes callers of this rule" }))
    scope.report("AF0603", rule.span, { reason: "earlier rules take every caller it would" }, { related })
  }
  return never.length === 0 && taken.length === 0
}

const condition = (arm: Arm, scrutinee: Claim | undefined, match: Match, scope: Scope): Condition | undefined => {
  const { operator, operand } = arm
  if (operand?.kind === "Missing") return undefined
  if (operator.text === "when") return operand ? celCondition(operand, scope) : missingOperand(arm, scope)
  const op = operators.find((each) => each === operator.text)
  if (op === undefined) {
    const meant = nearest(operator.text, RULE_WORDS)
    scope.report(
      "AF0604",
      operator.span,
      { operator: operator.text, known: RULE_WORDS, meant },
      replacement(operator.span, meant),
    )
    return undefined
  }
  if (operand === undefined) return missingOperand(arm, scope)
  if (match.scrutinee === undefined) {
    scope.report("AF0614", operator.span, { operator: op })
    return undefined
  }
  if (scrutinee && scrutinee.type !== OPERATORS[op].claim) {
    const others = operators.filter(
      (each) => OPERATORS[each].claim === scrutinee.type && OPERATORS[each].operand === OPERATORS[op].operand,
    )
    const [meant] = others
    scope.report(
      "AF0605",
      operator.span,
      { operator: op, claim: scrutinee.name, type: scrutinee.type, others },
      replacement(operator.span, meant),
    )
    return undefined
  }
  if (OPERATORS[op].operand === "several") {
    const [first, ...rest] = several.check(operand, scope) ?? []
    return first && scrutinee && severalValues(op, scrutinee, [first, ...rest])
  }
  const value = text.check(operand, scope)
  return value === undefined || !scrutinee ? undefined : oneValue(op, scrutinee, at(operand.span, value))
}

type One = Extract<Condition, { readonly value: unknown }>
type Several = Extract<Condition, { readonly values: unknown }>

// OPERATORS says which operators take one value and which several.
const oneValue = (op: Operator, claim: Claim, value: One["value"]): One => ({ op: op as One["op"], claim, value })
const severalValues = (op: Operator, claim: Claim, values: Several["values"]): Several => ({
  op: op as Several["op"],
  claim,
  values,
})

const missingOperand = ({ operator }: Arm, scope: Scope): undefined => {
  scope.report("AF0612", operator.span, { problem: `\`${operator.text}\` needs a value after it` })
}

const celCondition = (operand: Expression, scope: Scope): Condition | undefined => {
  if (operand.kind !== "StringTemplate") return mismatch(operand, "a CEL expression (a string)", scope)
  const text = evaluateText(operand, scope)
  if (text === BROKEN) return undefined
  const cel = checkCel(text, scope.principal?.token, scope)
  return cel && { op: "cel", expression: at(operand.span, cel.expression), claims: cel.claims, constant: cel.constant }
}
