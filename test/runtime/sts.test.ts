/** The STS stage against an STS that fails in every way it has. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, problem } from "./proxy-world/call.ts"
import { startWorld, type World } from "./proxy-world/index.ts"
import type { StsAnswer } from "./proxy-world/sts.ts"

const ask = (world: World, claims?: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    return yield* call(world.origin, { path: "/aws", headers: yield* world.bearer(claims) })
  })

const error = (status: number, code: string): StsAnswer => ({ _tag: "Error", status, code })

describe("an error of STS", () => {
  const rows: ReadonlyArray<
    readonly [what: string, answer: StsAnswer, status: number, code: string, attempts: number]
  > = [
    ["AccessDenied: the trust policy refuses", error(403, "AccessDenied"), 403, "sts-access-denied", 1],
    ["ExpiredTokenException: a login cures it", error(400, "ExpiredTokenException"), 401, "sts-token-rejected", 1],
    ["IDPRejectedClaim: a login cures it", error(403, "IDPRejectedClaim"), 401, "sts-token-rejected", 1],
    ["InvalidIdentityToken: no login cures it", error(400, "InvalidIdentityToken"), 502, "sts-misconfigured", 1],
    ["ValidationError", error(400, "ValidationError"), 502, "sts-misconfigured", 1],
    ["MalformedPolicyDocument", error(400, "MalformedPolicyDocument"), 502, "sts-misconfigured", 1],
    ["PackedPolicyTooLarge", error(400, "PackedPolicyTooLarge"), 502, "sts-misconfigured", 1],
    ["RegionDisabledException", error(403, "RegionDisabledException"), 502, "sts-misconfigured", 1],
    ["an error nobody knows", error(400, "SomethingNew"), 502, "sts-misconfigured", 1],
    ["Throttling", error(400, "Throttling"), 503, "sts-throttled", 3],
    ["status 429", error(429, "TooManyRequestsException"), 503, "sts-throttled", 3],
    ["IDPCommunicationError", error(400, "IDPCommunicationError"), 503, "sts-unavailable", 3],
    ["status 500", error(500, "InternalFailure"), 503, "sts-unavailable", 3],
    ["status 503", { _tag: "Raw", status: 503, body: "<html>busy</html>" }, 503, "sts-unavailable", 3],
    ["no answer", { _tag: "Silence" }, 503, "sts-unavailable", 3],
    ["a reset", { _tag: "Reset" }, 503, "sts-unavailable", 3],
    ["garbage", { _tag: "Raw", status: 200, body: "<html>no" }, 503, "sts-unavailable", 1],
    ["an empty answer", { _tag: "Raw", status: 200, body: "" }, 503, "sts-unavailable", 1],
    ["credentials that have expired", { _tag: "Credentials", expiresIn: -10 }, 503, "sts-unavailable", 1],
  ]
  for (const [what, answer, status, code, attempts] of rows) {
    it.live(`${what} -> ${status} ${code}`, () =>
      Effect.gen(function* () {
        const world = yield* startWorld(answer._tag === "Silence" ? { stsAttempt: 300 } : {})
        world.sts.behave(() => answer)
        const reply = yield* ask(world)
        assert.deepStrictEqual([reply.status, problem(reply).code], [status, code])
        // An outage or a misconfiguration must not send a person to log in; a refused login must.
        assert.strictEqual(reply.headers["www-authenticate"] !== undefined, status === 401)
        assert.strictEqual(reply.headers["retry-after"] !== undefined, status === 503)
        assert.strictEqual(world.sts.calls.length, attempts)
        assert.strictEqual(world.seen.length, 0)
        // AWS's own words stay out of the answer and out of the journal.
        assert.notInclude(reply.body + JSON.stringify(world.journal), "told by STS")
        assert.notInclude(
          JSON.stringify(world.journal) + reply.body,
          world.sts.calls[0]?.form.get("WebIdentityToken") ?? "no token was sent",
        )
        const entry = world.journal.at(-1)
        assert.strictEqual(entry?.stage, "exchange aws.sts")
        assert.strictEqual(entry?.outcome, status < 500 ? "refused" : "failed")
      }),
    )
  }

  it.live("that passes is retried, and the caller sees nothing of it", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.sts.behave(() => (world.sts.calls.length === 1 ? error(500, "InternalFailure") : { _tag: "Credentials" }))
      assert.strictEqual((yield* ask(world)).status, 200)
      assert.strictEqual(world.sts.calls.length, 2)
    }),
  )

  it.live("is told as what it was when time runs out between attempts, and as an outage when none was answered", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ stsTotal: 100 })
      world.sts.behave(() => error(400, "Throttling"))
      // The pause after throttling is longer than the time. Asked until one answer came within it, on a slow machine too.
      while (problem(yield* ask(world)).code !== "sts-throttled") assert.isBelow(world.sts.calls.length, 100)
      world.sts.behave(() => ({ _tag: "Silence" }))
      assert.strictEqual(problem(yield* ask(world)).code, "sts-unavailable")
    }),
  )

  it.live("that is a refusal is remembered for a moment; an outage is asked about again", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const headers = yield* world.bearer()
      world.sts.behave(() => error(403, "AccessDenied"))
      yield* call(world.origin, { path: "/aws", headers })
      yield* call(world.origin, { path: "/aws", headers })
      assert.strictEqual(world.sts.calls.length, 1)
      const other = yield* world.bearer({ sub: "bob", email: "bob@example.com" })
      world.sts.behave(() => ({ _tag: "Raw", status: 200, body: "" }))
      yield* call(world.origin, { path: "/aws", headers: other })
      yield* call(world.origin, { path: "/aws", headers: other })
      assert.strictEqual(world.sts.calls.length, 3)
    }),
  )
})

describe("credentials", () => {
  it.live("are not kept past the token they came from", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const claims = { sub: "ada", email: "ada@example.com", groups: ["readers"] }
      for (let at = 0; at < 3; at++) {
        // Each token is another source, even of the same person.
        const token = yield* world.issuer.token(claims, world.resource, 600)
        const headers = { authorization: `Bearer ${token}` }
        assert.strictEqual((yield* call(world.origin, { path: "/aws", headers })).status, 200)
        assert.strictEqual((yield* call(world.origin, { path: "/aws", headers })).status, 200)
      }
      assert.strictEqual(world.sts.calls.length, 3)
    }),
  )
})

describe("the session's name", () => {
  it.live("is refused when the claim breaks STS's bounds or is absent", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      for (const email of [
        "x",
        "a b@example.com",
        "é@example.com",
        `${"a".repeat(60)}@example.com`,
        "",
        undefined,
        7,
        ["a"],
      ]) {
        const reply = yield* ask(world, { email })
        assert.deepStrictEqual([reply.status, problem(reply).code], [403, "session-name-invalid"], String(email))
      }
      assert.strictEqual(world.sts.calls.length, 0)
    }),
  )

  it.live("is made valid and stays one person's own when the plan says sanitize", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ session: { onInvalid: "sanitize" } })
      const long = "a".repeat(64)
      const emails = ["ada@example.com", "x", "a b", "a:b", "a-b", `${long}1`, `${long}2`, "é"]
      for (const email of emails) assert.strictEqual((yield* ask(world, { sub: email, email })).status, 200)
      const names = world.sts.calls.map(({ form }) => form.get("RoleSessionName") ?? "")
      assert.strictEqual(names[0], "ada@example.com")
      assert.strictEqual(new Set(names).size, emails.length)
      for (const name of names) assert.match(name, /^[\w+=,.@-]{2,64}$/)
      // A name that looks like a sanitized one is not taken as it is: nobody can pose as another.
      const forged = names[2] ?? ""
      assert.strictEqual((yield* ask(world, { sub: "mallory", email: forged })).status, 200)
      assert.notInclude(names, world.sts.calls.at(-1)?.form.get("RoleSessionName"))
      // And the same person has the same name again: MCP sessions hang on it.
      assert.strictEqual((yield* ask(world, { sub: "a b", email: "a b" })).status, 200)
      assert.strictEqual(world.sts.calls.at(-1)?.form.get("RoleSessionName"), forged)
    }),
  )
})
