/**
 * What STS's errors mean here: whose doing it is, and whether a login or waiting can help. See the rows in failure.ts.
 *
 * @module
 */
import { Predicate } from "effect"
import {
  type Failure,
  StsAccessDenied,
  StsMisconfigured,
  StsThrottled,
  StsTokenRejected,
  StsUnavailable,
} from "../failure.ts"

/** Seconds. */
const RETRY_AFTER = 5

/** `cause` is what the SDK threw, after its retries. Only AWS's error code and request id are kept, not its message. */
export const stsFailure = (cause: unknown, role: string): Failure => {
  const { code, status, request } = read(cause)
  const log = {
    role,
    aws: code,
    ...(status === undefined ? {} : { status }),
    ...(request === undefined ? {} : { request }),
  }
  if (throttling.has(code) || status === 429) {
    return new StsThrottled({ detail: "AWS STS is throttling requests", retryAfter: RETRY_AFTER, log })
  }
  if (code === "IDPCommunicationError") {
    const detail = "AWS cannot reach the identity provider's keys"
    return new StsUnavailable({ detail, retryAfter: RETRY_AFTER, log })
  }
  // No status: it was not reached, timed out or broke off. 200: an answer that is none.
  if (status === undefined || status < 400 || status >= 500) {
    return new StsUnavailable({ detail: "AWS STS cannot be reached or is failing", retryAfter: RETRY_AFTER, log })
  }
  switch (code) {
    case "ExpiredToken":
      return new StsTokenRejected({ detail: "AWS says the login's token has expired", log })
    case "IDPRejectedClaim":
      return new StsTokenRejected({ detail: "the identity provider told AWS that the login's token is not valid", log })
    case "AccessDenied":
      return new StsAccessDenied({ detail: "the trust policy of the role does not admit this caller", log })
    case "InvalidIdentityToken":
      return new StsMisconfigured({ detail: "AWS cannot verify tokens of this identity provider", log })
    default:
      return new StsMisconfigured({ detail: `AWS STS refuses the request (${code})`, log })
  }
}

const throttling = new Set([
  "Throttling",
  "Throttled",
  "RequestThrottled",
  "RequestLimitExceeded",
  "TooManyRequests",
  "SlowDown",
])

const read = (cause: unknown) => {
  const metadata = Predicate.hasProperty(cause, "$metadata") ? cause.$metadata : undefined
  const status = Predicate.hasProperty(metadata, "httpStatusCode") ? metadata.httpStatusCode : undefined
  const request = Predicate.hasProperty(metadata, "requestId") ? metadata.requestId : undefined
  // The query protocol writes some codes with the suffix and some without; the SDK's classes always have it.
  const name = cause instanceof Error ? cause.name.replace(/Exception$/, "") : "unknown"
  return {
    code: name,
    status: Predicate.isNumber(status) ? status : undefined,
    request: Predicate.isString(request) ? request : undefined,
  }
}
