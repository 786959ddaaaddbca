/**
 * AssumeRoleWithWebIdentity: the checks AWS makes, on the IAM configuration derived from the plan.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @module
 */
import { type createRemoteJWKSet, decodeJwt, type JWTPayload, errors as joseErrors, jwtVerify } from "jose"
import { discoverKeys } from "../discover-keys.ts"
import { type IamAccount, type IamRole, issuerKey } from "../trust-policy.ts"
import {
  accessDenied,
  expiredToken,
  invalidToken,
  issuerUnreachable,
  missingParameter,
  type StsError,
  sessionTooLong,
  validationError,
} from "./error.ts"
import type { RoleSession, RoleSessions } from "./role-session.ts"

/** The call's parameters, within the bounds of the API. */
export interface AssumeRole {
  readonly roleArn: string
  readonly sessionName: string
  readonly token: string
  /** Seconds. */
  readonly duration: number
}

/** Reads and bounds the parameters. Throws StsError. */
export const readAssumeRole = (form: URLSearchParams): AssumeRole => {
  const required = (name: string): string => {
    const value = form.get(name)
    if (value === null) throw missingParameter(name)
    return value
  }
  const roleArn = required("RoleArn")
  const sessionName = required("RoleSessionName")
  const token = required("WebIdentityToken")
  bounds("roleArn", roleArn, 20, 2048)
  bounds("roleSessionName", sessionName, 2, 64)
  if (!/^[\w+=,.@-]*$/.test(sessionName)) {
    throw validationError("roleSessionName", sessionName, "satisfy regular expression pattern: [\\w+=,.@-]*")
  }
  // The token is a credential; AWS masks it in its own message too.
  if (token.length < 4 || token.length > 20_000) {
    const limit = token.length < 4 ? "greater than or equal to 4" : "less than or equal to 20000"
    throw validationError("webIdentityToken", "***", `have length ${limit}`)
  }
  const seconds = form.get("DurationSeconds") ?? "3600"
  const duration = Number(seconds)
  if (!/^\d+$/.test(seconds) || duration < 900) {
    throw validationError("durationSeconds", seconds, "have value greater than or equal to 900")
  }
  if (duration > 43_200) throw validationError("durationSeconds", seconds, "have value less than or equal to 43200")
  return { roleArn, sessionName, token, duration }
}

const bounds = (member: string, value: string, min: number, max: number): void => {
  if (value.length < min) {
    throw validationError(member, value, `have length greater than or equal to ${min}`)
  }
  if (value.length > max) {
    throw validationError(member, value, `have length less than or equal to ${max}`)
  }
}

/** AWS allows a few minutes between its clock and an issuer's; the sandbox has one clock. */
const CLOCK_TOLERANCE = 0

export const assumeRole = (
  account: IamAccount,
  sessions: RoleSessions,
): ((call: AssumeRole) => Promise<RoleSession | StsError>) => {
  const keysOf = new Map<string, Promise<ReturnType<typeof createRemoteJWKSet>>>()

  const keys = (issuer: string) => {
    const known = keysOf.get(issuer)
    if (known !== undefined) return known
    const discovered = discoverKeys(issuer)
    keysOf.set(issuer, discovered)
    // An issuer that was down is asked again.
    discovered.catch(() => keysOf.delete(issuer))
    return discovered
  }

  return async ({ roleArn, sessionName, token, duration }) => {
    let claims: JWTPayload
    try {
      claims = decodeJwt(token)
    } catch {
      return invalidToken(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      )
    }
    const issuer = String(claims.iss)
    const provider = account.oidcProviders.find(
      (candidate) => candidate.issuer === issuer && sameAccount(candidate.arn, roleArn),
    )
    if (provider === undefined) {
      return invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`)
    }
    try {
      await jwtVerify(token, await keys(issuer), {
        issuer,
        clockTolerance: CLOCK_TOLERANCE,
        requiredClaims: ["exp", "sub"],
      })
    } catch (cause) {
      if (cause instanceof joseErrors.JWTExpired) {
        return expiredToken(Math.floor(Date.now() / 1000), Number(cause.payload.exp))
      }
      if (cause instanceof joseErrors.JWSSignatureVerificationFailed) {
        return invalidToken("Couldn't verify the signature of the token")
      }
      if (cause instanceof joseErrors.JWKSNoMatchingKey) {
        return invalidToken(
          "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
        )
      }
      // JWKSTimeout, a refused connection or a page that is no key set; everything else jose refuses is in the token.
      if (!(cause instanceof joseErrors.JOSEError) || cause instanceof joseErrors.JWKSTimeout)
        return issuerUnreachable()
      return invalidToken("The web identity token is not valid")
    }
    const audiences = [claims.aud ?? []].flat()
    const audience = audiences.find((audience) => provider.clientIds.includes(audience))
    if (audience === undefined) return invalidToken("Incorrect token audience")

    const role = account.roles.find(({ arn }) => arn === roleArn)
    if (role === undefined || !trusts(role, provider.arn, issuer, audiences)) return accessDenied()
    if (duration > role.maxSessionDuration) return sessionTooLong()

    return sessions.begin({
      roleArn,
      sessionName,
      expiresAt: Date.now() + duration * 1000,
      provider: provider.arn,
      audience,
      subject: String(claims.sub),
    })
  }
}

/** Evaluates a trust policy as IAM does: one statement that applies whole is enough. */
const trusts = (role: IamRole, federated: string, issuer: string, audiences: readonly string[]): boolean =>
  role.trustPolicy.Statement.some(
    ({ Principal, Condition }) =>
      Principal.Federated === federated &&
      Object.entries(Condition.StringEquals).every(
        ([key, allowed]) =>
          key === `${issuerKey(issuer)}:aud` && audiences.some((audience) => [allowed].flat().includes(audience)),
      ),
  )

const sameAccount = (providerArn: string, roleArn: string): boolean =>
  providerArn.split(":")[4] === roleArn.split(":")[4]
