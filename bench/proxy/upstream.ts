/** The upstream of all contenders: reads the body, answers a small JSON. Streams back what is asked for at /stream/BYTES. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const ANSWER = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "x".repeat(200) }] } })
const CHUNK = Buffer.alloc(64 * 1024, 120)

const server = createServer((request, response) => {
  const asked = /\/stream\/(\d+)$/.exec(request.url ?? "")?.[1]
  request.resume().on("end", () => {
    if (asked === undefined) {
      response.setHeader("content-type", "application/json").end(ANSWER)
      return
    }
    let left = Number(asked)
    response.writeHead(200, { "content-type": "application/octet-stream" })
    const more = () => {
      while (left > 0) {
        const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length))
        left -= chunk.length
        if (!response.write(chunk)) return response.once("drain", more)
      }
      return response.end()
    }
    more()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }))
