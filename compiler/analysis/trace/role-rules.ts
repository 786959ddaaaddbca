/**
 * Which role a caller gets, and what became of each rule on the way. What the conditions mean is written at `Condition` in
 * runtime/plan.ts.
 *
 * @module
 */
import type { Condition, RoleDecision, RoleRules } from "../../catalogue/role-rules.ts"
import type { RuleAccount } from "./account.ts"
import type { Claims } from "./caller.ts"
import { evaluateCel } from "./cel.ts"
import { type Refused, refuse } from "./refuse.ts"

export interface Decided {
  readonly tried: readonly RuleAccount[]
  readonly result: { readonly role: string } | Refused
}

export const decideRole = (rules: RoleRules, claims: Claims): Decided => {
  const tried: RuleAccount[] = []
  for (const [index, { span, when, then }] of rules.rules.entries()) {
    const { applies, because } = tryCondition(when, claims)
    tried.push({ rule: index + 1, span, condition: inWords(when), applies, because })
    if (applies === "failed") return { tried, result: refuse("role-rule-failed", "a role rule failed") }
    if (applies) return { tried, result: resultOf(then) }
  }
  const { span } = rules.otherwise
  const condition = rules.rules.length === 0 ? "every caller" : "no rule applies"
  return {
    tried: [...tried, { rule: "else", span, condition, applies: true, because: "" }],
    result: resultOf(rules.otherwise),
  }
}

const resultOf = (decision: RoleDecision): { readonly role: string } | Refused =>
  "role" in decision
    ? { role: decision.role.value }
    : refuse("role-denied", decision.deny.value === "" ? "the role rules refuse this caller" : decision.deny.value)

const tryCondition = (when: Condition, claims: Claims): Pick<RuleAccount, "applies" | "because"> => {
  if (when.op === "cel") {
    const result = evaluateCel(when.expression.value, claims)
    const read = when.claims.map(({ name }) => found(name, claims)).join(", ")
    if (typeof result !== "boolean")
      return { applies: "failed", because: [result.failed, read].filter(Boolean).join("; ") }
    return { applies: result, because: read }
  }
  const { name } = when.claim
  // Own properties only: a claim called `constructor` is absent unless the token has it.
  const applies = Object.hasOwn(claims, name) && satisfies(when, claims[name])
  return { applies, because: found(name, claims) }
}

/** Whether a claim that is there satisfies the comparison. A value of another type does not. */
const satisfies = (when: Exclude<Condition, { readonly op: "cel" }>, value: unknown): boolean => {
  switch (when.op) {
    case "equals":
      return value === when.value.value
    case "starts_with":
      return typeof value === "string" && value.startsWith(when.value.value)
    case "ends_with":
      return typeof value === "string" && value.endsWith(when.value.value)
    case "in":
      return when.values.some((each) => each.value === value)
    case "contains":
      return Array.isArray(value) && value.includes(when.value.value)
    case "contains_any":
      return Array.isArray(value) && when.values.some((each) => value.includes(each.value))
    case "contains_all":
      return Array.isArray(value) && when.values.every((each) => value.includes(each.value))
  }
}

const found = (name: string, claims: Claims): string => {
  const path = /^[A-Za-z_]\w*$/.test(name) ? `claims.${name}` : `claims[${JSON.stringify(name)}]`
  return Object.hasOwn(claims, name) ? `${path} is ${JSON.stringify(claims[name])}` : `${path} is absent`
}

const inWords = (when: Condition): string => {
  if (when.op === "cel") return `when ${when.expression.value}`
  const values = "value" in when ? [when.value] : when.values
  return `claims.${when.claim.name} ${when.op} ${values.map(({ value }) => JSON.stringify(value)).join(", ")}`
}
