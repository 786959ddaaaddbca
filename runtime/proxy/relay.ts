/**
 * Passes the upstream's answer to the caller as it comes: no buffering beyond the sockets', back-pressure kept, and an
 * answer that breaks off is seen to break off.
 *
 * @module
 */
import type { ServerResponse } from "node:http"
import { Effect } from "effect"
import type { Answer } from "../pipeline/stage.ts"

/** How an answer ended. `bytes` of body were handed to the caller's connection. */
export interface Relayed {
  readonly end: "complete" | "upstream broke off" | "ended by drain"
  readonly bytes: number
}

/** An answer that is being passed on, for drain. */
export interface Relay {
  /** Server-sent events: the format makes a cut harmless, so such an answer can be ended cleanly at any time. */
  readonly events: boolean
  /** See isEndless. */
  readonly endless: boolean
  /** Ends the answer cleanly; only for events. */
  readonly finish: () => void
}

const isEvents = (answer: Answer): boolean =>
  answer.headers.some(([name, value]) => name === "content-type" && /^\s*text\/event-stream\s*(;|$)/i.test(value))

/** A stream of events that answers a GET: it ends when the caller has had enough. */
export const isEndless = (answer: Answer, response: ServerResponse): boolean =>
  isEvents(answer) && response.req.method === "GET"

/** Interruption (the caller left, or drain's time is over) destroys both sides. `open` holds the relays in progress. */
export const relay = (answer: Answer, response: ServerResponse, id: string, open: Set<Relay>): Effect.Effect<Relayed> =>
  Effect.callback<Relayed>((resume) => {
    const { body } = answer
    let bytes = 0
    let finishing = false
    const self: Relay = {
      events: isEvents(answer),
      endless: isEndless(answer, response),
      finish: () => {
        finishing = true
        body.destroy()
      },
    }
    const settle = (end: Relayed["end"]) => {
      if (!open.delete(self)) return
      if (end === "upstream broke off") response.destroy()
      else response.end()
      resume(Effect.succeed({ end, bytes }))
    }
    open.add(self)
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.length
      if (!response.write(chunk)) body.pause()
    })
    response.on("drain", () => body.resume())
    body.on("end", () => settle("complete"))
    body.on("error", () => settle(finishing ? "ended by drain" : "upstream broke off"))
    body.on("close", () => settle(finishing ? "ended by drain" : "upstream broke off"))
    try {
      response.writeHead(answer.status, [...answer.headers, ["x-request-id", id]].flat())
      // What comes may be long in coming; the caller has to know now that the answer has begun. A body that is there already
      // goes out with them.
      if (self.events) response.flushHeaders()
      else
        setImmediate(() => {
          if (bytes === 0 && open.has(self)) response.flushHeaders()
        })
    } catch {
      // The upstream sent a header that may not be sent on (Node refuses control characters).
      body.destroy()
    }
    return Effect.sync(() => {
      open.delete(self)
      body.destroy()
      response.destroy()
    })
  })
