/** The probe says yes where all is as the file says, and no, with the reason, where it is not. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { sandbox } from "../../runtime/sandbox/index.ts"
import { type ProbeReport, probe } from "../../runtime/sandbox/probe/index.ts"
import { compileExample } from "./running.ts"

/** Probes a plan while `served`, made from the sandbox's, is what the proxy really does. */
const probing = (plan: Plan, served: (plan: Plan) => Plan = (plan) => plan): Promise<ProbeReport> =>
  Effect.gen(function* () {
    const box = yield* sandbox(plan)
    yield* serve(served(box.plan), { listen: box.listen, drainSeconds: 1, env: {} }).pipe(Effect.provide(box.secrets))
    return yield* probe(box)
  }).pipe(Effect.scoped, Effect.runPromise)

const mapStages = (plan: Plan, change: (stage: Plan["flows"][0]["stages"][number]) => object): Plan => {
  const [flow] = plan.flows
  return { ...plan, flows: [{ ...flow, stages: flow.stages.map(change) as never }] }
}

describe("the probe", () => {
  it.each(["thv-0050", "thv-0050-groups", "external-oidc"])("finds the example %s as its file says", async (name) => {
    const report = await probing(compileExample(name))
    expect(report.sessions.flatMap(({ steps }) => steps.filter(({ ok }) => !ok))).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.sessions.map(({ person, ok, got }) => ({ person, ok, got }))).toEqual([
      { person: "ada", ok: true, got: { role: "arn:aws:iam::123456789012:role/mcp-admin" } },
      { person: "ravi", ok: true, got: { role: "arn:aws:iam::123456789012:role/mcp-reader" } },
      { person: "nora", ok: true, got: { deny: expect.any(String) } },
    ])
    expect(report.sessions[0]?.steps.map((step) => step.name)).toEqual([
      "request without a token",
      "protected resource metadata",
      "authorization server metadata",
      "client registration",
      "log in as ada",
      "code for tokens, with PKCE",
      "initialize",
      "tools/list",
      "tools/call whoami",
      "an answer over SSE",
      "refresh",
      "tools/call whoami with the new token",
    ])
  })

  it.each([
    ["machine-callers", 15],
    ["opaque-tokens", 3],
  ])("plays programs of people in the example %s", async (name, sessions) => {
    const report = await probing(compileExample(name))
    expect(report.sessions.flatMap(({ steps }) => steps.filter(({ ok }) => !ok))).toEqual([])
    expect(report.sessions).toHaveLength(sessions)
    expect(report.ok).toBe(true)
  })

  it("is not fooled by a proxy that gives everybody the reader's role", async () => {
    const reader = { role: "arn:aws:iam::123456789012:role/mcp-reader" }
    const report = await probing(compileExample("thv-0050"), (plan) =>
      mapStages(plan, (stage) =>
        stage.kind === "aws.sts" ? { ...stage, role: { rules: [], otherwise: reader } } : stage,
      ),
    )
    expect(report.ok).toBe(false)
    expect(report.sessions.map(({ person, ok, got }) => ({ person, ok, got }))).toEqual([
      { person: "ada", ok: false, got: reader },
      { person: "ravi", ok: true, got: reader },
      { person: "nora", ok: false, got: reader },
    ])
    expect(report.sessions[0]?.steps.at(-1)).toMatchObject({
      name: "tools/call whoami",
      ok: false,
      detail: expect.stringContaining("mcp-admin"),
    })
    expect(report.sessions[2]?.steps.at(-1)).toMatchObject({ name: "refused with the reason", ok: false })
  })

  it("says so when the reason given is not the file's", async () => {
    const report = await probing(compileExample("thv-0050"), (plan) =>
      mapStages(plan, (stage) =>
        stage.kind === "aws.sts" ? { ...stage, role: { ...stage.role, otherwise: { deny: "go away" } } } : stage,
      ),
    )
    expect(report.ok).toBe(false)
    expect(report.sessions[2]?.steps.at(-1)).toMatchObject({ ok: false, detail: expect.stringContaining("go away") })
  })

  it("says so when requests are signed for another service than the file's", async () => {
    const report = await probing(compileExample("thv-0050"), (plan) =>
      mapStages(plan, (stage) => (stage.kind === "aws.sigv4" ? { ...stage, service: "execute-api" } : stage)),
    )
    expect(report.ok).toBe(false)
    expect(report.sessions[0]?.steps.at(-1)).toMatchObject({ name: "initialize", ok: false })
  })

  it("says so when the flow's own server does not answer", async () => {
    const box = await Effect.runPromise(
      Effect.scoped(
        Effect.map(sandbox(compileExample("thv-0050")), ({ plan, people, credentialOf }) => ({
          plan,
          people,
          credentialOf,
        })),
      ),
    )
    const report = await Effect.runPromise(probe(box))
    expect(report.ok).toBe(false)
    expect(report.sessions.map(({ steps }) => steps.map(({ name, ok }) => ({ name, ok })))).toEqual(
      box.people.map(() => [{ name: "request without a token", ok: false }]),
    )
  })
})
