/**
 * Everything that can go wrong on the request path, and the one table that says what the caller is told.
 *
 * Rule: an outage of something we depend on is 502 or 503 with Retry-After, never a 401 that sends a person to log in. A
 * detail never holds a token, a secret or an upstream's raw answer.
 *
 * @module
 */
import { Data } from "effect"

/** No usable token came with the request (RFC 6750 section 3: no error code when no authentication was attempted). */
export class TokenMissing extends Data.TaggedError("TokenMissing")<{ readonly detail: string }> {}
/** The token is malformed, expired, of another issuer or audience, or its signature is wrong (RFC 6750 `invalid_token`). */
export class TokenInvalid extends Data.TaggedError("TokenInvalid")<{ readonly detail: string }> {}
/** More than one way of sending the token, or a malformed one (RFC 6750 `invalid_request`). */
export class TokenMalformed extends Data.TaggedError("TokenMalformed")<{ readonly detail: string }> {}
/** The token lacks a scope the flow asks for (RFC 6750 `insufficient_scope`, MCP step-up). */
export class ScopeInsufficient extends Data.TaggedError("ScopeInsufficient")<{
  readonly detail: string
  readonly required: readonly string[]
}> {}
/** The upstream login behind the principal is gone and only a new login brings it back. */
export class LoginExpired extends Data.TaggedError("LoginExpired")<{ readonly detail: string }> {}
/** The role rules chose to refuse this principal. */
export class RoleDenied extends Data.TaggedError("RoleDenied")<{ readonly detail: string }> {}
/** A role rule could not be evaluated on these claims; refused rather than skipped. */
export class RoleRuleFailed extends Data.TaggedError("RoleRuleFailed")<{ readonly detail: string }> {}
/** The claim that names the role session is absent or breaks STS's bounds. */
export class SessionNameInvalid extends Data.TaggedError("SessionNameInvalid")<{ readonly detail: string }> {}
/** The role's trust policy refuses (STS AccessDenied): the caller is known and not allowed. */
export class StsAccessDenied extends Data.TaggedError("StsAccessDenied")<{ readonly detail: string }> {}
/** STS says the subject token is expired or rejected: the one STS error a new login can cure. */
export class StsTokenRejected extends Data.TaggedError("StsTokenRejected")<{ readonly detail: string }> {}
/** STS throttles us, after retries. */
export class StsThrottled extends Data.TaggedError("StsThrottled")<{
  readonly detail: string
  readonly retryAfter: number
}> {}
/** STS cannot be reached, timed out or answered 5xx, after retries. */
export class StsUnavailable extends Data.TaggedError("StsUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
}> {}
/** STS refuses for a reason of the operator's configuration (malformed policy, region disabled, session too long). */
export class StsMisconfigured extends Data.TaggedError("StsMisconfigured")<{ readonly detail: string }> {}
/** An identity provider (JWKS, discovery, token refresh) cannot be reached. */
export class IssuerUnavailable extends Data.TaggedError("IssuerUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
}> {}
/** The request's body is over the limit of the stage that holds it. */
export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{
  readonly detail: string
  readonly limit: number
}> {}
/** The request is one we never forward (bad framing, upgrade, reserved headers). */
export class RequestRefused extends Data.TaggedError("RequestRefused")<{ readonly detail: string }> {}
/** No flow serves this host and path. */
export class FlowUnknown extends Data.TaggedError("FlowUnknown")<{ readonly detail: string }> {}
/** The upstream cannot be reached or broke the protocol before it answered. */
export class UpstreamUnavailable extends Data.TaggedError("UpstreamUnavailable")<{ readonly detail: string }> {}
/** The upstream did not answer in the flow's time. */
export class UpstreamTimeout extends Data.TaggedError("UpstreamTimeout")<{ readonly detail: string }> {}
/** We are stopping and take no new request. */
export class Draining extends Data.TaggedError("Draining")<{ readonly detail: string }> {}
/** A stage was handed a credential it does not consume, or signing failed: a defect of ours, never passed on. */
export class PipelineBroken extends Data.TaggedError("PipelineBroken")<{ readonly detail: string }> {}

export type Failure =
  | TokenMissing
  | TokenInvalid
  | TokenMalformed
  | ScopeInsufficient
  | LoginExpired
  | RoleDenied
  | RoleRuleFailed
  | SessionNameInvalid
  | StsAccessDenied
  | StsTokenRejected
  | StsThrottled
  | StsUnavailable
  | StsMisconfigured
  | IssuerUnavailable
  | BodyTooLarge
  | RequestRefused
  | FlowUnknown
  | UpstreamUnavailable
  | UpstreamTimeout
  | Draining
  | PipelineBroken

/** One row of the error table. */
export interface Row {
  readonly status: number
  /** RFC 6750 error code of the challenge; `none` challenges without a code; absent where the answer is no challenge. */
  readonly challenge?: "none" | "invalid_token" | "invalid_request" | "insufficient_scope"
  /** Last part of the problem type (RFC 9457): `urn:authflow:problem:<code>`. */
  readonly code: string
  readonly title: string
  /** May the client try the same request again, unchanged, later? */
  readonly retry: boolean
}

/** What happened -> what is answered. Exhaustive by its type. */
export const table: { readonly [Tag in Failure["_tag"]]: Row } = {
  TokenMissing: {
    status: 401,
    challenge: "none",
    code: "token-missing",
    title: "An access token is required",
    retry: false,
  },
  TokenInvalid: {
    status: 401,
    challenge: "invalid_token",
    code: "token-invalid",
    title: "The access token is not valid here",
    retry: false,
  },
  TokenMalformed: {
    status: 400,
    challenge: "invalid_request",
    code: "token-malformed",
    title: "The credentials in the request are malformed",
    retry: false,
  },
  ScopeInsufficient: {
    status: 403,
    challenge: "insufficient_scope",
    code: "scope-insufficient",
    title: "The access token lacks a scope",
    retry: false,
  },
  LoginExpired: { status: 401, challenge: "invalid_token", code: "login-expired", title: "Log in again", retry: false },
  RoleDenied: { status: 403, code: "role-denied", title: "No role for this caller", retry: false },
  RoleRuleFailed: {
    status: 403,
    code: "role-rule-failed",
    title: "A role rule could not be evaluated for this caller",
    retry: false,
  },
  SessionNameInvalid: {
    status: 403,
    code: "session-name-invalid",
    title: "The role session cannot be named for this caller",
    retry: false,
  },
  StsAccessDenied: {
    status: 403,
    code: "sts-access-denied",
    title: "AWS does not let this caller assume the role",
    retry: false,
  },
  StsTokenRejected: {
    status: 401,
    challenge: "invalid_token",
    code: "sts-token-rejected",
    title: "AWS rejected the login; log in again",
    retry: false,
  },
  StsThrottled: { status: 503, code: "sts-throttled", title: "AWS STS is throttling", retry: true },
  StsUnavailable: { status: 503, code: "sts-unavailable", title: "AWS STS is not available", retry: true },
  StsMisconfigured: {
    status: 502,
    code: "sts-misconfigured",
    title: "AWS STS refuses this configuration",
    retry: false,
  },
  IssuerUnavailable: {
    status: 503,
    code: "issuer-unavailable",
    title: "The identity provider is not available",
    retry: true,
  },
  BodyTooLarge: { status: 413, code: "body-too-large", title: "The request body is too large", retry: false },
  RequestRefused: { status: 400, code: "request-refused", title: "The request cannot be forwarded", retry: false },
  FlowUnknown: { status: 404, code: "flow-unknown", title: "Nothing is served here", retry: false },
  UpstreamUnavailable: {
    status: 502,
    code: "upstream-unavailable",
    title: "The upstream is not available",
    retry: true,
  },
  UpstreamTimeout: { status: 504, code: "upstream-timeout", title: "The upstream did not answer in time", retry: true },
  Draining: { status: 503, code: "draining", title: "Shutting down", retry: true },
  PipelineBroken: { status: 500, code: "pipeline-broken", title: "Internal error", retry: false },
}
