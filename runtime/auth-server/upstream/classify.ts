/**
 * What kept a provider from doing what was asked.
 *
 * @module
 */
import * as client from "openid-client"
import { ProviderFailed } from "./upstream.ts"

/** An answer that is not what it has to be. `code` and the message are for the operator. */
export class Untrustworthy extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The provider said that it cannot answer now. */
export class Unavailable extends Error {}

export const classify = (provider: string, cause: unknown): ProviderFailed => {
  const failed = (reason: ProviderFailed["reason"], code: string, detail: string) =>
    new ProviderFailed({ provider, reason, code, detail })
  if (cause instanceof ProviderFailed) return cause
  if (cause instanceof client.AuthorizationResponseError) return failed("refused", cause.error, cause.error)
  if (cause instanceof client.ResponseBodyError) {
    const out = cause.status >= 500 || cause.status === 429
    return failed(out ? "out" : "refused", cause.error, `it answered ${cause.status} ${cause.error}`)
  }
  if (cause instanceof Untrustworthy) return failed("invalid", cause.code, cause.message)
  if (cause instanceof Unavailable) return failed("out", "status", cause.message)
  if (cause instanceof client.ClientError) {
    if (cause.code === "OAUTH_TIMEOUT") return failed("out", "timeout", "it did not answer in time")
    // `cause.cause` of an unexpected status is the response.
    const status = cause.cause instanceof Response ? cause.cause.status : undefined
    if (status !== undefined && (status >= 500 || status === 429))
      return failed("out", "status", `it answered ${status}`)
    return failed("invalid", cause.code ?? "response", cause.message)
  }
  if (cause instanceof DOMException && cause.name === "TimeoutError")
    return failed("out", "timeout", "it did not answer in time")
  // fetch reports everything that kept it from an answer as a TypeError.
  return failed("out", "unreachable", "it cannot be reached")
}
