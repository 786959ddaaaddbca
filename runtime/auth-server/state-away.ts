/**
 * What is answered while the store is out: never a refusal, always 503 with Retry-After.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect } from "effect"
import { errors } from "oidc-provider"
import { StateUnavailable } from "../failure.ts"
import type { Events } from "./events.ts"
import { pageHeaders, troublePage } from "./pages.ts"
import { StoreUnavailable } from "./store.ts"

/** Seconds that clients are told to wait. */
export const RETRY_AFTER = 5

/** The store is out, in the engine's words. At the authorization endpoint it travels in the redirect (RFC 6749 section 4.1.2.1). */
export class StateAway extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    super(503, "temporarily_unavailable", { cause })
    this.error_description = "this server cannot look anything up at the moment"
    // What the engine does not let out it answers with 500.
    this.expose = true
  }
}

/** Awaits what uses the store, for the engine to answer when that is out. */
export const orStateAway = <A>(run: Promise<A>): Promise<A> =>
  run.catch((cause: unknown) => {
    throw cause instanceof StoreUnavailable ? new StateAway(cause) : cause
  })

/** The store rejects where nothing else can go wrong: to who asks for more than what it keeps, that is a failure like others. */
export const orStateUnavailable = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | StateUnavailable> =>
  Effect.catchDefect(effect, (defect) =>
    defect instanceof StoreUnavailable
      ? Effect.fail(new StateUnavailable({ detail: "nothing can be looked up at the moment", retryAfter: RETRY_AFTER }))
      : Effect.die(defect),
  )

/**
 * Answers a request that the store kept from being answered, and says whether that was it: to a person who logs in with a page,
 * to a program with an OAuth error.
 */
export const answeredStateAway = (
  request: IncomingMessage,
  response: ServerResponse,
  events: Events,
  cause: unknown,
): boolean => {
  if (!(cause instanceof StoreUnavailable || cause instanceof StateAway)) return false
  events.write("state", "failed", cause instanceof StateAway ? String(cause.error_detail) : cause.message)
  const retry = { "retry-after": String(RETRY_AFTER) }
  if (response.headersSent) {
    response.end()
  } else if (request.headers.accept?.includes("text/html")) {
    response.writeHead(503, { ...pageHeaders(), ...retry })
    const explanation = "Nothing was refused. Try again in a moment."
    response.end(troublePage({ title: "Not available at the moment", explanation }))
  } else {
    response.writeHead(503, { "content-type": "application/json", "cache-control": "no-store", ...retry })
    response.end(JSON.stringify({ error: "temporarily_unavailable" }))
  }
  return true
}
