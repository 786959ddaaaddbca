/** The error table: complete by its type, and the same in the docs and on the wire. */
import { assert, describe, expect, it } from "@effect/vitest"
import { type Row, StsThrottled, TokenMissing, table, UpstreamTimeout } from "../../runtime/failure.ts"
import { problemOf } from "../../runtime/proxy/problem.ts"
import { errorsPage } from "./errors-page.ts"

describe("the error table", () => {
  it("is what docs/errors.md says", async () => {
    await expect(errorsPage(table)).toMatchFileSnapshot("../../docs/errors.md")
  })

  it("names each failure once, and challenges only where a login is the answer", () => {
    const rows = Object.values<Row>(table)
    assert.strictEqual(new Set(rows.map(({ code }) => code)).size, rows.length)
    for (const { status, challenge, cause, code, retry } of rows) {
      if (status === 401) assert.isDefined(challenge, code)
      if (challenge !== undefined) assert.oneOf(status, [400, 401, 403], code)
      if (cause === "outage") assert.isAtLeast(status, 500, code)
      if (retry) assert.isTrue(status >= 500 || status === 429, code)
    }
  })

  it("becomes problem details, with Retry-After where trying again can help", () => {
    const throttled = problemOf(new StsThrottled({ detail: "wait", retryAfter: 7, log: { role: "r" } }), "id-1")
    assert.strictEqual(throttled.status, 503)
    assert.deepInclude(throttled.headers, ["retry-after", "7"])
    assert.deepInclude(throttled.headers, ["content-type", "application/problem+json"])
    assert.deepStrictEqual(JSON.parse(throttled.body), {
      type: "urn:authflow:problem:sts-throttled",
      title: "AWS STS is throttling",
      status: 503,
      detail: "wait",
      instance: "urn:uuid:id-1",
    })
    const late = problemOf(new UpstreamTimeout({ detail: "late" }), "id-2", () => undefined)
    assert.notInclude(
      late.headers.map(([name]) => name),
      "retry-after",
    )
    const missing = problemOf(new TokenMissing({ detail: "none" }), "id-3", ({ _tag }) => `Bearer of ${_tag}`)
    assert.deepInclude(missing.headers, ["www-authenticate", "Bearer of TokenMissing"])
  })
})
