/**
 * Every diagnostic code, `AF####`. The hundreds say the area: 01 syntax, 02 names, 03 fields and values, 04 the credential
 * chain, 05 tokens and claims, 06 role rules, 07 URLs and audiences, 08 targets, 09 input and environment.
 *
 * @module
 */
import type { Entry } from "./entry.ts"
import { toolhive } from "./toolhive.ts"

export const registry = {
  ...toolhive,
} as const

export type Registry = typeof registry
export type Code = keyof Registry
/** What the message of a code needs. */
export type Arguments<C extends Code> = Registry[C] extends Entry<infer Args> ? Args : never

export const codes = Object.keys(registry).sort() as readonly Code[]
