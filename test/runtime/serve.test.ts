/** Starting and stopping: plans, secrets, addresses, drain. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Redacted, Scope } from "effect"
import { loadPlan, Secrets, serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { call, problem } from "./proxy-world/call.ts"
import { startWorld, type World } from "./proxy-world/index.ts"

const plan = (stages: Plan["flows"][0]["stages"], more: Partial<Plan> = {}): Plan => ({
  version: 1,
  source: "test.authflow",
  providers: [],
  servers: [],
  flows: [{ name: "f", resource: "http://127.0.0.1:1/f", stages }],
  ...more,
})

const forward = { kind: "forward", url: "https://upstream.example/mcp", timeout: 1 } as const
const sign = { kind: "aws.sigv4", service: "aws-mcp", region: "us-east-1", maxBody: 1 } as const
const noSecrets = Secrets.layerEnvironment({})
const start = (given: Plan, options: Partial<Parameters<typeof serve>[1]> = {}) =>
  serve(given, { listen: [{ host: "127.0.0.1", port: 0 }], env: {}, ...options }).pipe(Effect.provide(noSecrets))

describe("a plan", () => {
  it.effect("is read from JSON text or a value, and what is wrong is named by its place", () =>
    Effect.gen(function* () {
      const good = plan([forward])
      assert.deepStrictEqual(yield* loadPlan(JSON.stringify(good)), good)
      assert.deepStrictEqual(yield* loadPlan(good), good)
      for (const [json, path, detail] of [
        ["{", "", "not JSON"],
        ["[]", "", "JSON object"],
        ["null", "", "JSON object"],
        [{ ...good, version: 2 }, "version", "this one says 2"],
        [{ flows: [] }, "version", "says nothing"],
        [{ ...good, flows: [] }, "flows[0]", "Missing"],
        [{ ...good, surprise: 1 }, "surprise", "excess"],
        [{ ...good, source: 1 }, "source", ""],
        [plan([{ ...forward, url: "http://upstream.example" }]), "flows[0].stages[0].url", ""],
        [plan([{ ...forward, timeout: 0 }]), "flows[0].stages[0].timeout", ""],
        [{ ...good, flows: [{ name: "f", resource: "https://x" }] }, "flows[0].stages", "Missing"],
      ] as const) {
        const failure = yield* Effect.flip(loadPlan(json))
        assert.strictEqual(failure._tag, "PlanInvalid")
        assert.strictEqual(failure.path, path, JSON.stringify(json))
        assert.include(failure.message, detail)
      }
    }),
  )

  it.live("whose stages do not compose does not start, and says which stage was given what", () =>
    Effect.gen(function* () {
      for (const [stages, path, detail] of [
        [
          [forward],
          "flows[0].stages[0]",
          "forward consumes SignedRequest or Token or Headers or Unauthenticated and is given Caller",
        ],
        [[sign, forward], "flows[0].stages[0]", "sign aws.sigv4 consumes AwsCredentials and is given Caller"],
        [
          [{ kind: "identify.oidc", provider: "corp", scopes: [], audience: "a" }, forward],
          "flows[0].stages[1]",
          "forward consumes SignedRequest or Token or Headers or Unauthenticated and is given Principal",
        ],
        [[{ kind: "identify.oidc", provider: "corp", scopes: [], audience: "a" }], "flows[0]", "does not end"],
        [[{ kind: "identify.oidc", provider: "nobody", scopes: [], audience: "a" }], "flows[0].stages[0]", "nobody"],
      ] as const) {
        const corp = {
          name: "corp",
          kind: "oidc",
          issuer: "https://idp.example",
          accessToken: { format: "jwt" },
          algorithms: ["ES256"],
          claims: { idToken: [], accessToken: [], userinfo: [] },
        } as const
        const failure = yield* Effect.flip(start(plan(stages, { providers: [corp] })))
        assert.strictEqual(failure._tag, "PlanUnusable")
        if (failure._tag === "PlanUnusable") {
          assert.strictEqual(failure.path, path)
          assert.include(failure.detail, detail)
        }
      }
    }),
  )

  it.live("in which a name stands for two things does not start", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const [flow] = world.plan.flows
      const [provider] = world.plan.providers
      for (const doubled of [
        { ...world.plan, flows: [flow, { ...flow, resource: "http://127.0.0.1:1/other" }] },
        { ...world.plan, flows: [flow, { ...flow, name: "other" }] },
        { ...world.plan, providers: provider === undefined ? [] : [provider, provider] },
      ] as const) {
        assert.strictEqual((yield* Effect.flip(start(doubled)))._tag, "PlanUnusable")
      }
    }),
  )

  it.live("that sends tokens to an STS over plain HTTP does not start", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const [flow] = world.plan.flows
      const [identify, ...rest] = flow.stages
      const stages = rest.map((stage) => {
        if (stage.kind !== "aws.sts") return stage
        const { endpoint: _, ...others } = stage
        return others
      })
      const moved: Plan = { ...world.plan, flows: [{ ...flow, stages: [identify, ...stages] }] }
      const env = { AWS_ENDPOINT_URL_STS: "http://sts.example" }
      const failure = yield* Effect.flip(start(moved, { env }))
      assert.strictEqual(failure._tag, "PlanUnusable")
      assert.include(failure.message, "STS endpoint")
    }),
  )
})

describe("secrets", () => {
  const secretPlan = plan([forward], {
    providers: [
      {
        name: "corp",
        kind: "oidc",
        issuer: "https://idp.example",
        client: { id: "x", secret: { name: "corp-idp", key: "client-secret" }, scopes: ["openid"] },
        accessToken: { format: "jwt" },
        algorithms: ["ES256"],
        claims: { idToken: [], accessToken: [], userinfo: [] },
      },
    ],
    servers: [
      {
        name: "gate",
        kind: "auth_server",
        issuer: "https://auth.example",
        login: ["corp"],
        redirectUri: "https://auth.example/callback",
        registration: "dynamic",
        tokens: { access: 1, refresh: 1, code: 1 },
        claims: [],
        keys: [{ name: "gate-keys", key: "2026" }],
        hmacKeys: [],
      },
    ],
  })

  it.live("that are missing are reported together, with where each was looked for", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(start(secretPlan))
      assert.strictEqual(failure._tag, "SecretsMissing")
      assert.include(failure.message, "corp-idp/client-secret")
      assert.include(failure.message, "AUTHFLOW_SECRET_CORP_IDP_CLIENT_SECRET")
      assert.include(failure.message, "AUTHFLOW_SECRET_GATE_KEYS_2026")
    }),
  )

  it.live("come from the environment, then from a directory as Kubernetes mounts it, and are redacted", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "authflow-secrets-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true })),
      )
      mkdirSync(join(directory, "gate-keys"))
      writeFileSync(join(directory, "gate-keys", "2026"), "line one\nline two\n")
      writeFileSync(join(directory, "gate-keys", "empty"), "\n")
      writeFileSync(join(directory, "outside"), "not a secret")
      const env = { AUTHFLOW_SECRET_CORP_IDP_CLIENT_SECRET: "from-env", AUTHFLOW_SECRET_EMPTY_X: "" }
      const get = (name: string, key: string) =>
        Effect.gen(function* () {
          const secrets = yield* Secrets
          return yield* secrets.get({ name, key })
        })
      yield* Effect.gen(function* () {
        const client = yield* get("corp-idp", "client-secret")
        assert.strictEqual(Redacted.value(client), "from-env")
        assert.notInclude(String(client) + JSON.stringify(client), "from-env")
        assert.strictEqual(Redacted.value(yield* get("gate-keys", "2026")), "line one\nline two")
        for (const [name, key] of [
          ["gate-keys", "2027"],
          ["gate-keys", "empty"],
          ["empty", "x"],
          ["gate-keys", "../outside"],
          ["..", "outside"],
          // The environment cannot tell these two apart, and one of them has been given the value.
          ["corp", "idp-client-secret"],
        ] as const) {
          const missing = yield* Effect.flip(get(name, key))
          assert.strictEqual(missing._tag, "SecretMissing")
          assert.strictEqual(missing.looked.length, 2)
        }
      }).pipe(Effect.provide(Secrets.layer({ env, directory })))
    }),
  )
})

describe("addresses", () => {
  it.live("that others can reach are refused unless allowed, and one in use is named", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      for (const host of ["0.0.0.0", "::", "192.0.2.1", "localhost"]) {
        const failure = yield* Effect.flip(start(world.plan, { listen: [{ host, port: 0 }] }))
        assert.strictEqual(failure._tag, "ListenFailed")
        assert.include(failure.message, host)
      }
      const taken = yield* Effect.flip(start(world.plan, { listen: [{ host: "127.0.0.1", port: world.port }] }))
      assert.include(taken.message, `127.0.0.1:${world.port}`)
      assert.include(taken.message, "EADDRINUSE")
    }),
  )

  it.live("several are served alike", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const { addresses } = yield* start(world.plan, {
        listen: [
          { host: "127.0.0.1", port: 0 },
          { host: "127.0.0.1", port: 0 },
        ],
      })
      assert.strictEqual(new Set(addresses.map(({ port }) => port)).size, 2)
      for (const { port } of addresses) {
        assert.strictEqual((yield* call(`http://127.0.0.1:${port}`, { path: "/healthz" })).status, 200)
      }
    }),
  )
})

describe("drain", () => {
  /** A world whose upstream answers when the test says so. */
  const holding = Effect.gen(function* () {
    const world = yield* startWorld()
    const held = yield* Deferred.make<ServerResponse>()
    world.answer((_request, response) => Deferred.doneUnsafe(held, Effect.succeed(response)))
    return { world, held: Deferred.await(held) }
  })

  const stream = (world: World, method: string, headers: Readonly<Record<string, string>>) =>
    Effect.callback<IncomingMessage>((resume) => {
      const request = httpRequest({ host: "127.0.0.1", port: world.port, method, path: "/aws", headers, agent: false })
      request.on("error", () => {})
      request.on("response", (response) => resume(Effect.succeed(response.on("error", () => {}))))
      request.end()
    })

  const ended = (response: IncomingMessage) =>
    Effect.callback<boolean>((resume) => {
      const done = () => resume(Effect.succeed(response.complete))
      if (response.closed) done()
      else response.resume().once("close", done)
    })

  it.live("lets a request in flight finish, and takes no new connection", () =>
    Effect.gen(function* () {
      const { world, held } = yield* holding
      const asking = yield* Effect.forkChild(call(world.origin, { path: "/aws", headers: yield* world.bearer() }))
      const upstream = yield* held
      const draining = yield* Effect.forkChild(world.running.drain)
      yield* Effect.sleep("20 millis")
      const refused = yield* Effect.callback<string>((resume) => {
        const socket = connect({ host: "127.0.0.1", port: world.port })
        socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? "")))
        socket.on("connect", () => resume(Effect.succeed("connected")))
      })
      assert.strictEqual(refused, "ECONNREFUSED")
      upstream.end("done")
      const reply = yield* Fiber.join(asking)
      assert.deepStrictEqual([reply.status, reply.body], [200, "done"])
      yield* Fiber.join(draining)
      // Once more is no harm.
      yield* world.running.drain
    }),
  )

  it.live("answers 503 on a connection that is still open", () =>
    Effect.gen(function* () {
      const { world, held } = yield* holding
      const headers = yield* world.bearer()
      const waiting = yield* Effect.forkChild(call(world.origin, { path: "/aws", headers }))
      const upstream = yield* held
      // A second request is on its way, head incomplete, when drain begins.
      const socket = connect({ host: "127.0.0.1", port: world.port })
      let text = ""
      socket.on("data", (chunk) => {
        text += chunk.toString()
      })
      const closed = new Promise((resolve) => socket.once("close", resolve))
      socket.write(`GET /aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\n`)
      yield* Effect.sleep("50 millis")
      const draining = yield* Effect.forkChild(world.running.drain)
      yield* Effect.sleep("20 millis")
      socket.write("\r\n")
      while (!text.includes("draining")) yield* Effect.sleep("5 millis")
      assert.match(text, /^HTTP\/1\.1 503 /)
      assert.match(text, /retry-after: \d/i)
      upstream.end()
      yield* Fiber.join(waiting)
      yield* Fiber.join(draining)
      yield* Effect.promise(() => closed)
    }),
  )

  it.live("ends event streams cleanly: the endless at once, an answer's when the time is over", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders()
      })
      const headers = yield* world.bearer()
      const endless = yield* stream(world, "GET", headers)
      const answer = yield* stream(world, "POST", headers)
      const order: string[] = []
      const watch = (name: string, response: IncomingMessage) =>
        Effect.map(ended(response), (complete) => {
          order.push(name)
          return complete
        })
      const both = yield* Effect.forkChild(
        Effect.all([watch("endless", endless), watch("answer", answer)], { concurrency: "unbounded" }),
      )
      yield* world.running.drain
      assert.deepStrictEqual(yield* Fiber.join(both), [true, true])
      assert.deepStrictEqual(order, ["endless", "answer"])
    }),
  )

  it.live("breaks off what has not ended in time, so that it does not look whole", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" }).write("{")
      })
      const response = yield* stream(world, "POST", yield* world.bearer())
      const whole = yield* Effect.forkChild(ended(response))
      yield* world.running.drain
      assert.isFalse(yield* Fiber.join(whole))
    }),
  )

  it.live("a request that never got an answer is told 503 when the time is over", () =>
    Effect.gen(function* () {
      const { world, held } = yield* holding
      const asking = yield* Effect.forkChild(call(world.origin, { path: "/aws", headers: yield* world.bearer() }))
      yield* held
      yield* world.running.drain
      const reply = yield* Fiber.join(asking)
      assert.deepStrictEqual([reply.status, problem(reply).code], [503, "draining"])
    }),
  )

  it.live("comes with closing the scope, and the port is free again", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const scope = yield* Scope.make()
      const { addresses } = yield* start(world.plan).pipe(Effect.provideService(Scope.Scope, scope))
      const port = addresses[0]?.port ?? 0
      yield* Scope.close(scope, Exit.void)
      const again = yield* start(world.plan, { listen: [{ host: "127.0.0.1", port }] })
      assert.strictEqual(again.addresses[0]?.port, port)
    }),
  )
})
