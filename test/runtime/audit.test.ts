/** The audit log, made of what the stages of a real pipeline tell the journal. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type AuditRecord, auditTrail } from "../../runtime/observability/audit.ts"
import { call } from "./proxy-world/call.ts"
import { READER, startWorld, type World } from "./proxy-world/index.ts"

const audited = ({ journal }: World): readonly AuditRecord[] => {
  const records: AuditRecord[] = []
  const trail = auditTrail((record) => records.push(record))
  for (const entry of journal) trail(entry)
  return records
}

describe("the audit log", () => {
  it.live("says of a request that was forwarded who it was, in which role and session, and what came of it", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const token = yield* world.token()
      const headers = { authorization: `Bearer ${token}` }
      const reply = yield* call(world.origin, { path: "/aws", headers })
      const [record, ...more] = audited(world)
      assert.deepStrictEqual(more, [])
      assert.isDefined(record)
      const { time, ms, reason, ...told } = record ?? ({} as AuditRecord)
      assert.deepStrictEqual(told, {
        request: String(reply.headers["x-request-id"]),
        event: "request",
        flow: "aws_mcp",
        decision: "allow",
        subject: "ada",
        role: READER,
        session: "ada@example.com",
        status: 200,
      })
      assert.match(time, /^\d{4}-\d\d-\d\dT/)
      assert.isAbove(ms, 0)
      assert.match(reason, /^200 application\/json/)
      assert.notInclude(JSON.stringify(record), token)
    }),
  )

  it.live("says of a request that was refused by which code, and who it was where that is known", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      yield* call(world.origin, { path: "/aws" })
      yield* call(world.origin, { path: "/aws", headers: yield* world.bearer({ groups: ["sales"] }) })
      yield* call(world.origin, { path: "/nowhere" })
      const told = audited(world).map(({ event, decision, subject, code, status }) => ({
        event,
        decision,
        subject,
        code,
        status,
      }))
      assert.deepStrictEqual(told, [
        { event: "request", decision: "deny", subject: undefined, code: "token-missing", status: 401 },
        { event: "request", decision: "deny", subject: "ada", code: "role-denied", status: 403 },
        { event: "receive", decision: "deny", subject: undefined, code: "flow-unknown", status: 404 },
      ])
    }),
  )

  it.live("has a second record for an answer that broke off after it had begun", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      world.answer((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" }).write("{")
        setTimeout(() => response.destroy(), 20)
      })
      const reply = yield* call(world.origin, { path: "/aws", headers: yield* world.bearer() })
      assert.isFalse(reply.complete)
      const told = audited(world).map(({ event, decision, request }) => ({ event, decision, request }))
      const request = String(reply.headers["x-request-id"])
      assert.deepStrictEqual(told, [
        { event: "request", decision: "allow", request },
        { event: "answer", decision: "error", request },
      ])
    }),
  )
})
