/**
 * One request, from the parsed head to the last byte of the answer.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Cause, Clock, Effect, Option, Result } from "effect"
import { Headers, HttpTraceContext } from "effect/http"
import { Draining, type Failure, FlowUnknown, HostUnknown, PipelineBroken, RequestRefused } from "../failure.ts"
import { type Entry, harmless, Journal } from "../journal.ts"
import { Traced } from "../observability/traced.ts"
import { accountOfFailure, type Pipeline } from "../pipeline/pipeline.ts"
import type { Exchange } from "../pipeline/stage.ts"
import { respondMetadata } from "../resource-server/metadata.ts"
import { bodyOf, streamOf } from "./body.ts"
import { refusedFraming } from "./framing.ts"
import { requestHeaders } from "./headers.ts"
import { type Challenge, problemOf, sendProblem } from "./problem.ts"
import { isEndless, type Relay, type Relayed, relay } from "./relay.ts"
import { join, parseTarget, type RequestTarget } from "./request-target.ts"
import type { Route, ServedFlow, Sites } from "./sites.ts"

/** What the handler shares with drain. */
export interface Gate {
  draining: boolean
  /** Answers that are being passed on. */
  readonly relays: Set<Relay>
}

/** Answers one request. Never fails: whatever happens is answered or broken off. Interrupted when the caller leaves. */
export const handle = Effect.fnUntraced(answer, (answering, _sites, _gate, _request, response) =>
  Effect.catchDefect(answering, () =>
    Effect.sync(() => sendProblem(response, problemOf(new PipelineBroken({ detail: "internal error" }), randomUUID()))),
  ),
)

function* answer(sites: Sites, gate: Gate, request: IncomingMessage, response: ServerResponse): Effect.fn.Return<void> {
  const id = randomUUID()
  const journal = yield* writer(id)
  // A connection that breaks is seen by `close`; without a listener its error would end the process.
  response.on("error", () => {})
  const refuse = (failure: Failure) => {
    journal({ flow: "proxy", stage: "receive", ...accountOfFailure(failure) })
    sendProblem(response, problemOf(failure, id))
  }

  const target = parseTarget(request.url ?? "")
  if (Result.isFailure(target)) return refuse(target.failure)
  const { path } = target.success
  const host = hostOf(request, target.success)
  const site = host === undefined ? undefined : sites.find(host, path)
  const route = site?.route
  if (route === undefined && health(path, gate, response)) return
  const framing = refusedFraming(request)
  if (framing !== undefined) return refuse(framing)
  if (gate.draining) return refuse(new Draining({ detail: "this instance is shutting down" }))
  if (host === undefined)
    return refuse(new RequestRefused({ detail: "the request target and Host name different hosts" }))
  if (site === undefined) {
    return refuse(new HostUnknown({ detail: `the host ${printable(host)} is none of ${sites.hosts.join(", ")}` }))
  }
  if (route === undefined) return refuse(new FlowUnknown({ detail: "no flow or server has this path" }))
  yield* dispatch(route, target.success, id, journal, gate, request, response)
}

type Write = (entry: Omit<Entry, "time" | "request" | "ms">) => void

const writer = (id: string): Effect.Effect<Write> =>
  Effect.gen(function* () {
    const journal = yield* Journal
    const clock = yield* Clock.Clock
    const from = clock.monotonicTimeNanosUnsafe()
    return (entry) =>
      journal.write({
        ...entry,
        ...harmless({ summary: entry.summary, detail: entry.detail }),
        time: new Date(clock.currentTimeMillisUnsafe()).toISOString(),
        request: id,
        ms: Number(clock.monotonicTimeNanosUnsafe() - from) / 1e6,
      })
  })

const dispatch = (
  route: Route,
  target: RequestTarget,
  id: string,
  journal: Write,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Effect.Effect<void> => {
  switch (route._tag) {
    case "Server":
      return Effect.callback((resume) => {
        response.once("close", () => resume(Effect.void))
        route.server.handle(request, response)
        return Effect.sync(() => response.destroy())
      })
    case "Metadata":
      return Effect.sync(() => respondMetadata(request.method, response, route.metadata))
    case "Flow":
      return runFlow(route.flow, route.suffix, target, id, journal, gate, request, response)
  }
}

const runFlow = (
  flow: ServedFlow,
  suffix: string,
  { query }: RequestTarget,
  id: string,
  journal: Write,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Effect.Effect<void> => {
  const { pipeline, upstream } = flow
  const page = flow.crossOrigin.admit(request, response)
  if (page === "answered") return Effect.void
  if (page !== undefined) {
    journal({ flow: pipeline.flow, stage: "receive", ...accountOfFailure(page) })
    return Effect.sync(() => sendProblem(response, problemOf(page, id)))
  }
  const { headers, dropped } = requestHeaders(request.rawHeaders, upstream.host, flow.keyHeader)
  if (dropped.length > 0) {
    const names = dropped.map(printable).join(", ")
    const summary = `dropped ${names}, which only the signing stage may send`
    journal({ flow: pipeline.flow, stage: "receive", outcome: "ok", summary, detail: { dropped: names } })
  }
  const exchange: Exchange = {
    id,
    incoming: request,
    outbound: {
      method: request.method ?? "GET",
      origin: upstream.origin,
      target: join(upstream, suffix, query),
      headers,
    },
    body: bodyOf(request, response),
    stream: streamOf(request, response),
  }
  let endless = false
  const relayed = Effect.flatMap(pipeline.run(exchange), (answer) => {
    endless = isEndless(answer, response)
    return relay(answer, response, id, gate.relays)
  })
  return Effect.matchCauseEffect(traced(relayed, pipeline.flow, id, request), {
    onSuccess: ({ end, bytes }) => Effect.sync(() => journalEnd(journal, pipeline, end, bytes)),
    onFailure: (cause) => Effect.sync(() => answerCause(cause, id, flow.challenge, response)),
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        if (response.headersSent) journalLeft(journal, pipeline, gate.draining, endless)
        sendProblem(response, problemOf(new Draining({ detail: "this instance is shutting down" }), id))
      }),
    ),
  )
}

/** The request's span, a child of the caller's where it names one (W3C Trace Context). */
const traced = <A, E>(work: Effect.Effect<A, E>, flow: string, id: string, request: IncomingMessage) =>
  Effect.flatMap(Traced, (looked) => {
    if (!looked) return work
    const parent = HttpTraceContext.w3c(Headers.fromInput({ traceparent: request.headers["traceparent"] }))
    return Effect.withSpan(work, "request", {
      attributes: { "authflow.flow": flow, "authflow.request": id },
      kind: "server",
      ...(Option.isSome(parent) && { parent: parent.value }),
    })
  })

/** An answer that came whole has its entry already, of when its headers came. */
const journalEnd = (journal: Write, { flow, sender: stage }: Pipeline, end: Relayed["end"], bytes: number): void => {
  const detail = { bytes }
  if (end === "ended by drain") {
    const summary = `the stream was ended after ${bytes} bytes, shutting down`
    journal({ flow, stage, outcome: "ok", summary, detail })
  }
  if (end === "upstream broke off") {
    const summary = `the upstream broke off after ${bytes} bytes; the caller's connection was closed`
    journal({ flow, stage, outcome: "failed", summary, detail })
  }
}

/** Before the answer has begun, the stage that was interrupted says so itself. */
const journalLeft = (journal: Write, { flow, sender: stage }: Pipeline, draining: boolean, endless: boolean): void => {
  if (draining)
    journal({ flow, stage, outcome: "failed", summary: "broken off: the time to drain is over", detail: {} })
  else if (endless) journal({ flow, stage, outcome: "ok", summary: "the caller left the stream of events", detail: {} })
  else journal({ flow, stage, outcome: "refused", summary: "the caller left before the end of the answer", detail: {} })
}

const answerCause = (cause: Cause.Cause<Failure>, id: string, challenge: Challenge, response: ServerResponse): void => {
  const failure = cause.reasons.find(Cause.isFailReason)?.error ?? new PipelineBroken({ detail: "internal error" })
  sendProblem(response, problemOf(failure, id, challenge))
}

/** The host that is meant, or `undefined` when an absolute target and Host disagree. */
const hostOf = (request: IncomingMessage, target: RequestTarget): string | undefined => {
  const host = (request.headers.host ?? "").toLowerCase()
  return target.authority === undefined || target.authority === host ? host : undefined
}

/** Probes come under any host: an orchestrator calls the address, not the name. */
const health = (path: string, gate: Gate, response: ServerResponse): boolean => {
  if (path !== "/healthz" && path !== "/readyz") return false
  const ready = path === "/healthz" || !gate.draining
  response.writeHead(ready ? 200 : 503, { "content-type": "text/plain", "cache-control": "no-store" })
  response.end(ready ? "ok\n" : "draining\n")
  return true
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)
