/** The probe on the examples that show their upstream something else than a signature: what the upstream saw and verified. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { sandbox } from "../../runtime/sandbox/index.ts"
import { type ProbeReport, probe } from "../../runtime/sandbox/probe/index.ts"
import { compileExample } from "./running.ts"

/** Probes a plan as one person while `served`, made from the sandbox's, is what the proxy really does. */
const probing = (plan: Plan, served: (plan: Plan) => Plan = (plan) => plan): Promise<ProbeReport> =>
  Effect.gen(function* () {
    const box = yield* sandbox(plan, { people: [{ id: "ada", claims: { sub: "u-ada", email: "ada@example.com" } }] })
    yield* serve(served(box.plan), { listen: box.listen, drainSeconds: 1, env: {} }).pipe(Effect.provide(box.secrets))
    return yield* probe(box)
  }).pipe(Effect.scoped, Effect.runPromise)

const got = ({ sessions, ok }: ProbeReport) => ({
  ok,
  saw: sessions.map(({ steps, got }) => {
    const bad = steps.find((step) => !step.ok)
    return bad === undefined ? got : bad
  }),
})

const at = "http://127\\.0\\.0\\.1:\\d+"

describe("the probe", () => {
  it.each([
    ["static-header", /^the secret in the header x-api-key$/],
    ["token-exchange", new RegExp(`^a token of ${at} for https://orders\\.example\\.com, of u-ada$`)],
    ["entra-obo", new RegExp(`^a token of ${at} for https://graph\\.microsoft\\.com, of u-ada$`)],
    ["id-jag", new RegExp(`^a token of ${at} for https://mcp\\.partner\\.example/mcp, of u-ada$`)],
  ])("finds the example %s as its file says", async (name, shown) => {
    expect(got(await probing(compileExample(name)))).toEqual({
      ok: true,
      saw: [{ shown: expect.stringMatching(shown) }],
    })
  })

  it("finds services of AWS, each with what is signed for it", async () => {
    const role = (name: string) => ({ role: `arn:aws:iam::123456789012:role/${name}` })
    expect(got(await probing(compileExample("aws-services")))).toEqual({
      ok: true,
      saw: [role("bedrock-user"), role("function-caller"), role("api-caller")],
    })
  })

  it("finds chains of exchanges, each with what comes at its end", async () => {
    const token = (audience: string, subject: string) => ({
      shown: expect.stringMatching(new RegExp(`^a token of ${at} for ${audience}, of ${subject}$`)),
    })
    expect(got(await probing(compileExample("exchange-chain")))).toEqual({
      ok: true,
      saw: [
        { role: "arn:aws:iam::123456789012:role/reports-reader" },
        token("https://orders\\.partner\\.example/mcp", "u-ada"),
        token("https://search\\.partner\\.example", "example-gateway"),
      ],
    })
  })

  it("is not fooled by a proxy that exchanges for another audience", async () => {
    const report = await probing(compileExample("token-exchange"), (plan) => {
      const [flow] = plan.flows
      const stages = flow.stages.map((stage) =>
        stage.kind === "token_exchange" ? { ...stage, audience: "https://stock.example.com" } : stage,
      )
      return { ...plan, flows: [{ ...flow, stages: stages as never }] }
    })
    expect(got(report)).toMatchObject({ ok: false, saw: [{ name: "initialize", ok: false }] })
  })
})
