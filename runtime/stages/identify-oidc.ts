/**
 * `identify <oidc provider>`: a bearer JWT access token that an outside issuer issued for this flow.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { PipelineBroken } from "../failure.ts"
import type { Principal } from "../pipeline/credential.ts"
import type { Account, Stage } from "../pipeline/stage.ts"
import type { IdentifyOidc, OidcProvider } from "../plan.ts"
import { requireScopes, verifyAccessToken } from "../resource-server/access-token.ts"
import { bearerToken } from "../resource-server/bearer.ts"
import { issuerKeys } from "../resource-server/issuer.ts"
import { knownAs, principalOf } from "../resource-server/principal.ts"
import { tokenMemory } from "../resource-server/token-memory.ts"

/** `provider` is what `plan.provider` names. Its keys are first fetched when the first token comes. */
export const identifyOidc = (plan: IdentifyOidc, provider: OidcProvider): Stage<"Caller", "Principal"> => {
  const expected = {
    issuer: provider.issuer,
    audience: plan.audience,
    algorithms: provider.algorithms,
    keys: issuerKeys(provider),
    type: "offered",
  } as const
  const memory = tokenMemory<Admitted>()
  const admit = Effect.fnUntraced(function* (token: string) {
    const { subject, expiresAt, claims } = yield* verifyAccessToken(token, expected)
    yield* requireScopes(claims, plan.scopes)
    const verified = { token, name: plan.provider, issuer: provider.issuer, subject, claims, expiresAt }
    const principal = principalOf(verified, ({ issuer, kind }) =>
      Effect.fail(new PipelineBroken({ detail: `a caller of ${plan.provider} has no ${issuer}.${kind}` })),
    )
    const admitted = { credential: principal, account: { summary: knownAs(principal), detail: { subject } } }
    memory.set(token, admitted, expiresAt)
    return admitted
  })
  return {
    label: `identify ${plan.provider}`,
    consumes: "Caller",
    produces: "Principal",
    run: ({ incoming }) => {
      const token = bearerToken(incoming)
      if (Result.isFailure(token)) return Effect.fail(token.failure)
      const known = memory.get(token.success)
      return known === undefined ? admit(token.success) : Effect.succeed(known)
    },
  }
}

/** What a verified token is worth. */
interface Admitted {
  readonly credential: Principal
  readonly account: Account
}
