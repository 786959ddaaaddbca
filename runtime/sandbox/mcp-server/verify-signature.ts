/**
 * Decides whether a request was signed by a role session, as strictly as an AWS service does: every part of the
 * authorization is there, everything that matters is signed, and nothing has changed since.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto"
import type { RoleSession, RoleSessions } from "../sts/role-session.ts"
import {
  canonicalRequest,
  headerValues,
  type RawRequest,
  sha256,
  signature,
  stringToSign,
} from "./canonical-request.ts"

/** What the service is: a signature for another one is refused. */
export interface SignedService {
  readonly region: string
  readonly service: string
  /** Is the body left out of the signature? */
  readonly payload?: "unsigned"
}

const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

/** AWS's code for the refusal and a sentence; always answered with 403, but for what is no SigV4 at all. */
export interface SignatureRefused {
  readonly accepted: false
  readonly status: 400 | 403
  readonly code:
    | "MissingAuthenticationToken"
    | "IncompleteSignature"
    | "SignatureDoesNotMatch"
    | "InvalidClientTokenId"
    | "ExpiredToken"
    | "InvalidHeader"
  readonly message: string
}

export type SignatureVerdict = { readonly accepted: true; readonly session: RoleSession } | SignatureRefused

/** AWS refuses a signature made more than five minutes before or after its own time. */
export const MAX_SKEW_MS = 5 * 60 * 1000

/** `now` in epoch milliseconds. */
export const verifySignature = (
  request: RawRequest,
  { region, service, payload }: SignedService,
  sessions: Pick<RoleSessions, "find">,
  now: number,
): SignatureVerdict => {
  const [authorization, ...more] = headerValues(request.headers, "authorization")
  if (authorization === undefined) {
    return refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
  }
  if (more.length > 0) return refuse("IncompleteSignature", "There is more than one Authorization header", 400)
  const parts = parseAuthorization(authorization)
  if (parts === undefined) {
    return refuse("IncompleteSignature", "Authorization header requires Credential, SignedHeaders and Signature", 400)
  }
  // A header that may appear once and is there twice has two meanings; nobody may choose which one was signed.
  for (const name of ["host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "content-type"]) {
    if (headerValues(request.headers, name).length > 1) {
      return refuse("InvalidHeader", `There is more than one ${name} header`, 400)
    }
  }
  const required = mustBeSigned(request.headers)
  const unsigned = required.filter((name) => !parts.signedHeaders.includes(name))
  if (unsigned.length > 0) {
    return refuse("SignatureDoesNotMatch", `These headers must be signed: ${unsigned.join(", ")}`)
  }
  const absent = parts.signedHeaders.filter((name) => headerValues(request.headers, name).length === 0)
  if (absent.length > 0) {
    return refuse("SignatureDoesNotMatch", `These headers are signed and not there: ${absent.join(", ")}`)
  }
  if (!isSorted(parts.signedHeaders)) {
    return refuse("IncompleteSignature", "SignedHeaders must be lower case, sorted and without repeats", 400)
  }

  const amzDate = headerValues(request.headers, "x-amz-date")[0] ?? ""
  const signedAt = parseAmzDate(amzDate)
  if (signedAt === undefined) return refuse("IncompleteSignature", "X-Amz-Date must be YYYYMMDDTHHMMSSZ", 400)
  const { scope } = parts
  if (scope.date !== amzDate.slice(0, 8)) {
    return refuse("SignatureDoesNotMatch", "Date in Credential scope does not match YYYYMMDD of X-Amz-Date")
  }
  if (scope.region !== region) {
    return refuse("SignatureDoesNotMatch", `Credential should be scoped to a valid region, not '${scope.region}'`)
  }
  if (scope.service !== service) {
    return refuse("SignatureDoesNotMatch", `Credential should be scoped to correct service: '${service}'`)
  }
  if (signedAt < now - MAX_SKEW_MS) return refuse("SignatureDoesNotMatch", `Signature expired: ${amzDate}`)
  if (signedAt > now + MAX_SKEW_MS) return refuse("SignatureDoesNotMatch", `Signature not yet current: ${amzDate}`)

  const session = sessions.find(parts.accessKeyId)
  const token = headerValues(request.headers, "x-amz-security-token")[0] ?? ""
  if (session === undefined || !sameBytes(token, session.sessionToken)) {
    return refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
  }
  if (session.expiresAt <= now) {
    return refuse("ExpiredToken", "The security token included in the request is expired")
  }

  const declaredHash = headerValues(request.headers, "x-amz-content-sha256")[0]
  const payloadHash = payload === "unsigned" ? UNSIGNED_PAYLOAD : sha256(request.body)
  if (
    payload === "unsigned" ? declaredHash !== payloadHash : declaredHash !== undefined && declaredHash !== payloadHash
  ) {
    return refuse("SignatureDoesNotMatch", "The provided x-amz-content-sha256 header does not match what was computed")
  }
  const canonical = canonicalRequest(request, parts.signedHeaders, payloadHash)
  const expected = signature(session.secretAccessKey, scope, stringToSign(amzDate, scope, canonical))
  if (!sameBytes(parts.signature, expected)) {
    return refuse(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    )
  }
  return { accepted: true, session }
}

const refuse = (code: SignatureRefused["code"], message: string, status: 400 | 403 = 403): SignatureRefused => ({
  accepted: false,
  status,
  code,
  message,
})

interface Authorization {
  readonly accessKeyId: string
  readonly scope: { readonly date: string; readonly region: string; readonly service: string }
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const parseAuthorization = (header: string): Authorization | undefined => {
  const [, list] = /^AWS4-HMAC-SHA256 +(.*)$/.exec(header) ?? []
  if (list === undefined) return undefined
  const fields = new Map<string, string>()
  for (const field of list.split(",")) {
    const [, name, value] = /^\s*(\w+)=(.*?)\s*$/.exec(field) ?? []
    if (name === undefined || value === undefined || fields.has(name)) return undefined
    fields.set(name, value)
  }
  const [, accessKeyId, date, region, service] =
    /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(fields.get("Credential") ?? "") ?? []
  const signedHeaders = fields.get("SignedHeaders") ?? ""
  const given = fields.get("Signature") ?? ""
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) return undefined
  if (fields.size !== 3 || signedHeaders === "" || !/^[0-9a-f]{64}$/.test(given)) return undefined
  return { accessKeyId, scope: { date, region, service }, signedHeaders: signedHeaders.split(";"), signature: given }
}

/** Host, the date and the session token always; the content type and every other `x-amz-*` header when it is there. */
const mustBeSigned = (headers: RawRequest["headers"]): readonly string[] => {
  const present = headers.map(([name]) => name.toLowerCase())
  const whenPresent = present.filter((name) => name === "content-type" || name.startsWith("x-amz-"))
  return [...new Set(["host", "x-amz-date", "x-amz-security-token", ...whenPresent])]
}

const isSorted = (names: readonly string[]): boolean =>
  names.every((name, at) => name === name.toLowerCase() && (at === 0 || (names[at - 1] ?? "") < name))

/** `20150830T123600Z` as epoch milliseconds. */
const parseAmzDate = (text: string): number | undefined => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

/** Constant-time for values of one length; lengths are no secret here. */
const sameBytes = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
