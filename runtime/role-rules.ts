/**
 * Role rules: compiled once when the plan is loaded, then a plain function from claims to a decision. What the conditions
 * mean is written at `Condition` in plan.ts.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import { Effect, Predicate, Result } from "effect"
import { RoleRuleFailed } from "./failure.ts"
import type { Claims } from "./pipeline/credential.ts"
import type { Condition, RoleDecision, RoleRules } from "./plan.ts"
import { PlanUnusable } from "./start-failure.ts"

/** What was decided, and by which rule. */
export interface Decided {
  readonly decision: RoleDecision
  /** Index of the rule that applied; `undefined` when `otherwise` decided. */
  readonly rule: number | undefined
  /** The rule in words, for the journal. Names claims and the operator's values, never the caller's. */
  readonly why: string
}

export type DecideRole = (claims: Claims) => Result.Result<Decided, RoleRuleFailed>

/** `path` is where the rules stand in the plan. Fails with PlanUnusable when an expression does not compile. */
export const compileRoleRules = Effect.fnUntraced(function* (rules: RoleRules, path: string) {
  const compiled = yield* Effect.forEach(rules.rules, (rule, index) =>
    Effect.map(compileCondition(rule.when, `${path}.rules[${index}]`), (applies) => ({
      applies,
      decided: { decision: rule.then, rule: index, why: `rule ${index + 1}: ${inWords(rule.when)}` } satisfies Decided,
    })),
  )
  const otherwise: Decided = { decision: rules.otherwise, rule: undefined, why: "no rule applies" }
  return ((claims) => {
    for (const { applies, decided } of compiled) {
      const result = applies(claims)
      if (Result.isFailure(result)) return Result.fail(result.failure)
      if (result.success) return Result.succeed(decided)
    }
    return Result.succeed(otherwise)
  }) satisfies DecideRole as DecideRole
})

type Applies = (claims: Claims) => Result.Result<boolean, RoleRuleFailed>

const compileCondition = (when: Condition, path: string): Effect.Effect<Applies, PlanUnusable> => {
  if (when.op === "cel") return compileCel(when.expression, path)
  const comparison = compare(when)
  // Own properties only: a claim called `constructor` is absent unless the token has it.
  return Effect.succeed((claims) => Result.succeed(Object.hasOwn(claims, when.claim) && comparison(claims[when.claim])))
}

/** Whether a claim that is there satisfies the comparison. A value of another type does not. */
const compare = (when: Exclude<Condition, { readonly op: "cel" }>): ((value: unknown) => boolean) => {
  switch (when.op) {
    case "equals":
      return (value) => value === when.value
    case "starts_with":
      return (value) => Predicate.isString(value) && value.startsWith(when.value)
    case "ends_with":
      return (value) => Predicate.isString(value) && value.endsWith(when.value)
    case "in": {
      const values = new Set(when.values)
      return (value) => Predicate.isString(value) && values.has(value)
    }
    case "contains":
      return (value) => Array.isArray(value) && value.includes(when.value)
    case "contains_any":
      return (value) => Array.isArray(value) && when.values.some((wanted) => value.includes(wanted))
    case "contains_all":
      return (value) => Array.isArray(value) && when.values.every((wanted) => value.includes(wanted))
  }
}

const cel = new Environment({ unlistedVariablesAreDyn: false }).registerVariable("claims", "map")

const compileCel = (expression: string, path: string): Effect.Effect<Applies, PlanUnusable> =>
  Effect.try({
    try: () => {
      const parsed = cel.parse(expression)
      const checked = parsed.check()
      if (!checked.valid) throw checked.error
      if (checked.type !== "bool" && checked.type !== "dyn") throw new Error(`gives ${checked.type}, not a boolean`)
      return parsed
    },
    catch: (error) => new PlanUnusable({ path, detail: `the CEL expression does not compile: ${firstLine(error)}` }),
  }).pipe(
    Effect.map(
      (evaluate): Applies =>
        (claims) => {
          try {
            const value: unknown = evaluate({ claims: celValue(claims) })
            if (typeof value === "boolean") return Result.succeed(value)
            return refuse(`CEL expression gives no boolean: ${expression}`)
          } catch (error) {
            return refuse(`${firstLine(error)}: ${expression}`)
          }
        },
    ),
  )

const refuse = (reason: string) => Result.fail(new RoleRuleFailed({ detail: "a role rule failed", log: { reason } }))

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "unknown"

/** JSON has one kind of number and CEL two: a whole number becomes an int, so that `claims.level % 2 == 0` has an overload. */
const celValue = (value: unknown): unknown => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (!Predicate.isObject(value)) return value
  return new Map(Object.entries(value).map(([key, member]) => [key, celValue(member)]))
}

const inWords = (when: Condition): string => {
  switch (when.op) {
    case "cel":
      return `when ${when.expression}`
    case "in":
    case "contains_any":
    case "contains_all":
      return `claims.${when.claim} ${when.op} ${when.values.map((value) => JSON.stringify(value)).join(", ")}`
    default:
      return `claims.${when.claim} ${when.op} ${JSON.stringify(when.value)}`
  }
}
