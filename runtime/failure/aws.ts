/**
 * Roles and their sessions: the role rules and AWS STS.
 *
 * @module
 */
import { Data } from "effect"
import type { Log, Rows } from "./row.ts"

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

export type AwsFailure =
  | RoleDenied
  | RoleRuleFailed
  | SessionNameInvalid
  | StsAccessDenied
  | StsTokenRejected
  | StsThrottled
  | StsUnavailable
  | StsMisconfigured

export const awsRows: Rows<AwsFailure> = {
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
}
