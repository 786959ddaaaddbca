/**
 * The HTTP servers: Node's strict parser, limits on what a client may send and how slowly, clear answers to what the parser
 * refuses.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse, STATUS_CODES } from "node:http"
import { createServer as createSecureServer, type Server as SecureServer } from "node:https"
import type { Server as NetServer, Socket } from "node:net"
import { Effect, type Scope } from "effect"
import { type Failure, HeadersTooLarge, MethodRefused, RequestRefused, RequestTimeout } from "../failure.ts"
import type { Address, ListenOn } from "../serve.ts"
import { ListenFailed } from "../start-failure.ts"
import { problemOf, sendProblem } from "./problem.ts"
import { type ServerCertificate, secureContext } from "./server-certificate.ts"

/** Room for an access token with many groups; STS itself takes tokens of up to 20,000 characters. */
const MAX_HEADER_BYTES = 32 * 1024

export type OnRequest = (request: IncomingMessage, response: ServerResponse) => void

/** What both of Node's servers are, with TLS and without. */
export type Server = NetServer & Pick<SecureServer, "closeAllConnections">

export interface Listener {
  readonly server: Server
  readonly address: Address
  /** Shows another certificate to connections that begin from now on. Nothing without TLS. */
  readonly renew: (certificate: ServerCertificate) => void
}

/** Starts listening; the server is closed with the scope, at once. Speaks TLS when there is a certificate. Fails with ListenFailed. */
export const listen = Effect.fn("Listener.listen")(function* (
  on: ListenOn,
  certificate: ServerCertificate | undefined,
  onRequest: OnRequest,
): Effect.fn.Return<Listener, ListenFailed, Scope.Scope> {
  const { server, renew } = makeServer(certificate)
  behave(server, onRequest)
  yield* Effect.acquireRelease(
    Effect.callback<Server, ListenFailed>((resume) => {
      server.once("error", (error) =>
        resume(Effect.fail(new ListenFailed({ host: on.host, port: on.port, detail: error.message }))),
      )
      const listening = () => resume(Effect.succeed(server))
      if (on.socket === undefined) server.listen({ host: on.host, port: on.port, exclusive: true }, listening)
      else server.listen(on.socket, listening)
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )
  const bound = server.address()
  const port = bound !== null && typeof bound === "object" ? bound.port : on.port
  return { server, address: { host: on.host, port }, renew }
})

const limits: ServerOptions = {
  insecureHTTPParser: false,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Milliseconds. They bound how long a client takes to send; an answer may stream for as long as it likes.
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  // Longer than the usual 60 seconds of load balancers, which must be the ones to close.
  keepAliveTimeout: 65_000,
  noDelay: true,
}

const makeServer = (certificate: ServerCertificate | undefined) => {
  if (certificate === undefined) return { server: createServer(limits), renew: () => {} }
  const server = createSecureServer({ ...limits, ...secureContext(certificate), handshakeTimeout: 10_000 })
  // Node ends the connection; nobody is told, since a port that is scanned has many of them.
  server.on("tlsClientError", () => {})
  return { server, renew: (next: ServerCertificate) => server.setSecureContext(secureContext(next)) }
}

/** What a server does with connections and requests. */
const behave = (server: ReturnType<typeof makeServer>["server"], onRequest: OnRequest): void => {
  /** Answers under way by connection: a parser's error must not write into one. */
  const answering = new WeakMap<Socket, ServerResponse>()
  const serve: OnRequest = (request, response) => {
    const { socket } = request
    answering.set(socket, response)
    response.once("close", () => {
      if (answering.get(socket) === response) answering.delete(socket)
    })
    onRequest(request, response)
  }
  // Beyond a number of headers Node drops the rest in silence; their size is bounded already.
  server.maxHeadersCount = 0
  // Each request that waits on a connection listens for its end, and a client may send many at once.
  for (const event of ["connection", "secureConnection"])
    server.on(event, (socket: Socket) => socket.setMaxListeners(0))
  server.on("request", serve)
  // The body is asked for when a stage reads it.
  server.on("checkContinue", serve)
  server.on("connect", (_request, socket) =>
    respondRaw(
      socket as Socket,
      new MethodRefused({ detail: "CONNECT is not served", allow: ["GET", "POST", "DELETE"] }),
    ),
  )
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const response = answering.get(socket)
    if (error.code === "ECONNRESET") socket.destroy()
    else if (response === undefined) respondRaw(socket, failureOf(error))
    // The body of the request that is being answered is broken: its answer says so. What comes after it is nobody's.
    else if (response.req.complete || response.headersSent) socket.destroy()
    else {
      response.once("finish", () => socket.destroySoon())
      sendProblem(response, problemOf(failureOf(error), randomUUID()))
    }
  })
}

const failureOf = (error: NodeJS.ErrnoException): Failure => {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return new HeadersTooLarge({ detail: `the request's headers are over the limit of ${MAX_HEADER_BYTES} bytes` })
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new RequestTimeout({ detail: "the request took too long to arrive" })
    default:
      return new RequestRefused({ detail: `not an HTTP request this server accepts (${error.code ?? "unknown"})` })
  }
}

/** Answers on the bare connection, and closes it. */
const respondRaw = (socket: Socket, failure: Failure): void => {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, body } = problemOf(failure, randomUUID())
  const head = [...headers, ["content-length", String(Buffer.byteLength(body))], ["connection", "close"]]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${head}\r\n${body}`)
}
