/**
 * The stand-in for AWS STS: the query API over HTTP, for the one action a plan uses.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { FaultQueue, StsFault } from "../faults.ts"
import type { IamAccount } from "../trust-policy.ts"
import { assumeRole, readAssumeRole } from "./assume-role.ts"
import {
  accessDenied,
  expiredToken,
  invalidAction,
  malformedRequest,
  missingAction,
  StsError,
  throttling,
  unavailable,
} from "./error.ts"
import type { RoleSession, RoleSessions } from "./role-session.ts"
import { assumedRoleXml, errorXml } from "./xml.ts"

const VERSION = "2011-06-15"

/** Above the API's own limits: a 20000 character token, percent-encoded, and the rest. */
const MAX_REQUEST = 128 * 1024

export const sts = (account: IamAccount, sessions: RoleSessions, faults: FaultQueue<StsFault>): RequestListener => {
  const assume = assumeRole(account, sessions)

  const outcome = async (request: IncomingMessage): Promise<RoleSession | StsError> => {
    try {
      const form = await parameters(request)
      const action = form.get("Action")
      if (action === null) return missingAction()
      const version = form.get("Version") ?? ""
      if (action !== "AssumeRoleWithWebIdentity" || version !== VERSION) return invalidAction(action, version)
      return await assume(readAssumeRole(form))
    } catch (cause) {
      return cause instanceof StsError ? cause : unavailable(500)
    }
  }

  return (request, response) => {
    const requestId = randomUUID()
    const fault = faults.take()
    if (fault !== undefined) {
      fail(fault, response, requestId)
      return
    }
    void outcome(request).then((result) => {
      if (result instanceof StsError) answerError(response, result, requestId)
      else answer(response, 200, assumedRoleXml(result, requestId), requestId)
    })
  }
}

const parameters = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const query = URL.parse(request.url ?? "", "http://sts")?.searchParams
  if (request.method === "GET" && query !== undefined) return query
  if (request.method !== "POST") throw malformedRequest("The query API takes GET and POST")
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw malformedRequest("The body of a POST is application/x-www-form-urlencoded")
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_REQUEST) throw malformedRequest("The request is too large")
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"))
}

const answer = (response: ServerResponse, status: number, body: string, requestId: string): void => {
  response.writeHead(status, { "content-type": "text/xml", "x-amzn-requestid": requestId }).end(body)
}

const answerError = (response: ServerResponse, error: StsError, requestId: string): void =>
  answer(response, error.status, errorXml(error, requestId), requestId)

const fail = (fault: StsFault, response: ServerResponse, requestId: string): void => {
  switch (fault.kind) {
    case "throttle":
      answerError(response, throttling(), requestId)
      break
    case "unavailable":
      answerError(response, unavailable(fault.status), requestId)
      break
    case "access-denied":
      answerError(response, accessDenied(), requestId)
      break
    case "expired-token": {
      const now = Math.floor(Date.now() / 1000)
      answerError(response, expiredToken(now, now - 1), requestId)
      break
    }
    case "garbage":
      answer(response, 200, "<AssumeRoleWithWebIdentityResponse><oops", requestId)
      break
    case "hang":
      break
    case "reset":
      response.socket?.resetAndDestroy()
      break
  }
}
