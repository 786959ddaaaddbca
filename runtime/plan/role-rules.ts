/**
 * Role rules: which caller gets which role.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * When a role rule applies. An absent claim satisfies no comparison. A CEL expression sees one variable, `claims`; one that
 * fails to evaluate refuses the request (fail closed), it is never skipped.
 */
export const Condition = Schema.Union([
  Schema.Struct({
    op: Schema.Literals(["contains", "equals", "starts_with", "ends_with"]),
    claim: Schema.NonEmptyString,
    value: Schema.String,
  }),
  Schema.Struct({
    op: Schema.Literals(["contains_any", "contains_all", "in"]),
    claim: Schema.NonEmptyString,
    values: Schema.NonEmptyArray(Schema.String),
  }),
  Schema.Struct({ op: Schema.Literal("cel"), expression: Schema.NonEmptyString }),
])
export type Condition = typeof Condition.Type

/** What a rule decides: a role to assume, or a refusal with the reason the caller is told. */
export const RoleDecision = Schema.Union([
  Schema.Struct({ role: Schema.NonEmptyString }),
  Schema.Struct({ deny: Schema.String }),
])
export type RoleDecision = typeof RoleDecision.Type

/** Ordered rules: the first that applies decides; `otherwise` decides when none does. */
export const RoleRules = Schema.Struct({
  rules: Schema.Array(Schema.Struct({ when: Condition, then: RoleDecision })),
  otherwise: RoleDecision,
})
export type RoleRules = typeof RoleRules.Type
