/**
 * What operators and their tools ask a running proxy, on an address of its own: `/metrics` for Prometheus, `/healthz` and
 * `/readyz` for an orchestrator. It is not for callers, and says nothing about any of them.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Effect, Scope } from "effect"
import { listen } from "../proxy/listener.ts"
import type { Address } from "../serve.ts"
import type { ListenFailed } from "../start-failure.ts"

export interface Admin {
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
  /** Does the proxy take new requests? */
  readonly ready: () => boolean
}

/** Closed with the scope. */
export const serveAdmin = (
  on: Address,
  admin: Admin,
): Effect.Effect<{ readonly address: Address }, ListenFailed, Scope.Scope> =>
  listen(on, undefined, (request, response) => {
    answer(request, response, admin).catch(() => send(response, 500, "the metrics could not be read\n"))
  })

const answer = async (request: IncomingMessage, response: ServerResponse, { metrics, ready }: Admin): Promise<void> => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD")
    return send(response, 405, "use GET\n")
  }
  switch (new URL(request.url ?? "/", "http://localhost").pathname) {
    case "/metrics":
      return send(response, 200, await metrics(), "text/plain; version=0.0.4; charset=utf-8")
    case "/healthz":
      return send(response, 200, "ok\n")
    case "/readyz":
      return ready() ? send(response, 200, "ok\n") : send(response, 503, "draining\n")
    default:
      return send(response, 404, "there are /metrics, /healthz and /readyz\n")
  }
}

const send = (response: ServerResponse, status: number, body: string, type = "text/plain"): void => {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body)
}
