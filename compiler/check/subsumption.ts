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

/** White space outside of string literals means nothing in CEL. */
const withoutSpace = (expression: string): string =>
  expression.replaceAll(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s+/g, (_, literal: string | undefined) => literal ?? "")

/** A rule that can never apply, and the earlier ones that together take everything it would, in order. */
export interface Shadowed {
  readonly rule: RoleRule
  readonly by: readonly RoleRule[]
}

/** Sound, not complete: two CEL expressions are compared only as text. */
export const shadowed = (rules: readonly RoleRule[]): readonly Shadowed[] => {
  const earlier: { readonly rule: RoleRule; readonly wide: readonly (readonly Atom[])[] }[] = []
  const expressions = new Map<string, RoleRule>()
  let always: RoleRule | undefined
  const found: Shadowed[] = []
  for (const rule of rules) {
    const { when } = rule
    const mine = alternatives(when)
    const text = when.op === "cel" ? withoutSpace(when.expression.value) : undefined
    const same = text === undefined ? undefined : expressions.get(text)
    const takers = mine?.map((narrow) => earlier.find(({ wide }) => wide.some((each) => covers(each, narrow)))?.rule)
    if (always) found.push({ rule, by: [always] })
    else if (same) found.push({ rule, by: [same] })
    else if (takers?.every((taker) => taker !== undefined))
      found.push({ rule, by: rules.filter((each) => takers.includes(each)) })
    if (mine) earlier.push({ rule, wide: mine })
    if (text !== undefined && !same) expressions.set(text, rule)
    if (when.op === "cel" && when.constant === true) always ??= rule
  }
  return found
}
