/**
 * Checked role rules: which AWS role a principal gets, or why none.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Located } from "../source/source.ts"
import type { Claim } from "./claims.ts"

/** When a rule applies. An absent claim satisfies no comparison. */
export type Condition =
  | {
      readonly op: "contains" | "equals" | "starts_with" | "ends_with"
      readonly claim: Claim
      readonly value: Located<string>
    }
  | {
      readonly op: "contains_any" | "contains_all" | "in"
      readonly claim: Claim
      readonly values: readonly [Located<string>, ...Located<string>[]]
    }
  /** CEL over one variable, `claims`; compiles, is boolean, and reads only known claims, optional ones under a guard. */
  | {
      readonly op: "cel"
      readonly expression: Located<string>
      readonly claims: readonly Claim[]
      /** The value, when it does not depend on the caller. */
      readonly constant: boolean | undefined
    }

/** A role to assume (its ARN is of a role, in the stage's partition), or a refusal with the reason the caller is told, empty when unsaid. */
export type RoleDecision = { readonly role: Located<string> } | { readonly deny: Located<string> }

export interface RoleRule {
  readonly span: Span
  readonly when: Condition
  readonly then: RoleDecision
}

/** Ordered: the first rule that applies decides, `otherwise` when none does. */
export interface RoleRules {
  readonly span: Span
  readonly rules: readonly RoleRule[]
  readonly otherwise: RoleDecision & { readonly span: Span }
}
