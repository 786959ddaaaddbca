/**
 * `identify <oidc provider>`: a bearer access token that an outside issuer issued for this flow: a JWT that is verified by the
 * issuer's keys, or an opaque one that the issuer is asked about.
 *
 * @module
 */
import { Effect, Redacted, Result } from "effect"
import { type Failure, IssuerUnavailable, PipelineBroken, TokenInvalid } from "../failure.ts"
import type { Principal } from "../pipeline/credential.ts"
import type { Environment } from "../pipeline/environment.ts"
import type { Account, Exchange, Stage } from "../pipeline/stage.ts"
import type { IdentifyOidc, OidcProvider } from "../plan.ts"
import { requireScopes, type Verified, verifyAccessToken } from "../resource-server/access-token.ts"
import { type Presented, presentedToken } from "../resource-server/bearer.ts"
import { introspection } from "../resource-server/introspection.ts"
import { issuerKeys } from "../resource-server/issuer.ts"
import { type IssuerClient, issuerClient } from "../resource-server/issuer-client.ts"
import type { Possession } from "../resource-server/possession.ts"
import { knownAs, principalOf } from "../resource-server/principal.ts"
import { tokenMemory } from "../resource-server/token-memory.ts"
import { namedSecret } from "./named-secret.ts"

/** Verifies one token for one audience. */
export type Verify = (token: string, audience: string) => Effect.Effect<Verified, Failure>

/** How tokens of a provider are verified. Its keys are first fetched when the first token comes. */
export const verifierOf = Effect.fn("verifierOf")(function* (
  provider: OidcProvider,
  environment: Pick<Environment, "secrets" | "path">,
) {
  const ca = provider.ca && Redacted.value(yield* namedSecret(provider.ca, environment))
  const client = issuerClient({ ca })
  if (provider.introspection === undefined) return jwtVerifier(provider, client)
  const { url, client: us } = provider.introspection
  const known = us && { id: us.id, secret: yield* namedSecret(us.secret, environment) }
  const ask = introspection({ url, client: known, name: provider.name }, client)
  const { issuer } = provider
  const verify: Verify = (token, audience) =>
    Effect.tryPromise({
      try: () => ask(token, { issuer, audience }),
      catch: (cause) =>
        cause instanceof TokenInvalid || cause instanceof IssuerUnavailable
          ? cause
          : new PipelineBroken({ detail: "internal error" }),
    })
  return verify
})

/** The provider's JWTs, by the keys that it publishes. */
export const jwtVerifier = (provider: OidcProvider, client: IssuerClient = issuerClient()): Verify => {
  const { issuer, algorithms } = provider
  const keys = issuerKeys(provider, client)
  return (token, audience) => verifyAccessToken(token, { issuer, audience, algorithms, keys, type: "offered" })
}

/** What a verified token is worth. `bound`: to a key, and then only with a proof. */
interface Admitted {
  readonly credential: Principal
  readonly account: Account
  readonly bound: boolean
}

/** `provider` is what `plan.provider` names. */
export const identifyOidc = (
  plan: IdentifyOidc,
  provider: OidcProvider,
  verify: Verify,
  holder: Possession,
): Stage<"Caller", "Principal"> => {
  // What a provider is asked about is kept where it is asked, and for a shorter time.
  const memory = provider.introspection === undefined ? tokenMemory<Admitted>() : undefined
  const admit = Effect.fnUntraced(function* (exchange: Exchange, presented: Presented) {
    const { token } = presented
    const { subject, expiresAt, claims } = yield* verify(token, plan.audience)
    yield* holder.verify(exchange, presented, claims)
    yield* requireScopes(claims, plan.scopes)
    const verified = { token, name: plan.provider, issuer: provider.issuer, subject, claims, expiresAt }
    const principal = principalOf(verified, noOther(plan.provider))
    const account = { summary: knownAs(principal), detail: { subject } }
    const admitted: Admitted = { credential: principal, account, bound: claims["cnf"] !== undefined }
    memory?.set(token, admitted, expiresAt)
    return admitted
  })
  return {
    label: `identify ${plan.provider}`,
    consumes: "Caller",
    produces: "Principal",
    run: (exchange) => {
      const presented = presentedToken(exchange.incoming)
      if (Result.isFailure(presented)) return Effect.fail(presented.failure)
      const { scheme, token } = presented.success
      const known = scheme === "bearer" ? memory?.get(token) : undefined
      return known === undefined || known.bound ? admit(exchange, presented.success) : Effect.succeed(known)
    },
  }
}

/** Who brings a token has that token and no other. */
export const noOther =
  (callers: string): Parameters<typeof principalOf>[1] =>
  ({ issuer, kind }) =>
    Effect.fail(new PipelineBroken({ detail: `a caller of ${callers} has no ${issuer}.${kind}` }))
