/**
 * Requests whose shape we refuse before we look at who calls. Node's parser, in its strict mode, already refuses both
 * Content-Length and Transfer-Encoding, repeated or malformed lengths, and broken chunks; what it lets pass and the next
 * reader might take another way is refused here (RFC 9112 sections 6 and 11.2).
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { MethodRefused, RequestRefused } from "../failure.ts"
import { pairsOf } from "./headers.ts"

/**
 * Headers that frame or name the request; a second one may be the one that another reader believes. A second Authorization
 * is refused where the first one is read, with the challenge that belongs to it.
 */
const once = new Set(["host", "content-length", "transfer-encoding", "content-type"])

/** `undefined` when the shape is fine. */
export const refusedFraming = (request: IncomingMessage): RequestRefused | MethodRefused | undefined => {
  if (request.method === "TRACE" || request.method === "CONNECT") {
    return new MethodRefused({
      detail: `${request.method} is not served`,
      allow: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    })
  }
  const seen = new Set<string>()
  for (const [name] of pairsOf(request.rawHeaders)) {
    if (once.has(name) && seen.has(name)) return new RequestRefused({ detail: `the header ${name} is there twice` })
    seen.add(name)
  }
  const coding = request.headers["transfer-encoding"]
  if (coding !== undefined && (coding.toLowerCase() !== "chunked" || request.httpVersion !== "1.1")) {
    return new RequestRefused({ detail: "the only transfer coding accepted is chunked, in HTTP/1.1" })
  }
  // RFC 9110 section 7.8: an upgrade may be ignored, and h2c is one that clients offer without needing it.
  const upgrade = request.headers.upgrade?.toLowerCase()
  if (upgrade !== undefined && upgrade !== "h2c") {
    return new RequestRefused({ detail: "protocol upgrades (WebSocket) are not carried; use streamable HTTP" })
  }
  return undefined
}

/** Does the request have a body at all (RFC 9112 section 6.3)? */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? "0") > 0
