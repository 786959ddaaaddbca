/**
 * What a token endpoint's refusal means here: whose doing it is, and whether a login or waiting can help. See the rows of
 * failure/exchange.ts.
 *
 * @module
 */
import { Predicate } from "effect"
import * as oauth from "oauth4webapi"
import {
  ExchangeAnswerInvalid,
  ExchangeClientRefused,
  ExchangeConsentRequired,
  ExchangeDenied,
  type ExchangeFailure,
  ExchangeMisconfigured,
  ExchangeThrottled,
  ExchangeTokenRejected,
  ExchangeUnavailable,
} from "../failure.ts"

/** Seconds, where the endpoint does not say. */
const RETRY_AFTER = 5

/** It answered, and has no time: 429 or 5xx. */
export class Busy extends Error {
  readonly status: number
  /** Seconds, when it said so. */
  readonly retryAfter: number | undefined

  constructor(status: number, retryAfter: number | undefined) {
    super(`it answered ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** It answered with something that is no answer; the message is ours and safe to show. */
export class Unusable extends Error {}

/** `cause` is what kept us from a token. Of what the endpoint wrote only its error code is kept. */
export const refusalOf = (cause: unknown, host: string): ExchangeFailure => {
  const log = { endpoint: host }
  if (cause instanceof Busy) {
    const retryAfter = cause.retryAfter ?? RETRY_AFTER
    const told = { ...log, status: cause.status }
    return cause.status === 429
      ? new ExchangeThrottled({ detail: "the token endpoint is throttling requests", retryAfter, log: told })
      : new ExchangeUnavailable({ detail: "the token endpoint is failing", retryAfter, log: told })
  }
  if (cause instanceof Unusable) return new ExchangeAnswerInvalid({ detail: cause.message, log })
  if (cause instanceof oauth.ResponseBodyError) {
    const error = printable(cause.error)
    return ofCode(error, cause.cause, { ...log, status: cause.status, error })
  }
  if (cause instanceof oauth.WWWAuthenticateChallengeError) {
    const detail = "the token endpoint does not accept our client authentication"
    return new ExchangeClientRefused({ detail, log: { ...log, status: cause.status } })
  }
  if (cause instanceof oauth.OperationProcessingError || cause instanceof oauth.UnsupportedOperationError) {
    const detail = "the token endpoint's answer is no token response (RFC 6749 section 5.1)"
    return new ExchangeAnswerInvalid({ detail, log: { ...log, reason: cause.code ?? "unknown" } })
  }
  // fetch reports everything that kept it from an answer as a TypeError.
  return new ExchangeUnavailable({ detail: "the token endpoint cannot be reached", retryAfter: RETRY_AFTER, log })
}

/** RFC 6749 section 5.2, RFC 8693 section 2.2.2, and the codes of OpenID Connect Core that Entra answers with. */
const ofCode = (
  code: string,
  body: unknown,
  log: Readonly<Record<string, string | number | boolean>>,
): ExchangeFailure => {
  const aadsts = entraCode(body)
  const told = aadsts === undefined ? log : { ...log, aadsts }
  if (aadsts !== undefined && ENTRA_CONSENT.has(aadsts)) return consent(told)
  if (aadsts !== undefined && ENTRA_AUDIENCE.has(aadsts)) return misconfigured(code, told)
  switch (code) {
    case "invalid_grant":
    case "invalid_token":
      return new ExchangeTokenRejected({
        detail: "the token endpoint says that the login's token is no longer good",
        log: told,
      })
    case "interaction_required":
    case "consent_required":
    case "login_required":
      return consent(told)
    case "access_denied":
      return new ExchangeDenied({ detail: "the token endpoint gives this caller no token", log: told })
    case "invalid_client":
    case "unauthorized_client":
      return new ExchangeClientRefused({ detail: `the token endpoint does not accept us (${code})`, log: told })
    case "temporarily_unavailable":
    case "server_error":
      return new ExchangeUnavailable({ detail: "the token endpoint is failing", retryAfter: RETRY_AFTER, log: told })
    case "slow_down":
      return new ExchangeThrottled({
        detail: "the token endpoint is throttling requests",
        retryAfter: RETRY_AFTER,
        log: told,
      })
    default:
      return misconfigured(code, told)
  }
}

const consent = (log: Readonly<Record<string, string | number | boolean>>) =>
  new ExchangeConsentRequired({ detail: "the token endpoint asks for a consent that nobody has given", log })

const misconfigured = (code: string, log: Readonly<Record<string, string | number | boolean>>) =>
  new ExchangeMisconfigured({ detail: `the token endpoint refuses the request (${code})`, log })

/**
 * Entra answers `invalid_grant` for much that no login cures; its number tells them apart.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const ENTRA_CONSENT = new Set([65001, 65004, 90094, 50076, 50079, 50158, 53000, 53003])
const ENTRA_AUDIENCE = new Set([50013, 500131, 500133, 700027, 7000114])

const entraCode = (body: unknown): number | undefined => {
  const codes = Predicate.hasProperty(body, "error_codes") ? body.error_codes : undefined
  const first: unknown = Array.isArray(codes) ? codes[0] : undefined
  return Predicate.isNumber(first) ? first : undefined
}

/** An error code is a few words of ASCII (RFC 6749 section 5.2); more would be somebody's prose, or a token. */
const printable = (code: string): string => (/^[a-z_.-]{1,64}$/i.test(code) ? code : "unknown")
