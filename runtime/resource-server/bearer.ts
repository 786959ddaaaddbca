/**
 * Reads the access token of a request (RFC 6750 section 2): the Authorization header and nothing else.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import { Result } from "effect"
import { TokenMalformed, TokenMissing } from "../failure.ts"

/** RFC 6750 section 2.1, `b64token`. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** An access token as it came. `dpop`: a proof has to come with it (RFC 9449 section 7.1). */
export interface Presented {
  readonly scheme: "bearer" | "dpop"
  readonly token: string
}

/** Fails with TokenMissing (no token was sent) or TokenMalformed (more than one, or not one). */
export const presentedToken = (request: IncomingMessage): Result.Result<Presented, TokenMissing | TokenMalformed> => {
  // Section 2.3 (a query parameter) is left out by OAuth 2.1 and forbidden by MCP: URLs end up in logs.
  if (hasQueryToken(request.url ?? "")) {
    return Result.fail(new TokenMalformed({ detail: "the access token was sent in the URL; send it as a header" }))
  }
  const [header, ...more] = authorizationHeaders(request.rawHeaders)
  if (header === undefined) return Result.fail(new TokenMissing({ detail: "the request has no Authorization header" }))
  if (more.length > 0) {
    return Result.fail(new TokenMalformed({ detail: "the request has more than one Authorization header" }))
  }
  const [, scheme = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(header.trim()) ?? []
  // Another scheme is no attempt at bearer authentication, so the challenge carries no error (section 3.1).
  const sent = scheme.toLowerCase()
  if (sent !== "bearer" && sent !== "dpop") {
    return Result.fail(new TokenMissing({ detail: "the Authorization header is not of the Bearer scheme" }))
  }
  if (!B64TOKEN.test(rest)) {
    return Result.fail(
      new TokenMalformed({ detail: `what follows ${sent === "dpop" ? "DPoP" : "Bearer"} is not one token` }),
    )
  }
  return Result.succeed({ scheme: sent, token: rest })
}

const hasQueryToken = (url: string) => {
  const at = url.indexOf("?")
  return at !== -1 && new URLSearchParams(url.slice(at)).has("access_token")
}

/** Node joins or drops repeated headers, so they are counted where it keeps them as they came. */
const authorizationHeaders = (raw: readonly string[]) =>
  raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === "authorization")
