/**
 * The errors of AssumeRoleWithWebIdentity, with the codes, statuses and words of AWS.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 *
 * @module
 */

/** `type` is who is at fault: the caller or the service. */
export class StsError extends Error {
  readonly type: "Sender" | "Receiver"
  readonly code: string
  readonly status: number

  constructor(type: "Sender" | "Receiver", code: string, status: number, message: string) {
    super(message)
    this.type = type
    this.code = code
    this.status = status
  }
}

const sender = (code: string, status: number, message: string) => new StsError("Sender", code, status, message)

/** Also what AWS says of a role that does not exist: it does not tell the two apart. */
export const accessDenied = () => sender("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")

export const expiredToken = (now: number, expiry: number) =>
  sender(
    "ExpiredTokenException",
    400,
    `Token expired: current date/time ${now} must be before the expiration date/time ${expiry}`,
  )

export const invalidToken = (message: string) => sender("InvalidIdentityToken", 400, message)

export const issuerUnreachable = () =>
  sender(
    "IDPCommunicationError",
    400,
    "The identity provider that was asked to verify the incoming identity token could not be reached",
  )

export const invalidAction = (action: string, version: string) =>
  sender("InvalidAction", 400, `Could not find operation ${action} for version ${version}`)

export const missingAction = () => sender("MissingAction", 400, "The request must contain the parameter Action")

export const missingParameter = (name: string) =>
  sender("MissingParameter", 400, `The request must contain the parameter ${name}`)

export const malformedRequest = (message: string) => sender("MalformedQueryString", 400, message)

/** `constraint` completes "Member must …". */
export const validationError = (member: string, value: string, constraint: string) =>
  sender(
    "ValidationError",
    400,
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  )

export const sessionTooLong = () =>
  sender("ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")

export const throttling = () => sender("Throttling", 400, "Rate exceeded")

export const unavailable = (status: 500 | 502 | 503) =>
  status === 500
    ? new StsError(
        "Receiver",
        "InternalFailure",
        status,
        "The request processing has failed because of an unknown error",
      )
    : new StsError(
        "Receiver",
        "ServiceUnavailable",
        status,
        "The request has failed due to a temporary failure of the server",
      )
