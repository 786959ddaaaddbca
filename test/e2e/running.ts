/** Runs an example, compiled by the compiler, in a sandbox and behind the real runtime, for the length of a test file. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import { analyze, targets } from "../../compiler/index.ts"
import { serve } from "../../runtime/index.ts"
import { type Entry, Journal } from "../../runtime/journal.ts"
import type { Plan } from "../../runtime/plan.ts"
import { type Sandbox, type SandboxOptions, sandbox } from "../../runtime/sandbox/index.ts"

export interface Running {
  readonly box: Sandbox
  /** What the runtime wrote of each stage of each request, oldest first. */
  readonly journal: readonly Entry[]
}

export interface RunOptions extends SandboxOptions {
  /** References to replace while serving: timeouts and the like. */
  readonly settings?: Layer.Layer<never>
}

/** Compiles `examples/NAME.authflow`; fails the test when it has an error. */
export const compileExample = (name: string): Plan => {
  const uri = `examples/${name}.authflow`
  return compile(uri, readFileSync(join(import.meta.dirname, "../..", uri), "utf8"))
}

export const compile = (uri: string, text: string): Plan => {
  const { program, diagnostics } = analyze({ uri, text })
  const plan = program === undefined ? undefined : targets.plan.lowerPlan(program).plan
  if (plan === undefined)
    throw new Error(`${uri} does not compile: ${JSON.stringify(diagnostics.map(({ code }) => code))}`)
  return plan
}

/** Starts before the tests of the file and stops after them. Call the result inside a test. */
export const running = (plan: Plan, { settings = Layer.empty, ...options }: RunOptions = {}): (() => Running) => {
  let now: Running | undefined
  const scope = Scope.makeUnsafe()
  beforeAll(async () => {
    const journal: Entry[] = []
    const start = Effect.gen(function* () {
      const box = yield* sandbox(plan, options)
      yield* serve(box.plan, { listen: box.listen, drainSeconds: 1, env: {} }).pipe(Effect.provide(box.secrets))
      return { box, journal }
    }).pipe(Effect.provideService(Journal, { write: (entry) => journal.push(entry) }), Effect.provide(settings))
    now = await Effect.runPromise(Scope.provide(start, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => {
    if (now === undefined) throw new Error("nothing is running yet")
    return now
  }
}
