/**
 * `forward`: sends the request with the credential it was given, a signed one as it is, and hands back the answer as soon as
 * its headers are there.
 *
 * @module
 */
import { validateHeaderValue } from "node:http"
import { Readable } from "node:stream"
import { Effect } from "effect"
import { type Dispatcher, Pool } from "undici"
import {
  type Failure,
  UpstreamBroken,
  UpstreamRedirected,
  UpstreamRefused,
  UpstreamTimeout,
  UpstreamUnavailable,
} from "../failure.ts"
import type { Presentable } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Answer, Sender } from "../pipeline/stage.ts"
import { answerHeaders, type HeaderList } from "../proxy/headers.ts"
import { type LeavingRequest, present } from "../proxy/present.ts"

export const forward: MakeStage<"forward"> = Effect.fn("Forward.make")(function* (spec) {
  const { origin, host } = new URL(spec.url)
  const pool = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new Pool(origin, {
          // HTTP/1.1 only: the bytes that were signed are the bytes on the wire.
          allowH2: false,
          // Ours, below: it also covers the wait for a connection.
          headersTimeout: 0,
          // A stream of events may be silent for as long as it likes.
          bodyTimeout: 0,
          connectTimeout: spec.timeout * 1000,
          keepAliveTimeout: 4_000,
        }),
    ),
    (pool) => Effect.promise(() => pool.destroy()),
  )
  const sender: Sender<Presentable["_tag"]> = {
    label: "forward",
    consumes: ["SignedRequest", "Token", "Headers", "Unauthenticated"],
    produces: "Answer",
    run: Effect.fnUntraced(function* (exchange, credential) {
      const leaving = present(exchange, credential)
      const received = yield* send(pool, leaving, spec.timeout)
      const answer = yield* accept(received, host)
      const type = received.headers.find(([name]) => name === "content-type")?.[1].split(";", 1)[0] ?? "no body"
      return {
        answer,
        account: {
          summary: `${answer.status} ${type} from ${host}`,
          detail: { method: leaving.method, status: answer.status, type, host },
        },
      }
    }),
  }
  return sender
})

/** Fails with UpstreamTimeout when no headers came within `timeout` seconds, the wait for a connection among them. */
const send = (pool: Pool, leaving: LeavingRequest, timeout: number): Effect.Effect<Answer, Failure> =>
  Effect.callback((resume) => {
    let controller: Dispatcher.DispatchController | undefined
    let body: Readable | undefined
    let over = false
    const giveUp = (failure: Failure) => {
      over = true
      resume(Effect.fail(failure))
      controller?.abort(new Error("given up"))
    }
    const timer = setTimeout(
      () => giveUp(new UpstreamTimeout({ detail: `the upstream did not answer within ${timeout} seconds` })),
      timeout * 1000,
    )
    pool.dispatch(
      {
        method: leaving.method as Dispatcher.HttpMethod,
        path: leaving.target,
        headers: leaving.headers.flat(),
        body: leaving.body,
      },
      {
        onRequestStart: (given) => {
          controller = given
          if (over) given.abort(new Error("given up"))
        },
        onResponseStart: (given, status, headers) => {
          // Answers that only announce another one (RFC 9110 section 15.2).
          if (status < 200) return
          clearTimeout(timer)
          body = new Readable({
            read: () => given.resume(),
            destroy: (error, done) => {
              // After the end there is nothing left to abort, and the connection is good for another request.
              if (!over) given.abort(error ?? new Error("given up"))
              done(error)
            },
          })
          // An answer that nobody reads any more may still break off; whoever reads it has a listener of their own.
          body.on("error", () => {})
          resume(Effect.succeed({ status, headers: listed(headers), body }))
        },
        onResponseData: (given, chunk) => {
          if (body?.push(chunk) === false) given.pause()
        },
        onResponseEnd: () => {
          over = true
          body?.push(null)
        },
        onResponseError: (_given, error) => {
          clearTimeout(timer)
          over = true
          if (body === undefined) resume(Effect.fail(failureOf(error)))
          else body.destroy(error)
        },
      },
    )
    return Effect.sync(() => {
      clearTimeout(timer)
      over = true
      controller?.abort(new Error("given up"))
    })
  })

/** Refusals and redirects are not answers that a caller may see: see their rows in the error table. */
const accept = (received: Answer, host: string): Effect.Effect<Answer, Failure> => {
  const { status, body } = received
  const drop = (failure: Failure) => {
    // Its errors no longer concern anyone.
    body.on("error", () => {}).destroy()
    return Effect.fail(failure)
  }
  if (status === 401 || status === 407) {
    return drop(new UpstreamRefused({ detail: `the upstream answered ${status} to our credentials`, log: { host } }))
  }
  if (status >= 300 && status < 400 && status !== 304) {
    return drop(new UpstreamRedirected({ detail: `the upstream answered ${status}, a redirect`, log: { host } }))
  }
  const headers = answerHeaders(received.headers)
  try {
    for (const [name, value] of headers) validateHeaderValue(name, value)
  } catch {
    return drop(new UpstreamBroken({ detail: "the upstream's headers hold characters that may not be passed on" }))
  }
  return Effect.succeed({ status, headers, body })
}

const listed = (headers: Readonly<Record<string, string | string[] | undefined>>): HeaderList =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((line) => [name.toLowerCase(), line] as const),
  )

/** Errors of a connection that never came about: the request has not been sent. */
const unreached = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
])

const failureOf = (cause: unknown): Failure => {
  const code = codeOf(cause)
  if (unreached.has(code) || /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) {
    return new UpstreamUnavailable({ detail: `the upstream cannot be reached (${code})` })
  }
  return new UpstreamBroken({ detail: `the upstream broke off before it answered (${code})` })
}

/** The system's or undici's code, of the first of several attempts. Messages are not passed on. */
const codeOf = (cause: unknown): string => {
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0])
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code
  return cause instanceof Error && cause.cause !== undefined ? codeOf(cause.cause) : "unknown"
}
