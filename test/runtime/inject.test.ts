/** What the upstream is shown without an exchange, as it arrives there, and what never does. */
import { randomBytes } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Stage } from "../../runtime/plan.ts"
import { call, problem } from "./proxy-world/call.ts"
import { startWorld, type World, type WorldOptions } from "./proxy-world/index.ts"

const key = { name: "vendor", key: "api-key" }
const secrets = { AUTHFLOW_SECRET_VENDOR_API_KEY: "k3y-of-the-vendor" }
const header: Stage = { kind: "inject.header", name: "X-Api-Key", value: key }
const bearer: Stage = { kind: "inject.bearer", token: key }
const token = (passthrough: boolean): Stage => ({
  kind: "inject.token",
  token: { issuer: "corp", kind: "access_token" },
  passthrough,
})

const world = (middle: Stage, options: WorldOptions = {}) => startWorld({ middle: [middle], secrets, ...options })

const values = ({ seen }: World, name: string): readonly string[] => {
  const { rawHeaders = [] } = seen.at(-1) ?? {}
  return rawHeaders.flatMap((each, at) =>
    at % 2 === 0 && each.toLowerCase() === name ? [rawHeaders[at + 1] ?? ""] : [],
  )
}

describe("a header from a secret", () => {
  it.live("is there once, whatever the caller sent in it, and the caller's own token is not", () =>
    Effect.gen(function* () {
      const here = yield* world(header)
      const headers = { ...(yield* here.bearer()), "x-api-key": "guessed", cookie: "a=b", "x-kept": "yes" }
      assert.strictEqual((yield* call(here.origin, { path: "/aws", headers })).status, 200)
      assert.deepStrictEqual(values(here, "x-api-key"), ["k3y-of-the-vendor"])
      assert.deepStrictEqual(values(here, "x-kept"), ["yes"])
      assert.deepStrictEqual([values(here, "authorization"), values(here, "cookie")], [[], []])
      assert.notInclude(JSON.stringify(here.journal), "k3y-of-the-vendor")
    }),
  )

  it.live("goes with nobody who is not let in", () =>
    Effect.gen(function* () {
      const here = yield* world(header)
      assert.strictEqual((yield* call(here.origin, { path: "/aws" })).status, 401)
      assert.strictEqual(here.seen.length, 0)
    }),
  )

  it.live("passes a body on as it is, of a length that is said or not", () =>
    Effect.gen(function* () {
      const here = yield* world(header)
      const body = randomBytes(3 * 1024 * 1024)
      const headers = yield* here.bearer()
      for (const length of [{ "content-length": String(body.length) }, { "transfer-encoding": "chunked" }]) {
        const sent = { method: "POST", path: "/aws", headers: { ...headers, ...length }, body }
        assert.strictEqual((yield* call(here.origin, sent)).status, 200)
        assert.isTrue(here.seen.at(-1)?.body.equals(body))
      }
      assert.deepStrictEqual(values(here, "content-length"), [])
    }),
  )

  it.live("that the upstream does not take is our failure, not a login's", () =>
    Effect.gen(function* () {
      const here = yield* world(header)
      here.answer((_request, response) => response.writeHead(401).end())
      const reply = yield* call(here.origin, { path: "/aws", headers: yield* here.bearer() })
      assert.deepStrictEqual([reply.status, problem(reply).code], [502, "upstream-refused"])
    }),
  )
})

describe("other ways", () => {
  it.live("a bearer token from a secret", () =>
    Effect.gen(function* () {
      const here = yield* world(bearer)
      yield* call(here.origin, { path: "/aws", headers: yield* here.bearer() })
      assert.deepStrictEqual(values(here, "authorization"), ["Bearer k3y-of-the-vendor"])
    }),
  )

  it.live("the caller's own token, where the plan asks for it by name", () =>
    Effect.gen(function* () {
      const here = yield* world(token(true))
      const headers = yield* here.bearer()
      yield* call(here.origin, { path: "/aws", headers })
      assert.deepStrictEqual(values(here, "authorization"), [headers.authorization])
    }),
  )

  it.live("nothing", () =>
    Effect.gen(function* () {
      const here = yield* world({ kind: "inject.none" })
      assert.strictEqual((yield* call(here.origin, { path: "/aws", headers: yield* here.bearer() })).status, 200)
      assert.deepStrictEqual(values(here, "authorization"), [])
    }),
  )
})

describe("a plan is not started", () => {
  const refused = (middle: Stage, options: WorldOptions = {}) =>
    Effect.map(Effect.flip(world(middle, options)), (failure) => failure.message)

  it.live("that would pass the caller's token on without saying so", () =>
    Effect.gen(function* () {
      assert.include(yield* refused(token(false)), "the caller's own token would reach the upstream")
    }),
  )

  it.live("whose secret is missing, or could not be sent; none is shown", () =>
    Effect.gen(function* () {
      assert.include(yield* refused(header, { secrets: {} }), "vendor/api-key")
      for (const stage of [header, bearer]) {
        const message = yield* refused(stage, { secrets: { AUTHFLOW_SECRET_VENDOR_API_KEY: "two\r\nlines" } })
        assert.include(message, "flows[0].stages[1]")
        assert.notInclude(message, "lines")
      }
    }),
  )
})
