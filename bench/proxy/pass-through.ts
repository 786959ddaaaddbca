process.on("SIGINT", () => process.exit(0))

/** The peer: Node's server and undici's pool, and nothing between them but the body. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type Dispatcher, Pool } from "undici"

const pool = new Pool(process.env["UPSTREAM"] ?? "", { headersTimeout: 0, bodyTimeout: 0 })

const server = createServer((request, response) => {
  const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const method = (request.method ?? "GET") as Dispatcher.HttpMethod
    const body = chunks.length === 0 ? null : Buffer.concat(chunks)
    pool.request({ method, path: request.url ?? "/", headers, body }).then(
      ({ statusCode, headers: answered, body: answer }) => {
        const { connection: _hop, "keep-alive": _alive, "transfer-encoding": _coding, ...rest } = answered
        response.writeHead(statusCode, rest)
        answer.pipe(response)
      },
      () => response.writeHead(502).end(),
    )
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port, headers: {} }))
