/**
 * Checked role rules: which AWS role a principal gets, or why none.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Located } from "../source/source.ts"
import type { Claim, ClaimType } from "./claims.ts"

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

/** A word that begins an arm of a `match`: what it compares, and what stands behind it. */
export interface RuleWord {
  /** The type of claim it compares; `undefined` where it compares none. */
  readonly claim: Extract<ClaimType, "string" | "strings"> | undefined
  readonly operand: "one" | "several" | "cel" | "none"
  readonly doc: string
  /** As it stands before `=>`. */
  readonly example: string
}

export const ruleWords = {
  contains: {
    claim: "strings",
    operand: "one",
    doc: "The claim is a list that has this string in it.",
    example: 'contains "admins"',
  },
  contains_any: {
    claim: "strings",
    operand: "several",
    doc: "The claim is a list that has at least one of these strings in it.",
    example: 'contains_any ["admins", "operators"]',
  },
  contains_all: {
    claim: "strings",
    operand: "several",
    doc: "The claim is a list that has each of these strings in it.",
    example: 'contains_all ["admins", "on-call"]',
  },
  equals: { claim: "string", operand: "one", doc: "The claim is this string.", example: 'equals "ada@example.com"' },
  in: {
    claim: "string",
    operand: "several",
    doc: "The claim is one of these strings.",
    example: 'in ["ada@example.com", "rob@example.com"]',
  },
  starts_with: {
    claim: "string",
    operand: "one",
    doc: "The claim begins with this string.",
    example: 'starts_with "svc-"',
  },
  ends_with: {
    claim: "string",
    operand: "one",
    doc: "The claim ends with this string.",
    example: 'ends_with "@example.com"',
  },
  when: {
    claim: undefined,
    operand: "cel",
    doc: "A CEL expression over `claims` that is true. A claim that a token may come without is asked for first: `has(claims.groups) && …`.",
    example: "when \"has(claims.groups) && 'admins' in claims.groups\"",
  },
  else: { claim: undefined, operand: "none", doc: "Every caller that no rule above applies to.", example: "else" },
} as const satisfies Readonly<Record<string, RuleWord>>

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
