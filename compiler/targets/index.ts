/**
 * All targets. A module of its own, so that `authflow check` can leave them unloaded.
 *
 * @module
 */
import { plan } from "./plan/index.ts"
import { toolhive } from "./toolhive/index.ts"

/** What a program can be lowered to, by the name the command line uses. */
export const targets = { plan, toolhive } as const
export type TargetName = keyof typeof targets
