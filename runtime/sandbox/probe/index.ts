/**
 * Plays a whole MCP client as each person of the sandbox and compares what they got with what the file says.
 *
 * @module
 */
import { Effect } from "effect"
import type { Flow, Plan } from "../../plan.ts"
import type { Sandbox } from "../index.ts"
import type { Person } from "../person.ts"
import { expectedShown } from "../upstream-gate.ts"
import { playProgram } from "./program.ts"
import { playSession } from "./session.ts"

/** A role ARN, what else the upstream was shown, or a refusal with its reason. */
export type Outcome = { readonly role: string } | { readonly shown: string } | { readonly deny: string }

/** One step of one person's session. */
export interface ProbeStep {
  /** In the field's words: `authorization code with PKCE`, `tools/call whoami`. */
  readonly name: string
  readonly ok: boolean
  /** What was seen, in one line; the reason when it failed. No token, code or secret. */
  readonly detail: string
}

/** How one person fared in one flow. */
export interface ProbeSession {
  readonly flow: string
  /** `Person.id`. */
  readonly person: string
  readonly steps: readonly ProbeStep[]
  /** What the plan says: a role ARN, what else the upstream is shown, or a refusal. */
  readonly expected: Outcome | undefined
  /** What happened, as the MCP server saw it (`whoami`), or the refusal the proxy gave. */
  readonly got: Outcome | undefined
  readonly ok: boolean
}

/** What the probe found. `ok` is the exit code: every step of every session went as the file says. */
export interface ProbeReport {
  readonly sessions: readonly ProbeSession[]
  readonly ok: boolean
}

const expectation = (plan: Plan, flow: Flow, person: Person): Outcome | undefined => {
  const shown = expectedShown(plan, flow, person)
  return person.expects[flow.name] ?? (shown === undefined ? undefined : { shown })
}

/**
 * Plays every person in every flow, one after the other, so that what the proxy shows of its stages can be read along. The
 * plan of the sandbox has to be served already. Never fails: what goes wrong is in the report.
 */
export const probe = Effect.fn("probe")(function* ({
  plan,
  people,
  credentialOf,
}: Pick<Sandbox, "plan" | "people" | "credentialOf">) {
  const sessions: ProbeSession[] = []
  for (const flow of plan.flows) {
    for (const person of people) {
      const expected = expectation(plan, flow, person)
      const program = yield* Effect.promise(() => credentialOf(flow, person.id))
      sessions.push(
        yield* Effect.promise(() =>
          program === undefined ? playSession(flow, person, expected) : playProgram(flow, person.id, program, expected),
        ),
      )
    }
  }
  return { sessions, ok: sessions.length > 0 && sessions.every(({ ok }) => ok) } satisfies ProbeReport
})
