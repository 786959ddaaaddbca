/**
 * Which role rules can never apply because earlier ones take everything they would.
 *
 * @module
 */
import type { Condition, RoleRule } from "../catalogue/role-rules.ts"

/** A condition on one value: the least that conditions are made of. */
interface Atom {
  readonly op: "contains" | "equals" | "starts_with" | "ends_with"
  readonly claim: string
  readonly value: string
}

/** Every caller that satisfies `narrow` satisfies `wide`. */
const implies = (narrow: Atom, wide: Atom): boolean => {
  if (narrow.claim !== wide.claim) return false
  if (narrow.op === wide.op && narrow.value === wide.value) return true
  if (wide.op === "starts_with")
    return (narrow.op === "equals" || narrow.op === "starts_with") && narrow.value.startsWith(wide.value)
  if (wide.op === "ends_with")
    return (narrow.op === "equals" || narrow.op === "ends_with") && narrow.value.endsWith(wide.value)
  return false
}

/** The condition as alternatives, each a set of atoms that must all hold; `undefined` for CEL. */
const alternatives = (condition: Condition): readonly (readonly Atom[])[] | undefined => {
  if (condition.op === "cel") return undefined
  const claim = condition.claim.name
  switch (condition.op) {
    case "contains":
    case "equals":
    case "starts_with":
    case "ends_with":
      return [[{ op: condition.op, claim, value: condition.value.value }]]
    case "in":
      return condition.values.map(({ value }) => [{ op: "equals", claim, value }])
    case "contains_any":
      return condition.values.map(({ value }) => [{ op: "contains", claim, value }])
    case "contains_all":
      return [condition.values.map(({ value }) => ({ op: "contains", claim, value }))]
  }
}

const covers = (wide: readonly Atom[], narrow: readonly Atom[]): boolean =>
  wide.every((needed) => narrow.some((given) => implies(given, needed)))

const sameCel = (a: Condition, b: Condition): boolean =>
  a.op === "cel" && b.op === "cel" && withoutSpace(a.expression.value) === withoutSpace(b.expression.value)

/** White space outside of string literals means nothing in CEL. */
const withoutSpace = (expression: string): string =>
  expression.replaceAll(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s+/g, (_, literal: string | undefined) => literal ?? "")

/**
 * The earlier rules that together take everything `rules[index]` would, in order; empty when it can apply. Sound, not
 * complete: two CEL expressions are compared only as text.
 */
export const shadowing = (rules: readonly RoleRule[], index: number): readonly RoleRule[] => {
  const rule = rules[index]
  if (rule === undefined) return []
  const earlier = rules.slice(0, index)
  const always = earlier.find(({ when }) => when.op === "cel" && when.constant === true)
  if (always) return [always]
  const same = earlier.find(({ when }) => sameCel(when, rule.when))
  if (same) return [same]
  const mine = alternatives(rule.when)
  if (mine === undefined) return []
  const takers = mine.map((narrow) =>
    earlier.find(({ when }) => alternatives(when)?.some((wide) => covers(wide, narrow))),
  )
  return takers.every((taker) => taker !== undefined) ? earlier.filter((each) => takers.includes(each)) : []
}
