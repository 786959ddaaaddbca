/**
 * Exchanges at token endpoints.
 *
 * @module
 */
import { Data } from "effect"
import type { Log, Rows } from "./row.ts"

/**
 * The token endpoint says that the person's token has expired or was revoked (`invalid_grant`, `invalid_token`): what a new
 * login cures.
 */
export class ExchangeTokenRejected extends Data.TaggedError("ExchangeTokenRejected")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The person or an administrator has to agree to something first (`consent_required`, `interaction_required`). */
export class ExchangeConsentRequired extends Data.TaggedError("ExchangeConsentRequired")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The token endpoint knows the person and gives them no such token (`access_denied`). */
export class ExchangeDenied extends Data.TaggedError("ExchangeDenied")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The token endpoint does not know us, or does not let us exchange (`invalid_client`, `unauthorized_client`). */
export class ExchangeClientRefused extends Data.TaggedError("ExchangeClientRefused")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The token endpoint refuses what it is asked: an audience, a scope, a kind of token it does not have. */
export class ExchangeMisconfigured extends Data.TaggedError("ExchangeMisconfigured")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The answer of a token endpoint cannot be used: it is no token response, or of another kind of token than asked for. */
export class ExchangeAnswerInvalid extends Data.TaggedError("ExchangeAnswerInvalid")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The token endpoint has no time for us (429), after retries. */
export class ExchangeThrottled extends Data.TaggedError("ExchangeThrottled")<{
  readonly detail: string
  readonly retryAfter: number
  readonly log?: Log
}> {}
/** The token endpoint cannot be reached, timed out or answered 5xx, after retries. */
export class ExchangeUnavailable extends Data.TaggedError("ExchangeUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
  readonly log?: Log
}> {}

export type ExchangeFailure =
  | ExchangeTokenRejected
  | ExchangeConsentRequired
  | ExchangeDenied
  | ExchangeClientRefused
  | ExchangeMisconfigured
  | ExchangeAnswerInvalid
  | ExchangeThrottled
  | ExchangeUnavailable

export const exchangeRows: Rows<ExchangeFailure> = {
  ExchangeTokenRejected: {
    status: 401,
    challenge: "invalid_token",
    code: "exchange-token-rejected",
    title: "The login is no longer good for another token; log in again",
    retry: false,
    cause: "caller",
    remedy: "The token of the login has expired or was revoked; a new login brings another.",
  },
  ExchangeConsentRequired: {
    status: 403,
    code: "exchange-consent-required",
    title: "Consent is missing",
    retry: false,
    cause: "operator",
    remedy:
      "Let an administrator consent for the application, or the person at the provider; the journal has the code.",
  },
  ExchangeDenied: {
    status: 403,
    code: "exchange-denied",
    title: "No token for this caller",
    retry: false,
    cause: "caller",
    remedy: "The token endpoint refuses this person. Its own log says why.",
  },
  ExchangeClientRefused: {
    status: 502,
    code: "exchange-client-refused",
    title: "The token endpoint does not accept us",
    retry: false,
    cause: "operator",
    remedy: "Check client identifier, secret and authentication method, and that the client may use this grant.",
  },
  ExchangeMisconfigured: {
    status: 502,
    code: "exchange-misconfigured",
    title: "The token endpoint refuses this configuration",
    retry: false,
    cause: "operator",
    remedy: "The journal has the OAuth error code. Check audience, resource, scopes and kinds of tokens.",
  },
  ExchangeAnswerInvalid: {
    status: 502,
    code: "exchange-answer-invalid",
    title: "The token endpoint's answer cannot be used",
    retry: false,
    cause: "operator",
    remedy: "Check that the URL is a token endpoint, and which kinds of tokens it issues.",
  },
  ExchangeThrottled: {
    status: 503,
    code: "exchange-throttled",
    title: "The token endpoint is throttling",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, ask its operator for a higher request rate.",
  },
  ExchangeUnavailable: {
    status: 503,
    code: "exchange-unavailable",
    title: "The token endpoint is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path to the token endpoint.",
  },
}
