/**
 * Requests that scripts of web pages send (Fetch standard, CORS protocol). The MCP specification has servers refuse an Origin
 * they do not know: a page that has made its own name resolve to us (DNS rebinding) would speak for whoever looks at it. That
 * the Host is one of ours is looked at before.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { OriginRefused } from "../failure.ts"

/** What MCP clients send beyond what every page may (Streamable HTTP; RFC 9449). */
const HEADERS = [
  "authorization",
  "content-type",
  "accept",
  "dpop",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
]

/** What they have to read of an answer: without the challenge, no client in a browser can log in. */
const EXPOSED = "WWW-Authenticate, Mcp-Session-Id, Mcp-Protocol-Version, Retry-After, X-Request-Id"

/** Seconds that a browser may keep the answer to a preflight. */
const KEPT = "600"

export interface CrossOrigin {
  /**
   * Writes the headers that let a page read the answer. `answered`: it was a preflight, and nothing is left to do. Fails for a
   * page that may not.
   */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => "answered" | OriginRefused | undefined
}

/** `resource`: the flow's public URL. `allowed`: origins of other pages. `key`: the header that an API key comes in. */
export const crossOrigin = (resource: string, allowed: ReadonlySet<string>, key: string | undefined): CrossOrigin => {
  const own = new URL(resource).origin
  const headers = [...HEADERS, ...(key === undefined ? [] : [key])].join(", ")
  return {
    admit: (request, response) => {
      const origins = request.rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === "origin")
      const [origin, ...more] = origins
      // Programs that are no browsers send none.
      if (origin === undefined) return undefined
      if (more.length > 0 || (origin !== own && !allowed.has(origin))) {
        return new OriginRefused({ detail: "pages of this origin may not call here" })
      }
      response.setHeader("access-control-allow-origin", origin)
      response.setHeader("access-control-expose-headers", EXPOSED)
      response.setHeader("vary", "Origin")
      if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
        return undefined
      }
      response.setHeader("access-control-allow-methods", "GET, POST, DELETE")
      response.setHeader("access-control-allow-headers", headers)
      response.setHeader("access-control-max-age", KEPT)
      response.writeHead(204).end()
      return "answered"
    },
  }
}
