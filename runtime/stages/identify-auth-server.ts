/**
 * `identify <auth_server>`: a bearer access token that one of our own authorization servers issued for this flow.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type { AuthServer } from "../auth-server/auth-server.ts"
import { TokenInvalid } from "../failure.ts"
import type { BearerToken, Principal } from "../pipeline/credential.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { IdentifyAuthServer, TokenRef } from "../plan.ts"
import { requireScopes, verifyAccessToken } from "../resource-server/access-token.ts"
import { bearerToken } from "../resource-server/bearer.ts"

/** `server` is the running server that `plan.server` names. */
export const identifyAuthServer = (plan: IdentifyAuthServer, server: AuthServer): Stage<"Caller", "Principal"> => {
  const expected = {
    issuer: server.issuer,
    audience: plan.audience,
    algorithms: server.tokens.algorithms,
    keys: server.tokens.keys,
    type: "required",
  } as const
  return {
    label: `identify ${plan.server}`,
    consumes: "Caller",
    produces: "Principal",
    run: Effect.fn("IdentifyAuthServer.run")(function* (exchange) {
      const token = yield* bearerToken(exchange.incoming)
      const { subject, expiresAt, claims } = yield* verifyAccessToken(token, expected)
      const grant = claims["grant_id"]
      // The server's own tokens all name their grant: one that does not is not one of them.
      if (typeof grant !== "string") return yield* new TokenInvalid({ detail: "the token names no grant" })
      if (yield* Effect.promise(() => server.tokens.revoked(grant))) {
        return yield* new TokenInvalid({ detail: "the token was revoked" })
      }
      yield* requireScopes(claims, plan.scopes)
      const ref: TokenRef = { issuer: plan.server, kind: "access_token" }
      const own: BearerToken = { ref, value: Redacted.make(token), expiresAt }
      const principal: Principal = {
        _tag: "Principal",
        issuer: server.issuer,
        subject,
        claims,
        expiresAt,
        token: (wanted) =>
          wanted.issuer === ref.issuer && wanted.kind === ref.kind
            ? Effect.succeed(own)
            : server.token(subject, wanted),
      }
      const client = claims["client_id"]
      return {
        credential: principal,
        account: { summary: `${nameOf(claims, subject)}`, detail: { subject, client: String(client) } },
      }
    }),
  }
}

/** For the journal: what a reader knows the person by. */
const nameOf = (claims: Readonly<Record<string, unknown>>, subject: string) => {
  const known = claims["email"] ?? claims["name"]
  return typeof known === "string" ? known : subject
}
