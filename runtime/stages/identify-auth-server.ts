/**
 * `identify <auth_server>`: a bearer access token that one of our own authorization servers issued for this flow.
 *
 * @module
 */
import { Effect } from "effect"
import type { AuthServer } from "../auth-server/auth-server.ts"
import { TokenInvalid } from "../failure.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { IdentifyAuthServer } from "../plan.ts"
import { requireScopes, verifyAccessToken } from "../resource-server/access-token.ts"
import { presentedToken } from "../resource-server/bearer.ts"
import type { Possession } from "../resource-server/possession.ts"
import { knownAs, principalOf } from "../resource-server/principal.ts"

/** `server` is the running server that `plan.server` names, `holder` knows who may send a token that is bound to a key. */
export const identifyAuthServer = (
  plan: IdentifyAuthServer,
  server: AuthServer,
  holder: Possession,
): Stage<"Caller", "Principal"> => {
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
    run: Effect.fnUntraced(function* (exchange) {
      const presented = yield* Effect.fromResult(presentedToken(exchange.incoming))
      const { token } = presented
      const { subject, expiresAt, claims } = yield* verifyAccessToken(token, expected)
      const grant = claims["grant_id"]
      // The server's own tokens all name their grant: one that does not is not one of them.
      if (typeof grant !== "string") return yield* new TokenInvalid({ detail: "the token names no grant" })
      if (yield* server.tokens.revoked(grant)) {
        return yield* new TokenInvalid({ detail: "the token was revoked" })
      }
      yield* holder.verify(exchange, presented, claims)
      yield* requireScopes(claims, plan.scopes)
      const verified = { token, name: plan.server, issuer: server.issuer, subject, claims, expiresAt }
      const principal = principalOf(verified, (wanted) => server.token(subject, wanted))
      const client = claims["client_id"]
      return {
        credential: principal,
        account: { summary: knownAs(principal), detail: { subject, client: String(client) } },
      }
    }),
  }
}
