/**
 * Client authentication at a stand-in token endpoint: exactly the method that the plan says (RFC 6749 section 2.3, RFC 7523
 * section 3).
 *
 * @module
 */
import { createPublicKey, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { jwtVerify } from "jose"
import type { OAuthClient } from "../../plan.ts"

/** Whether the request is of this client. `secret` is its value, where it has one. */
export const isOfClient = async (
  request: IncomingMessage,
  form: URLSearchParams,
  client: OAuthClient | undefined,
  secret: string | undefined,
  endpoint: string,
): Promise<boolean> => {
  const basic = basicOf(request)
  const posted = form.get("client_secret")
  const assertion = form.get("client_assertion")
  const methods = [basic !== undefined, posted !== null, assertion !== null].filter(Boolean).length
  // RFC 6749 section 2.3: not more than one method in a request.
  if (methods > 1) return false
  if (client === undefined) return methods === 0 && !form.has("client_id")
  switch (client.authentication) {
    case "none":
      return methods === 0 && form.get("client_id") === client.id
    case "client_secret_basic":
      return basic !== undefined && basic.id === client.id && same(basic.secret, secret)
    case "client_secret_post":
      return posted !== null && form.get("client_id") === client.id && same(posted, secret)
    case "private_key_jwt":
      return (
        assertion !== null &&
        form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
        (await isSigned(assertion, client.id, secret, endpoint))
      )
  }
}

const isSigned = async (
  assertion: string,
  id: string,
  secret: string | undefined,
  endpoint: string,
): Promise<boolean> => {
  try {
    const key = createPublicKey(secret ?? "")
    await jwtVerify(assertion, key, { issuer: id, subject: id, audience: endpoint, requiredClaims: ["exp", "jti"] })
    return true
  } catch {
    return false
  }
}

/** Both parts are form-encoded before they are joined (RFC 6749 section 2.3.1). */
const basicOf = (request: IncomingMessage): { readonly id: string; readonly secret: string } | undefined => {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(request.headers.authorization ?? "") ?? []
  if (encoded === undefined) return undefined
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":")
  const decode = (text: string) => new URLSearchParams(`x=${text}`).get("x") ?? ""
  return { id: decode(id), secret: decode(secret) }
}

const same = (given: string, secret: string | undefined): boolean => {
  const [left, right] = [Buffer.from(given), Buffer.from(secret ?? "")]
  return secret !== undefined && left.length === right.length && timingSafeEqual(left, right)
}
