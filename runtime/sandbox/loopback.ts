/**
 * Ports on this machine, and nothing wider: the sandbox lets anyone log in as anyone, so it must not be reachable from a
 * network.
 *
 * @module
 */
import { createServer as createHttpServer, type RequestListener } from "node:http"
import { createServer, type Server } from "node:net"
import { Effect, type Scope } from "effect"
import { NotLoopback, PortUnavailable } from "./failure.ts"

/** The one address anything here binds. */
export const LOOPBACK = "127.0.0.1"

/**
 * A port that is bound and held. An `http.Server` takes it over with `server.listen(reserved.socket)`: the listening handle
 * changes hands, so there is no moment at which another process could take the port.
 */
export interface ReservedPort {
  readonly host: typeof LOOPBACK
  readonly port: number
  readonly socket: Server
}

/** Refuses any address but 127.0.0.1: not `localhost`, which a hosts file may point elsewhere, and not `::1`. */
export const requireLoopback = (host: string): Effect.Effect<typeof LOOPBACK, NotLoopback> =>
  host === LOOPBACK ? Effect.succeed(LOOPBACK) : Effect.fail(new NotLoopback({ host }))

/** Binds a free port of 127.0.0.1 until the scope closes. `what` names it in an error. */
export const reservePort = Effect.fn("Sandbox.reservePort")(function* (
  what: string,
): Effect.fn.Return<ReservedPort, PortUnavailable, Scope.Scope> {
  const socket = yield* Effect.acquireRelease(
    Effect.callback<Server, PortUnavailable>((resume) => {
      const server = createServer()
      server.once("error", (error) => resume(Effect.fail(new PortUnavailable({ what, cause: error.message }))))
      server.listen({ host: LOOPBACK, port: 0, exclusive: true }, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close()),
  )
  const address = socket.address()
  if (address === null || typeof address === "string" || address.address !== LOOPBACK) {
    return yield* new PortUnavailable({ what, cause: "the system bound another address" })
  }
  return { host: LOOPBACK, port: address.port, socket }
})

/** `http://127.0.0.1:PORT` */
export const originOf = ({ host, port }: ReservedPort): string => `http://${host}:${port}`

/**
 * Answers HTTP on a reserved port until the scope closes, which ends open streams too. A request for another host name is
 * refused: a page on the web could otherwise point a name of its own at 127.0.0.1 and talk to the sandbox (DNS rebinding).
 */
export const serveHttp = Effect.fn("Sandbox.serveHttp")(function* (
  reserved: ReservedPort,
  handler: RequestListener,
): Effect.fn.Return<void, PortUnavailable, Scope.Scope> {
  const authority = `${reserved.host}:${reserved.port}`
  yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createHttpServer>, PortUnavailable>((resume) => {
      const server = createHttpServer((request, response) => {
        if (request.headers.host === authority) return handler(request, response)
        response.writeHead(421, { "content-type": "text/plain" }).end("not served here\n")
      })
      server.once("error", (error) =>
        resume(Effect.fail(new PortUnavailable({ what: authority, cause: error.message }))),
      )
      server.listen(reserved.socket, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )
})
