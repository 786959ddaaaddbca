/** Answers that come bit by bit, and what happens when either side goes away. */
import { once } from "node:events"
import { type ClientRequest, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { call, problem } from "./proxy-world/call.ts"
import { httpServer } from "./proxy-world/http-server.ts"
import { startWorld, type World } from "./proxy-world/index.ts"

/** Opens a request and resumes with its answer's head; the body is the test's to read. */
const open = (world: World, headers: Readonly<Record<string, string>>, method = "GET") =>
  Effect.acquireRelease(
    Effect.callback<{ readonly request: ClientRequest; readonly response: IncomingMessage }>((resume) => {
      const request = httpRequest({ host: "127.0.0.1", port: world.port, method, path: "/aws", headers, agent: false })
      request.on("error", () => {})
      request.on("response", (response) => {
        response.on("error", () => {})
        resume(Effect.succeed({ request, response }))
      })
      request.end()
    }),
    ({ request }) => Effect.sync(() => request.destroy()),
  )

const next = (response: IncomingMessage) =>
  Effect.map(
    Effect.promise(() => once(response, "data")),
    ([chunk]) => String(chunk),
  )

/** Did the answer come whole, once its connection is closed? */
const closed = (response: IncomingMessage) =>
  Effect.callback<{ readonly complete: boolean }>((resume) => {
    const done = () => resume(Effect.succeed({ complete: response.complete }))
    if (response.closed) done()
    else response.resume().once("close", done)
  })

const events = (response: ServerResponse) => {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
  response.flushHeaders()
}

/** Runs the check until it holds: for what happens on another thread of events than the caller's. */
const eventually = (holds: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.andThen(Effect.sleep("5 millis"), eventually(holds))))

describe("server-sent events", () => {
  it.live("pass as they come, head first", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const upstream = yield* Deferred.make<ServerResponse>()
      world.answer((_request, response) => {
        events(response)
        Deferred.doneUnsafe(upstream, Effect.succeed(response))
      })
      // The head arrives while the upstream has sent no event yet.
      const { response } = yield* open(world, yield* world.bearer())
      assert.strictEqual(response.headers["content-type"], "text/event-stream")
      const source = yield* Deferred.await(upstream)
      // Each event is seen before the next is written: nothing waits for more.
      for (const event of ["data: one\n\n", "data: two\n\n", "data: three\n\n"]) {
        source.write(event)
        assert.strictEqual(yield* next(response), event)
      }
      source.end()
      assert.deepStrictEqual(yield* closed(response), { complete: true })
    }),
  )

  it.live("an upstream that resets in the middle shows as an incomplete answer, and in the journal", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response, incoming) => {
        events(response)
        response.write("data: one\n\n", () => incoming.socket.resetAndDestroy())
      })
      const { response } = yield* open(world, yield* world.bearer())
      assert.deepStrictEqual(yield* closed(response), { complete: false })
      yield* eventually(() => world.journal.some(({ outcome }) => outcome === "failed"))
      const entry = world.journal.find(({ outcome }) => outcome === "failed")
      assert.strictEqual(entry?.stage, "forward")
      assert.include(entry?.summary ?? "", "broke off after 11 bytes")
    }),
  )

  it.live("a caller that leaves cancels the upstream's request at once", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const gone = yield* Deferred.make<void>()
      world.answer((_request, response) => {
        events(response)
        response.write("data: one\n\n")
        response.once("close", () => Deferred.doneUnsafe(gone, Effect.void))
      })
      const { request, response } = yield* open(world, yield* world.bearer())
      yield* next(response)
      request.destroy()
      yield* Deferred.await(gone)
      // Leaving is how such a stream ends: nothing went wrong.
      yield* eventually(() => world.journal.some(({ summary }) => summary.includes("the caller left the stream")))
      assert.isTrue(world.journal.every(({ outcome }) => outcome === "ok"))
    }),
  )

  it.live("a caller that leaves cancels the answers that wait behind another one, too", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const asked: string[] = []
      const gone: string[] = []
      world.answer(({ target }, response) => {
        asked.push(target)
        response.once("close", () => gone.push(target))
        // The first is never answered, so the second one's answer waits behind it.
        if (target === "/mcp/second") events(response)
      })
      const { authorization } = yield* world.bearer()
      const socket = connect({ host: "127.0.0.1", port: world.port })
      for (const name of ["first", "second"]) {
        socket.write(
          `GET /aws/${name} HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: ${authorization}\r\n\r\n`,
        )
      }
      yield* eventually(() => asked.length === 2)
      socket.destroy()
      yield* eventually(() => gone.length === 2)
      assert.sameMembers(gone, ["/mcp/first", "/mcp/second"])
    }),
  )

  it.live("a caller that leaves before the answer cancels the upstream's request at once", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const asked = yield* Deferred.make<void>()
      const gone = yield* Deferred.make<void>()
      world.answer((_request, response) => {
        Deferred.doneUnsafe(asked, Effect.void)
        response.once("close", () => Deferred.doneUnsafe(gone, Effect.void))
      })
      const { authorization } = yield* world.bearer()
      const socket = connect({ host: "127.0.0.1", port: world.port })
      socket.write(`GET /aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: ${authorization}\r\n\r\n`)
      yield* Deferred.await(asked)
      socket.destroy()
      yield* Deferred.await(gone)
      yield* eventually(() => world.journal.some(({ stage, outcome }) => stage === "forward" && outcome === "refused"))
    }),
  )

  it.live("a slow reader holds the upstream back instead of filling memory", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const total = 64 * 1024 * 1024
      let written = 0
      let stalled = false
      world.answer((_request, response) => {
        response.writeHead(200, { "content-type": "application/octet-stream" })
        const chunk = Buffer.alloc(64 * 1024)
        const pump = () => {
          while (written < total) {
            written += chunk.length
            if (!response.write(chunk)) {
              stalled = true
              response.once("drain", pump)
              return
            }
          }
          response.end()
        }
        pump()
      })
      const { response } = yield* open(world, yield* world.bearer())
      // Nobody reads. The writer stops for good once every buffer on the way is full, far from the end.
      let before = -1
      while (before !== written) {
        before = written
        yield* Effect.sleep("100 millis")
      }
      assert.isTrue(stalled)
      assert.isBelow(written, total / 2)
      let received = 0
      response.on("data", (data: Buffer) => {
        received += data.length
      })
      assert.deepStrictEqual(yield* closed(response), { complete: true })
      assert.strictEqual(received, total)
    }),
  )
})

describe("what an upstream may answer", () => {
  const answers = (status: number, headers: Readonly<Record<string, string | string[]>>) =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response) => response.writeHead(status, headers).end("from upstream"))
      return yield* call(world.origin, { path: "/aws", headers: yield* world.bearer() })
    })

  it.live("401 is ours to mend and sends nobody to log in", () =>
    Effect.gen(function* () {
      const reply = yield* answers(401, { "www-authenticate": "Bearer" })
      assert.strictEqual(reply.status, 502)
      assert.isUndefined(reply.headers["www-authenticate"])
      assert.strictEqual(problem(reply).code, "upstream-refused")
    }),
  )

  it.live("403 passes, its challenge does not", () =>
    Effect.gen(function* () {
      const reply = yield* answers(403, { "www-authenticate": 'Bearer error="insufficient_scope"' })
      assert.strictEqual(reply.status, 403)
      assert.strictEqual(reply.body, "from upstream")
      assert.isUndefined(reply.headers["www-authenticate"])
    }),
  )

  it.live("a redirect is neither followed nor passed on", () =>
    Effect.gen(function* () {
      const reply = yield* answers(307, { location: "http://127.0.0.1:1/elsewhere" })
      assert.strictEqual(reply.status, 502)
      assert.isUndefined(reply.headers.location)
      assert.strictEqual(problem(reply).code, "upstream-redirected")
    }),
  )

  it.live("headers of the connection and those that act on our origin stay behind; MCP's pass", () =>
    Effect.gen(function* () {
      const reply = yield* answers(200, {
        "set-cookie": ["a=1", "b=2"],
        "strict-transport-security": "max-age=1",
        connection: "close, x-hop",
        "x-hop": "1",
        "proxy-authenticate": "Basic",
        "mcp-session-id": "s-1",
        "x-twice": ["1", "2"],
      })
      assert.strictEqual(reply.status, 200)
      for (const never of ["set-cookie", "strict-transport-security", "x-hop", "proxy-authenticate"]) {
        assert.notProperty(reply.headers, never)
      }
      assert.strictEqual(reply.headers["mcp-session-id"], "s-1")
      assert.strictEqual(reply.headers["x-twice"], "1, 2")
    }),
  )

  it.live("silence ends in 504, a reset before the answer in 502, nobody there in 502 with Retry-After", () =>
    Effect.gen(function* () {
      const silent = yield* startWorld({ forward: { timeout: 1 } })
      silent.answer(() => {})
      const late = yield* call(silent.origin, { path: "/aws", headers: yield* silent.bearer() })
      assert.deepStrictEqual([late.status, problem(late).code], [504, "upstream-timeout"])
      silent.answer((_request, _response, incoming) => incoming.socket.resetAndDestroy())
      const broken = yield* call(silent.origin, { path: "/aws", headers: yield* silent.bearer() })
      assert.deepStrictEqual([broken.status, problem(broken).code], [502, "upstream-broken"])
      assert.isUndefined(broken.headers["retry-after"])

      const gone = yield* Effect.scoped(
        Effect.map(
          httpServer(() => {}),
          ({ origin }) => origin,
        ),
      )
      const nobody = yield* startWorld({ forward: { origin: gone } })
      const unreached = yield* call(nobody.origin, { path: "/aws", headers: yield* nobody.bearer() })
      assert.deepStrictEqual([unreached.status, problem(unreached).code], [502, "upstream-unavailable"])
      assert.isDefined(unreached.headers["retry-after"])
    }),
  )
})
