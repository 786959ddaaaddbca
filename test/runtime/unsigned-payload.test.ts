/** A body that the signature leaves out: it passes as it comes, and everything else is signed. */
import { request as httpRequest } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call } from "./proxy-world/call.ts"
import { startWorld } from "./proxy-world/index.ts"

describe("payload = unsigned", () => {
  it.live("says so in a header that is signed, and leaves the rest of the request under the signature", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ payload: "unsigned" })
      const headers = { ...(yield* world.bearer()), "content-type": "application/json" }
      const reply = yield* call(world.origin, { method: "POST", path: "/aws?a=1", headers, body: '{"a":1}' })
      assert.strictEqual(reply.status, 200)
      assert.deepStrictEqual(world.badSignatures, [])
      assert.strictEqual(world.seen[0]?.body.toString(), '{"a":1}')
      assert.include(world.seen[0]?.rawHeaders.join("\n") ?? "", "UNSIGNED-PAYLOAD")
    }),
  )

  it.live("passes a body over any limit, and one whose length nobody said", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ payload: "unsigned", maxBody: 10 })
      const headers = yield* world.bearer()
      const long = Buffer.alloc(3 << 20, 7)
      const sized = yield* call(world.origin, { method: "PUT", path: "/aws", headers, body: long })
      assert.strictEqual(sized.status, 200)
      assert.isTrue(world.seen[0]?.body.equals(long))
      const status = yield* Effect.callback<number>((resume) => {
        const options = { host: "127.0.0.1", port: world.port, method: "PUT", path: "/aws", headers, agent: false }
        const request = httpRequest({ ...options, headers: { ...headers, "transfer-encoding": "chunked" } })
        request.on("response", (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode ?? 0))
        })
        request.write("first ")
        setImmediate(() => request.end("second"))
      })
      assert.strictEqual(status, 200)
      assert.strictEqual(world.seen[1]?.body.toString(), "first second")
      assert.deepStrictEqual(world.badSignatures, [])
    }),
  )

  it.live("begins to send before the caller has ended", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ payload: "unsigned" })
      const arrived = new Promise<void>((resolve) => {
        world.upstream.server.prependListener("request", (incoming) => incoming.once("data", () => resolve()))
      })
      const headers = { ...(yield* world.bearer()), "transfer-encoding": "chunked" }
      const status = yield* Effect.callback<number>((resume) => {
        const options = { host: "127.0.0.1", port: world.port, method: "PUT", path: "/aws", headers, agent: false }
        const request = httpRequest(options)
        request.on("response", (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode ?? 0))
        })
        request.write("the beginning")
        // Only when the upstream has the beginning does the end follow.
        arrived.then(() => request.end(" and the end"))
      })
      assert.strictEqual(status, 200)
      assert.strictEqual(world.seen[0]?.body.toString(), "the beginning and the end")
    }),
  )

  it.live("needs a caller who is let in, like every request", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ payload: "unsigned" })
      assert.strictEqual((yield* call(world.origin, { method: "PUT", path: "/aws", body: "x" })).status, 401)
      assert.deepStrictEqual(world.seen, [])
    }),
  )
})
