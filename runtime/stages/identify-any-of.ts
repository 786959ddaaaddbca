/**
 * `identify <any_of>`: a JWT access token of one of several issuers. `iss` says of which, and the token is verified as one of
 * that issuer: with its keys, its algorithms and its rules, never with another's.
 *
 * @module
 */
import { Effect } from "effect"
import { decodeJwt } from "jose"
import { TokenInvalid } from "../failure.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { IdentifyAnyOf } from "../plan.ts"
import { requireScopes } from "../resource-server/access-token.ts"
import { presentedToken } from "../resource-server/bearer.ts"
import type { Possession } from "../resource-server/possession.ts"
import { knownAs, principalOf } from "../resource-server/principal.ts"
import { noOther, type Verify } from "./identify-oidc.ts"

/** `issuers`: how each one's tokens are verified, by `iss`. */
export const identifyAnyOf = (
  plan: IdentifyAnyOf,
  issuers: ReadonlyMap<string, Verify>,
  holder: Possession,
): Stage<"Caller", "Principal"> => ({
  label: `identify ${plan.callers}`,
  consumes: "Caller",
  produces: "Principal",
  run: Effect.fn("IdentifyAnyOf.run")(function* (exchange) {
    const presented = yield* Effect.fromResult(presentedToken(exchange.incoming))
    const { token } = presented
    // Not verified yet: it only chooses who verifies, and each of them looks at `iss` again.
    const issuer = statedIssuer(token)
    const verify = issuer === undefined ? undefined : issuers.get(issuer)
    if (verify === undefined || issuer === undefined)
      return yield* new TokenInvalid({ detail: "the token is of another issuer" })
    const { subject, expiresAt, claims } = yield* verify(token, plan.audience)
    yield* holder.verify(exchange, presented, claims)
    yield* requireScopes(claims, plan.scopes)
    const verified = { token, name: plan.callers, issuer, subject, claims, expiresAt }
    const principal = principalOf(verified, noOther(plan.callers))
    return { credential: principal, account: { summary: knownAs(principal), detail: { issuer, subject } } }
  }),
})

const statedIssuer = (token: string): string | undefined => {
  try {
    const { iss } = decodeJwt(token)
    return typeof iss === "string" ? iss : undefined
  } catch {
    return undefined
  }
}
