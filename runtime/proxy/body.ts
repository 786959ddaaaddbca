/**
 * A request's body: read into memory, at most so many bytes of it, or passed on as it comes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { PassThrough } from "node:stream"
import { Effect } from "effect"
import { BodyTooLarge, type Failure, RequestRefused } from "../failure.ts"
import { Payload } from "../pipeline/payload.ts"
import type { Exchange } from "../pipeline/stage.ts"
import { hasBody } from "./framing.ts"

/** The reader of one request. The first read takes the bytes off the wire, the others are given the same payload. */
export const bodyOf = (request: IncomingMessage, response: ServerResponse): Exchange["body"] => {
  let read: Payload | undefined
  return (limit) =>
    Effect.suspend(() => {
      if (!hasBody(request)) return Effect.succeed(undefined)
      if (read !== undefined) return read.length <= limit ? Effect.succeed(read) : Effect.fail(tooLarge(limit))
      if (Number(request.headers["content-length"] ?? "0") > limit) return Effect.fail(tooLarge(limit))
      // Only now, with the caller known and the size in bounds, is a client that asked whether to send told to go on.
      if (request.headers.expect !== undefined) response.writeContinue()
      return Effect.tap(take(request, limit), (payload) => {
        read = payload
        return Effect.void
      })
    })
}

/** The body of a request that is not signed, for undici. A reader that gives up does not end the caller's connection. */
export const streamOf = (request: IncomingMessage, response: ServerResponse): Exchange["stream"] => {
  return () => {
    if (!hasBody(request)) return undefined
    if (request.headers.expect !== undefined) response.writeContinue()
    const bytes = new PassThrough()
    // `close` without `end` is a body that broke off, which must not pass for a whole one.
    request.once("close", () => {
      if (!request.readableEnded) bytes.destroy(new Error("the request body broke off"))
    })
    // What undici tells of it is enough; without a listener the error would end the process.
    bytes.on("error", () => {})
    request.pipe(bytes)
    const stated = request.headers["content-length"]
    return { bytes, length: stated === undefined ? undefined : Number(stated) }
  }
}

const take = (request: IncomingMessage, limit: number): Effect.Effect<Payload, Failure> =>
  Effect.callback((resume) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        stop()
        request.pause()
        resume(Effect.fail(tooLarge(limit)))
      } else chunks.push(chunk)
    }
    const onEnd = () => {
      stop()
      resume(Effect.succeed(new Payload(Buffer.concat(chunks, size))))
    }
    const onBroken = () => {
      stop()
      resume(Effect.fail(new RequestRefused({ detail: "the request body broke off" })))
    }
    const stop = () => {
      request.off("data", onData).off("end", onEnd).off("close", onBroken).off("error", onBroken)
      // A later error of the connection is nobody's business any more, but must have a listener.
      request.on("error", () => {})
    }
    request.on("data", onData).on("end", onEnd).on("close", onBroken).on("error", onBroken)
    return Effect.sync(stop)
  })

const tooLarge = (limit: number) =>
  new BodyTooLarge({ detail: `the request body is over the limit of ${limit} bytes`, limit })
