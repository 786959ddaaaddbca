/**
 * The providers that people log in at.
 *
 * @module
 */
import { Effect } from "effect"
import type { AuthServer, Provider, SecretRef } from "../../plan.ts"
import { Secrets } from "../../secrets.ts"
import { AuthServerMisconfigured } from "../start-failure.ts"
import type { Store } from "../store.ts"
import { oauth2Upstream } from "./oauth2.ts"
import { oidcUpstream } from "./oidc.ts"
import { redirectUriOf } from "./redirect-uri.ts"
import { given, registering } from "./registration.ts"

export * from "./upstream.ts"

/** Fails with AuthServerMisconfigured or SecretMissing. */
export const makeUpstream = Effect.fn("Upstream.make")(function* (
  config: AuthServer,
  provider: Provider,
  store: Store,
) {
  const secrets = yield* Secrets
  const wrong = (reason: string) => new AuthServerMisconfigured({ server: config.name, reason })
  const redirectUri = redirectUriOf(config, provider)
  const origin = new URL(config.issuer).origin
  // Another origin would not get the cookie that ties the login to its browser.
  if (new URL(redirectUri).origin !== origin)
    return yield* wrong(`the redirect URI ${redirectUri} is not on the issuer's origin ${origin}`)
  const secretOf = (ref: SecretRef | undefined) => (ref === undefined ? Effect.succeed(undefined) : secrets.get(ref))
  const { name } = provider
  if (provider.kind === "oidc") {
    const { client } = provider
    if (client === undefined) return yield* wrong(`nobody can log in at ${name} without a client_id there`)
    if (!client.scopes.includes("openid")) return yield* wrong(`${name} gives no ID token without the scope openid`)
    return oidcUpstream({ ...provider, client }, yield* secretOf(client.secret), redirectUri)
  }
  const { id, registration } = provider.client
  if (id !== undefined) return oauth2Upstream(provider, given(id, yield* secretOf(provider.client.secret)), redirectUri)
  if (registration === undefined)
    return yield* wrong(`nobody can log in at ${name} without a client_id or a registration there`)
  const initialAccessToken = yield* secretOf(registration.initialAccessToken)
  return oauth2Upstream(
    provider,
    registering({ provider, registration, initialAccessToken, redirectUri, store }),
    redirectUri,
  )
})
