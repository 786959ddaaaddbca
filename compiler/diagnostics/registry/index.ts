/**
 * Every diagnostic code, `AF####`. The hundreds say the area: 01 syntax, 02 names, 03 fields and values, 04 the credential
 * chain, 05 tokens and claims, 06 role rules, 07 URLs and audiences, 08 targets, 09 input and environment, 11 tests, 12 what the
 * upstream is shown, 13 policy and deployment, 14 callers and logins, 15 the authorization server, 18 signatures. A code is
 * never given to another problem; a number that is missing was never given.
 *
 * @module
 */

import { callers } from "./callers.ts"
import { clients } from "./clients.ts"
import { credentials } from "./credentials.ts"
import { delegation } from "./delegation.ts"
import type { Entry } from "./entry.ts"
import { exchanges } from "./exchanges.ts"
import { fields } from "./fields.ts"
import { imports } from "./import.ts"
import { input } from "./input.ts"
import { logins } from "./logins.ts"
import { names } from "./names.ts"
import { outgoing } from "./outgoing.ts"
import { plan } from "./plan.ts"
import { policy } from "./policy.ts"
import { roles } from "./roles.ts"
import { signing } from "./signing.ts"
import { state } from "./state.ts"
import { syntax } from "./syntax.ts"
import { tests } from "./tests.ts"
import { tokens } from "./tokens.ts"
import { toolhive } from "./toolhive.ts"
import { toolhiveDeployment } from "./toolhive-deployment.ts"
import { toolhiveOutgoing } from "./toolhive-outgoing.ts"
import { toolhivePolicy } from "./toolhive-policy.ts"
import { urls } from "./urls.ts"

export const registry = {
  ...syntax,
  ...names,
  ...fields,
  ...credentials,
  ...tokens,
  ...roles,
  ...urls,
  ...tests,
  ...outgoing,
  ...callers,
  ...exchanges,
  ...toolhive,
  ...toolhiveDeployment,
  ...toolhiveOutgoing,
  ...clients,
  ...signing,
  ...state,
  ...policy,
  ...toolhivePolicy,
  ...delegation,
  ...plan,
  ...logins,
  ...input,
  ...imports,
} as const

export type Registry = typeof registry
export type Code = keyof Registry
/** What the message of a code needs. */
export type Arguments<C extends Code> = Registry[C] extends Entry<infer Args> ? Args : never

export const codes = Object.keys(registry).sort() as readonly Code[]
