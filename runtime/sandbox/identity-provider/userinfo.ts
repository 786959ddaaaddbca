/**
 * The userinfo endpoint for JWT access tokens. `oidc-provider` answers it only for opaque tokens of no audience; providers that
 * issue JWT access tokens (Okta, Keycloak, Entra) answer it for those too, and that is what a plan with `format: jwt` stands for.
 *
 * @module
 */
import { createPublicKey, type KeyObject } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { jwtVerify } from "jose"
import type { Person } from "../person.ts"
import { type Realm, release } from "./realm.ts"

/** Answers a request that carries a JWT and says so with `true`; leaves every other request to the provider. */
export const userinfoForJwt = (realm: Realm, people: readonly Person[], key: KeyObject, algorithm: string) => {
  const publicKey = createPublicKey(key)

  const answer = async (token: string, response: ServerResponse): Promise<void> => {
    const json = (status: number, headers: Record<string, string>, body: unknown) =>
      response
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers })
        .end(JSON.stringify(body))
    try {
      const {
        payload: { sub, scope = "" },
      } = await jwtVerify(token, publicKey, {
        issuer: realm.issuer,
        algorithms: [algorithm],
        typ: "at+jwt",
      })
      const scopes = String(scope).split(" ")
      const person = people.find(({ claims }) => claims.sub === sub)
      if (person === undefined || !scopes.includes("openid")) {
        json(
          403,
          { "www-authenticate": 'Bearer error="insufficient_scope", scope="openid"' },
          { error: "insufficient_scope" },
        )
        return
      }
      json(200, {}, { ...release(realm, "userinfo", scopes, person.claims), sub: person.claims.sub })
    } catch {
      json(401, { "www-authenticate": 'Bearer error="invalid_token"' }, { error: "invalid_token" })
    }
  }

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? "")?.[1]
    if (token === undefined) return false
    void answer(token, response)
    return true
  }
}
