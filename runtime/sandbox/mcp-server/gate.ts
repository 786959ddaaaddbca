/**
 * What stands before an upstream of the sandbox: it verifies the credential that its flow is to show, as strictly as the real
 * one, and lets nothing else pass.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto"
import type { FindToken } from "../issued-token.ts"
import type { Shown } from "../shown.ts"
import type { RoleSessions } from "../sts/role-session.ts"
import { headerValues, type RawRequest } from "./canonical-request.ts"
import { type SignedService, verifySignature } from "./verify-signature.ts"

/** Who a request was proved to be from. `owner`: whose MCP sessions it may use. */
export type Caller =
  | {
      readonly owner: string
      readonly role: string
      readonly sessionName: string
      readonly arn: string
    }
  | { readonly owner: string; readonly shown: Shown }

export interface Refused {
  readonly accepted: false
  readonly status: number
  readonly code: string
  readonly message: string
}

export type Verdict = { readonly accepted: true; readonly caller: Caller } | Refused

export type Gate = (request: RawRequest) => Promise<Verdict>

/** Only what was signed, for this service, by a role session of the sandbox's STS. */
export const signatureGate =
  (service: SignedService, sessions: Pick<RoleSessions, "find">): Gate =>
  (request) => {
    const verdict = verifySignature(request, service, sessions, Date.now())
    if (!verdict.accepted) return Promise.resolve(verdict)
    const { roleArn: role, sessionName, arn } = verdict.session
    return Promise.resolve({ accepted: true, caller: { owner: arn, role, sessionName, arn } })
  }

/** Only with the secret, alone in its header. */
export const headerGate =
  (name: string, secret: string): Gate =>
  (request) => {
    const other = credentialHeaders(request, name)
    if (other !== undefined) return Promise.resolve(secondCredential(other))
    const [value, ...more] = headerValues(request.headers, name)
    if (value === undefined) return Promise.resolve(refuse(401, "CredentialMissing", `There is no ${name} header`))
    if (more.length > 0 || !sameBytes(value, secret)) {
      return Promise.resolve(refuse(401, "CredentialWrong", `What is in ${name} is not the key`))
    }
    return Promise.resolve({ accepted: true, caller: { owner: "the key", shown: { kind: "header", name } } })
  }

/** Only with an access token of the issuer, as it is. */
export const tokenGate =
  ({ header, find, admits }: TokenGate): Gate =>
  async (request) => {
    const other = credentialHeaders(request, header)
    if (other !== undefined) return secondCredential(other)
    const [value, ...more] = headerValues(request.headers, header)
    const token = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/.exec(value ?? "")?.[1]
    if (token === undefined || more.length > 0) {
      return refuse(401, "CredentialMissing", `There is not one bearer token in ${header}`)
    }
    const found = await find(token)
    if (found === undefined) return refuse(401, "invalid_token", "The token is not known, has expired or was revoked")
    const { kind, issuer, audiences, subject } = found
    if (kind !== "access_token") return refuse(401, "invalid_token", "The token is no access token")
    const why = admits(found)
    if (why !== undefined) return refuse(401, "invalid_token", why)
    const shown: Shown = { kind: "token", issuer, audience: audiences[0], subject }
    return { accepted: true, caller: { owner: `${issuer} ${subject}`, shown } }
  }

export interface TokenGate {
  /** Lower-case name. */
  readonly header: string
  readonly find: FindToken
  /** Why this resource does not take the token; undefined when it does. */
  readonly admits: (token: NonNullable<Awaited<ReturnType<FindToken>>>) => string | undefined
}

/** Everybody, but nobody with a credential: the flow says that none is shown. */
export const openGate: Gate = (request) => {
  const other = credentialHeaders(request, undefined)
  return Promise.resolve(
    other === undefined
      ? { accepted: true, caller: { owner: "anybody", shown: { kind: "none" } } }
      : secondCredential(other),
  )
}

/** The first header that carries a credential, beside the one that is to. */
const credentialHeaders = ({ headers }: RawRequest, own: string | undefined): string | undefined =>
  headers
    .map(([name]) => name.toLowerCase())
    .find((name) => name !== own && /^(authorization|cookie|proxy-authorization|x-amz-security-token)$/.test(name))

const secondCredential = (name: string): Refused =>
  refuse(400, "SecondCredential", `There is a credential in ${name}, which has no business here`)

const refuse = (status: number, code: string, message: string): Refused => ({ accepted: false, status, code, message })

/** Constant-time for values of one length; lengths are no secret here. */
const sameBytes = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
