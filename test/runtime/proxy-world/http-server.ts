/** An HTTP server on a loopback port of the system's choosing, closed with the scope. */
import { createServer, type RequestListener, type Server } from "node:http"
import { Effect } from "effect"

export const httpServer = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly server: Server; readonly origin: string; readonly port: number }>((resume) => {
      const server = createServer(listener)
      server.listen({ host: "127.0.0.1", port: 0 }, () => {
        const address = server.address()
        const port = address !== null && typeof address === "object" ? address.port : 0
        resume(Effect.succeed({ server, origin: `http://127.0.0.1:${port}`, port }))
      })
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )
