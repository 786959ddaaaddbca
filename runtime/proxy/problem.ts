/**
 * Turns a failure into the answer, by the one table: RFC 9457 problem details, the challenge of RFC 6750 where the row has
 * one, Retry-After where trying again can help.
 *
 * @module
 */
import type { ServerResponse } from "node:http"
import { type Failure, type Row, table } from "../failure.ts"
import { hasBody } from "./framing.ts"

/** The `WWW-Authenticate` value, where the failure's row has a challenge: see resource-server/challenge.ts. */
export type Challenge = (failure: Failure) => string | undefined

export interface Problem {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
}

/** Seconds a client is told to wait when the failure itself does not know. */
const RETRY_AFTER = 5

/** `id` is the request's, see journal.ts. Without a `challenge` (outside of any flow) none is written. */
export const problemOf = (failure: Failure, id: string, challenge?: Challenge): Problem => {
  const row: Row = table[failure._tag]
  const headers: Array<readonly [string, string]> = [
    ["content-type", "application/problem+json"],
    ["cache-control", "no-store"],
    ["x-request-id", id],
  ]
  const authenticate = challenge?.(failure)
  if (authenticate !== undefined) headers.push(["www-authenticate", authenticate])
  if (row.retry) headers.push(["retry-after", String("retryAfter" in failure ? failure.retryAfter : RETRY_AFTER)])
  if (failure._tag === "MethodRefused") headers.push(["allow", failure.allow.join(", ")])
  const body = JSON.stringify({
    type: `urn:authflow:problem:${row.code}`,
    title: row.title,
    status: row.status,
    detail: failure.detail,
    instance: `urn:uuid:${id}`,
  })
  return { status: row.status, headers, body }
}

/** Answers with the problem; an answer that has begun is broken off instead, so that it cannot pass for a whole one. */
export const sendProblem = (response: ServerResponse, problem: Problem): void => {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  // What is left of the request's body is not read, so the connection cannot carry another request.
  if (hasBody(response.req) && !response.req.complete) response.setHeader("connection", "close")
  response.writeHead(
    problem.status,
    [...problem.headers, ["content-length", String(Buffer.byteLength(problem.body))]].flat(),
  )
  response.end(problem.body)
}
