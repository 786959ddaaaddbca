/**
 * The account of what happens to one caller on one flow: a step for each stage, and how it ends. Data only; text.ts words it.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import type { MadeHeader } from "../../catalogue/made-header.ts"
import type { RefusalCode } from "../../catalogue/refusal.ts"

/** Why the caller is refused, in the words of the answer it gets (RFC 9457). */
export interface Refusal {
  readonly code: RefusalCode
  readonly status: number
  readonly title: string
  readonly detail: string
}

/** One role rule as it was tried. Rules after the one that applies are not. */
export interface RuleAccount {
  /** 1-based, in the order written; `else` for what decides when none applies. */
  readonly rule: number | "else"
  readonly span: Span
  /** The condition in words: `claims.groups contains "admins"`. */
  readonly condition: string
  readonly applies: boolean | "failed"
  /** What of the caller made it so: `claims.groups is absent`. Empty for `else`. */
  readonly because: string
}

export interface Step {
  /** As the file says it: `exchange aws.sts`. */
  readonly stage: string
  readonly span: Span
  /** `unknown`: today's runtime does not run this kind of stage. `not reached`: an earlier stage refuses. */
  readonly outcome: "ok" | "refused" | "unknown" | "not reached"
  readonly summary: string
  /** What else a reader wants to know: which token goes where, what was assumed. Whole sentences or phrases, in order. */
  readonly notes: readonly string[]
  readonly rules: readonly RuleAccount[]
}

/** A header of the request that leaves. Credentials are named and never shown; so is what differs with each request. */
export type UpstreamHeader =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly made: MadeHeader }

export type Outcome =
  /** The request goes to the upstream; what it answers is its own. */
  | { readonly kind: "forwarded" }
  | ({ readonly kind: "refused"; readonly stage: string } & Refusal)
  | { readonly kind: "unknown"; readonly stage: string }

export interface Trace {
  readonly flow: string
  /** Public URL that is called. */
  readonly url: string
  readonly steps: readonly Step[]
  readonly outcome: Outcome
  /** ARN of the role whose credentials are had. */
  readonly role: string | undefined
  /** Name of the role session. */
  readonly session: string | undefined
  /** The token that is exchanged or shown, such as `corp.id_token`. */
  readonly subject: string | undefined
  /** The headers of the request that leaves, when one does, beside those that frame its body. */
  readonly upstream: readonly UpstreamHeader[] | undefined
}
