/** From a caller's socket to a verifying upstream's and back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, problem } from "./proxy-world/call.ts"
import { ADMIN, READER, startWorld } from "./proxy-world/index.ts"

describe("a request through all stages", () => {
  it.live("reaches the upstream signed, under the role of the caller's group, and its answer comes back", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })
      const headers = {
        ...(yield* world.bearer({ groups: ["admins"] })),
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
        "mcp-session-id": "session-1",
      }
      const reply = yield* call(world.origin, { method: "POST", path: "/aws/a%2Fb/c?x=1&y=%20z&x=0", headers, body })
      assert.deepStrictEqual(world.badSignatures, [])
      assert.strictEqual(reply.status, 200)
      assert.strictEqual(reply.body, '{"ok":true}')
      const [seen] = world.seen
      assert.strictEqual(seen?.target, "/mcp/a%2Fb/c?x=1&y=%20z&x=0")
      assert.strictEqual(seen?.body.toString(), body)
      const sent = seen?.rawHeaders.filter((_, at) => at % 2 === 0)
      assert.includeMembers(sent ?? [], ["mcp-protocol-version", "mcp-session-id", "accept", "content-type"])
      const [asked] = world.sts.calls
      assert.strictEqual(asked?.form.get("RoleArn"), ADMIN)
      assert.strictEqual(asked?.form.get("RoleSessionName"), "ada@example.com")
      assert.isUndefined(asked?.authorization)
      assert.deepStrictEqual(
        world.journal.map(({ stage, outcome }) => `${stage} ${outcome}`),
        ["identify corp ok", "exchange aws.sts ok", "sign aws.sigv4 ok", "forward ok"],
      )
      assert.strictEqual(new Set(world.journal.map(({ request }) => request)).size, 1)
      assert.strictEqual(reply.headers["x-request-id"], world.journal[0]?.request)
    }),
  )

  it.live("asks STS once for many requests of one person, and again for another person", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const ada = yield* world.bearer()
      const bob = yield* world.bearer({ sub: "bob", email: "bob@example.com" })
      yield* Effect.all(
        Array.from({ length: 50 }, (_, at) => call(world.origin, { path: "/aws", headers: at % 2 === 0 ? ada : bob })),
        { concurrency: "unbounded" },
      )
      assert.deepStrictEqual(world.badSignatures, [])
      assert.strictEqual(world.seen.length, 50)
      assert.deepStrictEqual(world.sts.calls.map(({ form }) => form.get("RoleSessionName")).sort(), [
        "ada@example.com",
        "bob@example.com",
      ])
      assert.isTrue(world.sts.calls.every(({ form }) => form.get("RoleArn") === READER))
    }),
  )

  it.live("a caller without a role is refused with the reason, and nothing leaves", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const reply = yield* call(world.origin, { path: "/aws", headers: yield* world.bearer({ groups: [] }) })
      assert.strictEqual(reply.status, 403)
      assert.deepStrictEqual(problem(reply), { code: "role-denied", detail: "no group of yours has a role here" })
      assert.strictEqual(world.sts.calls.length, 0)
      assert.strictEqual(world.seen.length, 0)
    }),
  )
})
