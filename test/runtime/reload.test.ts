/** Another plan for a proxy that runs: nothing under way is dropped, and a plan that cannot run changes nothing. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import type { Plan } from "../../runtime/plan.ts"
import { call, problem } from "./proxy-world/call.ts"
import { startWorld, type World } from "./proxy-world/index.ts"

const denied = (plan: Plan, deny: string): Plan => ({
  ...plan,
  flows: [
    {
      ...plan.flows[0],
      stages: plan.flows[0].stages.map((stage) =>
        stage.kind === "aws.sts" ? { ...stage, role: { rules: [], otherwise: { deny } } } : stage,
      ) as unknown as Plan["flows"][0]["stages"],
    },
  ],
})

const ask = (world: World) => Effect.flatMap(world.bearer(), (headers) => call(world.origin, { path: "/aws", headers }))

describe("a reload", () => {
  it.live("decides from then on, while a request under way is finished by the plan it began with", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const held = yield* Deferred.make<ServerResponse>()
      world.answer((_request, response) => Deferred.doneUnsafe(held, Effect.succeed(response)))
      const before = yield* Effect.forkChild(ask(world))
      const upstream = yield* Deferred.await(held)

      yield* world.running.reload(denied(world.plan, "closed for today"))
      const after = yield* ask(world)
      assert.deepStrictEqual([after.status, problem(after).detail], [403, "closed for today"])

      upstream.end("late and whole")
      const reply = yield* Fiber.join(before)
      assert.deepStrictEqual([reply.status, reply.body, reply.complete], [200, "late and whole", true])
    }),
  )

  it.live("under load drops no request", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      let stopped = false
      const statuses: number[] = []
      const caller = Effect.gen(function* () {
        const headers = yield* world.bearer()
        while (!stopped) {
          const { status, complete } = yield* call(world.origin, { path: "/aws", headers })
          statuses.push(complete ? status : 0)
        }
      })
      const callers = yield* Effect.forEach(Array(4).keys(), () => Effect.forkChild(caller))
      for (const _ of Array(10).keys()) {
        const before = statuses.length
        while (statuses.length < before + 8) yield* Effect.sleep("1 millis")
        yield* world.running.reload(world.plan)
      }
      stopped = true
      yield* Effect.forEach(callers, Fiber.join)
      assert.deepStrictEqual([...new Set(statuses)], [200])
    }),
  )

  it.live("ends streams of events cleanly, so that their readers come back to the new plan", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n")
      })
      const headers = yield* world.bearer()
      const stream = yield* Effect.callback<IncomingMessage>((resume) => {
        const request = httpRequest({ host: "127.0.0.1", port: world.port, path: "/aws", headers, agent: false })
        request.on("response", (response) => resume(Effect.succeed(response)))
        request.end()
      })
      const ended = new Promise<boolean>((resolve) => stream.resume().once("close", () => resolve(stream.complete)))
      yield* world.running.reload(world.plan)
      assert.isTrue(yield* Effect.promise(() => ended))
    }),
  )

  it.live("to a plan that cannot run leaves all as it was", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const [forward] = world.plan.flows[0].stages.slice(-1)
      assert.isDefined(forward)
      const broken: Plan = { ...world.plan, flows: [{ ...world.plan.flows[0], stages: [forward] }] }
      const failure = yield* Effect.flip(world.running.reload(broken))
      assert.strictEqual(failure._tag, "PlanUnusable")
      assert.strictEqual((yield* ask(world)).status, 200)
    }),
  )

  it.live("looks secrets up anew, and names those that are missing", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const server = {
        name: "gate",
        kind: "auth_server",
        issuer: world.origin,
        login: ["corp"],
        redirectUri: `${world.origin}/oauth/callback`,
        registration: "dynamic",
        tokens: { access: 60, refresh: 3600, code: 60 },
        claims: [],
        keys: [{ name: "gate-keys", key: "2027" }],
        hmacKeys: [],
      } as const
      const failure = yield* Effect.flip(world.running.reload({ ...world.plan, servers: [server] }))
      assert.strictEqual(failure._tag, "SecretsMissing")
      assert.include(failure.message, "gate-keys/2027")
      assert.strictEqual((yield* ask(world)).status, 200)
    }),
  )

  it.live("while it drains does not bring back what stops", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      yield* world.running.drain
      yield* world.running.reload(world.plan)
      const refused = yield* Effect.exit(Effect.timeout(call(world.origin, { path: "/healthz" }), "2 seconds"))
      assert.strictEqual(refused._tag, "Failure")
    }),
  )
})
