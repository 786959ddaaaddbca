/**
 * What a plan's role rules decide for given claims, worked out from the plan alone. The proxy has an evaluator of its own;
 * this one is kept apart from it on purpose, so that the probe compares two readings of the rules and not one with itself.
 *
 * @module
 */
import { Environment } from "@marcbachmann/cel-js"
import type { AwsSts, Condition, Flow, Plan, RoleDecision, RoleRules } from "../plan.ts"

export type Claims = Readonly<Record<string, unknown>>

/** A decision and the rule that made it: its place in the list, or `otherwise`. */
export interface Decided {
  readonly decision: RoleDecision
  readonly by: number | "otherwise" | "failed rule"
}

/** The first rule that applies decides; a rule that cannot be evaluated refuses. */
export const decide = ({ rules, otherwise }: RoleRules, claims: Claims): Decided => {
  for (const [by, { when, then }] of rules.entries()) {
    const applies = holds(when, claims)
    if (applies === "failed") return { decision: { deny: "a role rule cannot be evaluated" }, by: "failed rule" }
    if (applies) return { decision: then, by }
  }
  return { decision: otherwise, by: "otherwise" }
}

/** The role rules of a flow, if it has any. */
export const roleRules = (flow: Flow): RoleRules | undefined =>
  flow.stages.find((stage): stage is AwsSts => stage.kind === "aws.sts")?.role

/**
 * The claims that the rules of a flow see of somebody whom the provider knows by these claims: all that the caller's own token
 * carries, which for a token of our server is what the server was told to carry.
 */
export const visibleClaims = (plan: Plan, flow: Flow, claims: Claims): Claims => {
  const identify = flow.stages.find((stage) => stage.kind === "identify.auth_server")
  const server = plan.servers.find(({ name }) => name === identify?.server)
  if (server === undefined) return claims
  const carried = server.claims.map(({ claim, source }) => [claim, claims[source]] as const)
  const own = ["sub", "name", "email", "email_verified"].map((claim) => [claim, claims[claim]] as const)
  return Object.fromEntries([...own, ...carried].filter(([, value]) => value !== undefined))
}

/** The provider's name of the claim that the rules of a flow know as `claim`. */
export const sourceClaim = (plan: Plan, flow: Flow, claim: string): string => {
  const identify = flow.stages.find((stage) => stage.kind === "identify.auth_server")
  const server = plan.servers.find(({ name }) => name === identify?.server)
  return server?.claims.find((carried) => carried.claim === claim)?.source ?? claim
}

const holds = (condition: Condition, claims: Claims): boolean | "failed" => {
  switch (condition.op) {
    case "contains":
      return listOf(claims[condition.claim]).includes(condition.value)
    case "equals":
      return claims[condition.claim] === condition.value
    case "starts_with":
      return textOf(claims[condition.claim])?.startsWith(condition.value) ?? false
    case "ends_with":
      return textOf(claims[condition.claim])?.endsWith(condition.value) ?? false
    case "contains_any":
      return condition.values.some((value) => listOf(claims[condition.claim]).includes(value))
    case "contains_all":
      return condition.values.every((value) => listOf(claims[condition.claim]).includes(value))
    case "in": {
      const text = textOf(claims[condition.claim])
      return text !== undefined && condition.values.includes(text)
    }
    case "cel":
      return cel(condition.expression, claims)
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const environment = new Environment().registerVariable("claims", "map")

const cel = (expression: string, claims: Claims): boolean | "failed" => {
  try {
    const result: unknown = environment.evaluate(expression, { claims })
    return typeof result === "boolean" ? result : "failed"
  } catch {
    return "failed"
  }
}
