/** A caller on a bare socket or on node:http: unlike fetch it sends exactly what the test says. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http"
import { connect } from "node:net"
import { Effect } from "effect"

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Did the answer come whole? */
  readonly complete: boolean
}

export interface Call {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
}

/** Fails (dies) only when no head of an answer came. */
export const call = (origin: string, { method = "GET", path, headers = {}, body }: Call): Effect.Effect<Reply> =>
  Effect.callback((resume) => {
    const { hostname, port } = new URL(origin)
    const request = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", () => {})
      response.on("close", () => {
        const { statusCode: status = 0, complete } = response
        const text = Buffer.concat(chunks).toString()
        resume(Effect.succeed({ status, headers: response.headers, body: text, complete }))
      })
    })
    request.on("error", (error) => resume(Effect.die(error)))
    request.end(body)
    return Effect.sync(() => request.destroy())
  })

/** Sends bytes, and gives back all that comes until the server closes. */
export const raw = (port: number, bytes: string): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const socket = connect({ host: "127.0.0.1", port })
    let text = ""
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
    })
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(text)))
    socket.write(Buffer.from(bytes, "latin1"))
    return Effect.sync(() => socket.destroy())
  })

/** The problem's last part of the type and its detail (RFC 9457). */
export const problem = (reply: Reply): { readonly code: string; readonly detail: string } => {
  const { type, detail } = JSON.parse(reply.body) as { readonly type: string; readonly detail: string }
  return { code: type.replace("urn:authflow:problem:", ""), detail }
}
