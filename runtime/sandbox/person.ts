/**
 * A person of the sandbox: somebody who can log in at the stand-in identity provider.
 *
 * @module
 */
import type { RoleDecision } from "../plan.ts"

/** One person. All of it is made up, derived from the plan, and the same on every run. */
export interface Person {
  /** Names the person on the login page and in reports: `ada`. */
  readonly id: string
  /** What the person is there to show, in a few words: `gets the first role`. */
  readonly about: string
  /** Everything the identity provider knows of the person, `sub` included. */
  readonly claims: PersonClaims
  /** What the plan's rules decide for this person, by flow name; flows with no role rules are left out. */
  readonly expects: Readonly<Record<string, RoleDecision>>
}

/** Claims by name, as the provider puts them in tokens. */
export interface PersonClaims {
  readonly sub: string
  readonly [claim: string]: unknown
}
