/**
 * The body of a request as the fields of a form.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"

/** Undefined when it is no form, or has more than so many bytes. */
export const readForm = async (request: IncomingMessage, limit: number): Promise<URLSearchParams | undefined> => {
  if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"))
}
