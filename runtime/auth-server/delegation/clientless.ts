/**
 * A token request without a client, which RFC 7523 section 3.1 allows for assertions and the engine does not know: it is given
 * the name of nobody as its client, before the engine sees it. Any other request goes on as it came.
 *
 * @module
 */
import { IncomingMessage } from "node:http"
import { JWT_BEARER, NO_CLIENT } from "./jwt-bearer.ts"

/** Bytes, the engine's own limit. */
const LIMIT = 56 * 1024

const CREDENTIALS = ["client_id", "client_secret", "client_assertion", "client_assertion_type"]

/** Undefined where the body is too long. The request is used up: go on with what is returned. */
export const withNobody = async (request: IncomingMessage): Promise<IncomingMessage | undefined> => {
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()
  if (type !== "application/x-www-form-urlencoded") return request
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LIMIT) return undefined
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString("utf8")
  const fields = new URLSearchParams(body)
  const clientless =
    fields.get("grant_type") === JWT_BEARER &&
    request.headers.authorization === undefined &&
    !CREDENTIALS.some((name) => fields.has(name))
  // Nobody may say it: it stands for the absence of a client.
  const named = fields.getAll("client_id").includes(NO_CLIENT)
  if (clientless || named) fields.set("client_id", clientless ? NO_CLIENT : "")
  return copyOf(request, clientless || named ? fields.toString() : body)
}

const copyOf = (request: IncomingMessage, body: string): IncomingMessage => {
  const bytes = Buffer.from(body)
  const copy = new IncomingMessage(request.socket)
  const { "transfer-encoding": _chunked, ...headers } = request.headers
  Object.assign(copy, {
    method: request.method,
    url: request.url,
    httpVersion: request.httpVersion,
    httpVersionMajor: request.httpVersionMajor,
    httpVersionMinor: request.httpVersionMinor,
    headers: { ...headers, "content-length": String(bytes.length) },
    complete: true,
  })
  copy.push(bytes)
  copy.push(null)
  return copy
}
