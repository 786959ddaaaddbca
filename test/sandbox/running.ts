/** Runs a sandbox for the length of a test file. */
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import type { Plan } from "../../runtime/plan.ts"
import { type Sandbox, type SandboxOptions, sandbox } from "../../runtime/sandbox/index.ts"

/** Starts before the tests of the file and stops after them. Call the result inside a test. */
export const runningSandbox = (plan: Plan, options: SandboxOptions = {}): (() => Sandbox) => {
  let box: Sandbox | undefined
  const scope = Scope.makeUnsafe()
  beforeAll(async () => {
    box = await Effect.runPromise(Scope.provide(sandbox(plan, options), scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => {
    if (box === undefined) throw new Error("the sandbox is not running yet")
    return box
  }
}

/** The value, or a failed test. */
export const must = <A>(value: A | undefined | null): A => {
  if (value === undefined || value === null) throw new Error("there is no value")
  return value
}
