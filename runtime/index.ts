/**
 * The runtime: from a plan to a running proxy. This is all that the command line and the tests use of it.
 *
 * @module
 */
export { Journal } from "./journal.ts"
export { loadPlan } from "./load-plan.ts"
export { Secrets } from "./secrets.ts"
export type { Address, ListenOn, Running, ServeOptions } from "./serve.ts"
export { serve } from "./serve.ts"
export type { StartFailure } from "./start-failure.ts"
