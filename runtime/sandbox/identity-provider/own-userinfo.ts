/**
 * A userinfo endpoint that is not OpenID Connect's: at the path and with the fields that the file says.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { UserinfoRequest } from "../../plan.ts"
import type { FindToken } from "../issued-token.ts"
import type { Person } from "../person.ts"
import { type Realm, release } from "./realm.ts"

/** Answers a request for one of the realm's own endpoints and says so with `true`. */
export const ownUserinfo = (realm: Realm, people: readonly Person[], find: FindToken) => {
  const answer = async (
    { method, headers, subject, name, email }: UserinfoRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    const missing = Object.entries(headers).some(([header, value]) => request.headers[header.toLowerCase()] !== value)
    if (request.method !== method || missing) return json(400, { error: "invalid_request" })
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1]
    const found = token === undefined ? undefined : await find(token)
    const person = people.find(({ claims }) => claims.sub === found?.subject)
    if (found?.kind !== "access_token" || person === undefined) return json(401, { error: "invalid_token" })
    const { claims } = person
    return json(200, {
      ...release(realm, "userinfo", [], claims),
      [subject[0]]: claims.sub,
      [name[0]]: claims["name"],
      [email[0]]: claims["email"],
    })
  }
  return (path: string, request: IncomingMessage, response: ServerResponse): boolean => {
    const asked = realm.userinfo.find(({ endpoint }) => new URL(endpoint).pathname === path)
    if (asked === undefined) return false
    void answer(asked, request, response).catch(() => response.writeHead(500).end())
    return true
  }
}
