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
export class RoleDenied extends Data.TaggedError("RoleDenied")<{ readonly detail: string; readonly log?: Log }> {}
/** A role rule could not be evaluated on these claims; refused rather than skipped. */
export class RoleRuleFailed extends Data.TaggedError("RoleRuleFailed")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The claim that names the role session is absent or breaks STS's bounds. */
export class SessionNameInvalid extends Data.TaggedError("SessionNameInvalid")<{ readonly detail: string }> {}
/** The role's trust policy refuses (STS AccessDenied): the caller is known and not allowed. */
export class StsAccessDenied extends Data.TaggedError("StsAccessDenied")<{
  readonly detail: string
  readonly log?: Log
}> {}
/**
 * STS says the subject token has expired, or that its issuer revoked it (ExpiredTokenException, IDPRejectedClaim): the STS
 * errors a new login can cure. InvalidIdentityToken is not among them: we verified the token or had it from its issuer, so
 * that AWS cannot verify it is the account's configuration, and a login would only bring another token like it.
 */
export class StsTokenRejected extends Data.TaggedError("StsTokenRejected")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** STS throttles us, after retries. */
export class StsThrottled extends Data.TaggedError("StsThrottled")<{
  readonly detail: string
  readonly retryAfter: number
  readonly log?: Log
}> {}
/** STS cannot be reached, timed out or answered 5xx, after retries. */
export class StsUnavailable extends Data.TaggedError("StsUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
  readonly log?: Log
}> {}
/**
 * STS refuses for a reason of the operator's configuration: a token AWS cannot verify (issuer or audience unknown to the
 * account), a malformed policy, a disabled region, a session longer than the role allows.
 */
export class StsMisconfigured extends Data.TaggedError("StsMisconfigured")<{
  readonly detail: string
  readonly log?: Log
}> {}
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
/** The request is one we never forward (bad framing, dot segments, an upgrade, a presigned query). */
export class RequestRefused extends Data.TaggedError("RequestRefused")<{ readonly detail: string }> {}
/** TRACE, CONNECT, or a method that what is served here does not have. */
export class MethodRefused extends Data.TaggedError("MethodRefused")<{
  readonly detail: string
  readonly allow: readonly string[]
}> {}
/** The request's headers are over the limit. */
export class HeadersTooLarge extends Data.TaggedError("HeadersTooLarge")<{ readonly detail: string }> {}
/** The client did not send its request in time. */
export class RequestTimeout extends Data.TaggedError("RequestTimeout")<{ readonly detail: string }> {}
/** The Host of the request is no public name of this plan (RFC 9110 section 7.4). */
export class HostUnknown extends Data.TaggedError("HostUnknown")<{ readonly detail: string }> {}
/** No flow serves this host and path. */
export class FlowUnknown extends Data.TaggedError("FlowUnknown")<{ readonly detail: string }> {}
/** The upstream cannot be reached: the request never got there. */
export class UpstreamUnavailable extends Data.TaggedError("UpstreamUnavailable")<{ readonly detail: string }> {}
/** The upstream took the request and broke off, or broke the protocol, before it answered: it may have acted on it. */
export class UpstreamBroken extends Data.TaggedError("UpstreamBroken")<{ readonly detail: string }> {}
/** The upstream did not answer in the flow's time: it may have acted on the request. */
export class UpstreamTimeout extends Data.TaggedError("UpstreamTimeout")<{ readonly detail: string }> {}
/**
 * The upstream answered 401 or 407 to the credentials that we made for it. The caller's login has no part in that, so it is
 * not a 401 of ours, which would send a person to log in again and again.
 */
export class UpstreamRefused extends Data.TaggedError("UpstreamRefused")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** The upstream redirects. The signature is for one URL, and the caller must not take its token elsewhere: not followed. */
export class UpstreamRedirected extends Data.TaggedError("UpstreamRedirected")<{
  readonly detail: string
  readonly log?: Log
}> {}
/** We are stopping and take no new request. */
export class Draining extends Data.TaggedError("Draining")<{ readonly detail: string }> {}
/** A stage was handed a credential it does not consume, or signing failed: a defect of ours, never passed on. */
export class PipelineBroken extends Data.TaggedError("PipelineBroken")<{
  readonly detail: string
  readonly log?: Log
}> {}

/** What only the journal is told: roles, statuses, request ids of AWS. No secrets here either. */
type Log = Readonly<Record<string, string | number | boolean>>

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
  | MethodRefused
  | HeadersTooLarge
  | RequestTimeout
  | HostUnknown
  | FlowUnknown
  | UpstreamUnavailable
  | UpstreamBroken
  | UpstreamTimeout
  | UpstreamRefused
  | UpstreamRedirected
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
  /** May the client try the same request again, unchanged, later? Answered with Retry-After then. */
  readonly retry: boolean
  /** Whose doing it is: the caller's, the operator's (configuration), or a dependency's (outage). For docs and journal. */
  readonly cause: "caller" | "operator" | "outage"
  /** What the reader of the table is told to do about it. */
  readonly remedy: string
}

/** What happened -> what is answered. Exhaustive by its type; docs/errors.md is written from it. */
export const table: { readonly [Tag in Failure["_tag"]]: Row } = {
  TokenMissing: {
    status: 401,
    challenge: "none",
    code: "token-missing",
    title: "An access token is required",
    retry: false,
    cause: "caller",
    remedy: "Log in: the challenge names the metadata an MCP client starts from.",
  },
  TokenInvalid: {
    status: 401,
    challenge: "invalid_token",
    code: "token-invalid",
    title: "The access token is not valid here",
    retry: false,
    cause: "caller",
    remedy: "Get a new access token for this resource.",
  },
  TokenMalformed: {
    status: 400,
    challenge: "invalid_request",
    code: "token-malformed",
    title: "The credentials in the request are malformed",
    retry: false,
    cause: "caller",
    remedy: "Send one token, in one Authorization header.",
  },
  ScopeInsufficient: {
    status: 403,
    challenge: "insufficient_scope",
    code: "scope-insufficient",
    title: "The access token lacks a scope",
    retry: false,
    cause: "caller",
    remedy: "Ask for the scopes in the challenge and log in again.",
  },
  LoginExpired: {
    status: 401,
    challenge: "invalid_token",
    code: "login-expired",
    title: "Log in again",
    retry: false,
    cause: "caller",
    remedy: "The login at the identity provider is over; a new one brings it back.",
  },
  RoleDenied: {
    status: 403,
    code: "role-denied",
    title: "No role for this caller",
    retry: false,
    cause: "caller",
    remedy: "The role rules refuse this person. If that is wrong, the rules or the person's claims have to change.",
  },
  RoleRuleFailed: {
    status: 403,
    code: "role-rule-failed",
    title: "A role rule could not be evaluated for this caller",
    retry: false,
    cause: "operator",
    remedy: "Guard the expression for claims that may be absent or of another type, as `has(claims.groups) && …`.",
  },
  SessionNameInvalid: {
    status: 403,
    code: "session-name-invalid",
    title: "The role session cannot be named for this caller",
    retry: false,
    cause: "operator",
    remedy: "Name the session by another claim, or say `on_invalid: sanitize`.",
  },
  StsAccessDenied: {
    status: 403,
    code: "sts-access-denied",
    title: "AWS does not let this caller assume the role",
    retry: false,
    cause: "operator",
    remedy: "The role's trust policy refuses. Compare its conditions with the token's issuer, audience and subject.",
  },
  StsTokenRejected: {
    status: 401,
    challenge: "invalid_token",
    code: "sts-token-rejected",
    title: "AWS rejected the login; log in again",
    retry: false,
    cause: "caller",
    remedy: "The token of the login has expired or was revoked; a new login brings another.",
  },
  StsThrottled: {
    status: 503,
    code: "sts-throttled",
    title: "AWS STS is throttling",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, ask AWS for a higher request rate.",
  },
  StsUnavailable: {
    status: 503,
    code: "sts-unavailable",
    title: "AWS STS is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path to the regional STS endpoint.",
  },
  StsMisconfigured: {
    status: 502,
    code: "sts-misconfigured",
    title: "AWS STS refuses this configuration",
    retry: false,
    cause: "operator",
    remedy: "The journal has the AWS error code. For InvalidIdentityToken, check the account's IAM OIDC provider.",
  },
  IssuerUnavailable: {
    status: 503,
    code: "issuer-unavailable",
    title: "The identity provider is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path to the provider's issuer URL.",
  },
  BodyTooLarge: {
    status: 413,
    code: "body-too-large",
    title: "The request body is too large",
    retry: false,
    cause: "caller",
    remedy: "Send less. A signed body is held in memory while it is hashed, so the limit is the signing stage's.",
  },
  RequestRefused: {
    status: 400,
    code: "request-refused",
    title: "The request cannot be forwarded",
    retry: false,
    cause: "caller",
    remedy: "The detail says what is wrong with the request.",
  },
  MethodRefused: {
    status: 405,
    code: "method-refused",
    title: "The method is not served here",
    retry: false,
    cause: "caller",
    remedy: "Use a method of the Allow header.",
  },
  HeadersTooLarge: {
    status: 431,
    code: "headers-too-large",
    title: "The request headers are too large",
    retry: false,
    cause: "caller",
    remedy: "Send fewer or shorter headers; a token with very many groups is the usual reason.",
  },
  RequestTimeout: {
    status: 408,
    code: "request-timeout",
    title: "The request did not arrive in time",
    retry: false,
    cause: "caller",
    remedy: "Send the request faster, or in smaller parts.",
  },
  HostUnknown: {
    status: 421,
    code: "host-unknown",
    title: "This host is not served here",
    retry: false,
    cause: "caller",
    remedy: "Call the public URL of the flow. Behind a load balancer: let it pass the Host header on unchanged.",
  },
  FlowUnknown: {
    status: 404,
    code: "flow-unknown",
    title: "Nothing is served here",
    retry: false,
    cause: "caller",
    remedy: "No flow has this path; flows match whole path segments.",
  },
  UpstreamUnavailable: {
    status: 502,
    code: "upstream-unavailable",
    title: "The upstream is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path and the TLS certificate of the forward URL.",
  },
  UpstreamBroken: {
    status: 502,
    code: "upstream-broken",
    title: "The upstream broke off",
    retry: false,
    cause: "outage",
    remedy: "It may have acted on the request: look before you send it again.",
  },
  UpstreamTimeout: {
    status: 504,
    code: "upstream-timeout",
    title: "The upstream did not answer in time",
    retry: false,
    cause: "outage",
    remedy: "It may have acted on the request: look before you send it again. The time is `timeout` of `forward`.",
  },
  UpstreamRefused: {
    status: 502,
    code: "upstream-refused",
    title: "The upstream does not accept our credentials",
    retry: false,
    cause: "operator",
    remedy: "Check service and region of the signature, the role's permissions and this machine's clock.",
  },
  UpstreamRedirected: {
    status: 502,
    code: "upstream-redirected",
    title: "The upstream redirects",
    retry: false,
    cause: "operator",
    remedy: "Redirects are not followed. Put the final address in `forward`.",
  },
  Draining: {
    status: 503,
    code: "draining",
    title: "Shutting down",
    retry: true,
    cause: "outage",
    remedy: "Send it again; another instance, or the next one, answers.",
  },
  PipelineBroken: {
    status: 500,
    code: "pipeline-broken",
    title: "Internal error",
    retry: false,
    cause: "outage",
    remedy: "A defect of ours: report it with the request id and the journal's entries.",
  },
}
