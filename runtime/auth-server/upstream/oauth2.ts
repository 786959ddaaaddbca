/**
 * An OAuth 2.0 provider without OpenID Connect that people log in at (RFC 6749 section 4.1, with PKCE and, where the provider
 * has an issuer, RFC 9207). Who they are it says when asked, or beside its token.
 *
 * @module
 */
import { Clock, Effect } from "effect"
import * as client from "openid-client"
import type { OAuth2Provider } from "../../plan.ts"
import { realmOf } from "../claims.ts"
import { classify, Untrustworthy } from "./classify.ts"
import { earliest, jwtExpiry } from "./expiry.ts"
import { scalarText, valueAt } from "./json-path.ts"
import { otherClient, prompted } from "./oidc.ts"
import type { Registration, Registrations } from "./registration.ts"
import { exchange, normalizer, tokenEndpointFetch } from "./token-endpoint.ts"
import { type Document, TIMEOUT, type Upstream, type UpstreamTokens } from "./upstream.ts"
import { askUserinfo } from "./userinfo.ts"

/** `registrations`: ours there, given or made. */
export const oauth2Upstream = (
  provider: OAuth2Provider,
  registrations: Registrations,
  redirectUri: string,
): Upstream => {
  const failed = (cause: unknown) => classify(provider.name, cause)
  const attempt = <A>(run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: failed })

  const tokensOf = Effect.fnUntraced(function* (clientId: string, { made: answer, response }: Redeemed) {
    const now = Math.floor((yield* Clock.Clock).currentTimeMillisUnsafe() / 1000)
    const stated = answer.expires_in === undefined ? undefined : now + answer.expires_in
    return {
      clientId,
      idToken: undefined,
      accessToken: { value: answer.access_token, expiresAt: earliest(stated, jwtExpiry(answer.access_token)) },
      refreshToken: answer.refresh_token,
      response,
    } satisfies UpstreamTokens
  })

  return {
    name: provider.name,
    realm: realmOf(provider),
    origin: new URL(provider.authorizationEndpoint).origin,
    redirectUri,
    checks: () => ({ state: client.randomState(), nonce: "", verifier: client.randomPKCECodeVerifier() }),
    authorizationUrl: Effect.fn("Upstream.authorizationUrl")((checks, wishes) =>
      attempt(async () => {
        const { scopes, params } = provider.client
        return client.buildAuthorizationUrl(configuration(provider, await registrations.current()), {
          ...params,
          redirect_uri: redirectUri,
          ...(scopes.length > 0 && { scope: scopes.join(" ") }),
          state: checks.state,
          code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: "S256",
          // No standard of OAuth 2.0; some providers know it, and the others have to ignore it (RFC 6749 section 3.1).
          ...prompted(params?.["prompt"], wishes),
          ...(wishes.loginHint === undefined ? {} : { login_hint: wishes.loginHint }),
        })
      }),
    ),
    redeem: Effect.fn("Upstream.redeem")(function* (query, checks) {
      const registration = yield* attempt(registrations.current)
      const answer = new URL(redirectUri)
      answer.search = query
      // A provider whose issuer is not known may say one all the same. It is told apart by its redirect URI instead, which
      // no other provider of the server has (RFC 9700 section 4.4.2.2).
      if (provider.issuer === undefined) answer.searchParams.delete("iss")
      const grant = () =>
        client.authorizationCodeGrant(
          configuration(provider, registration),
          answer,
          { expectedState: checks.state, pkceCodeVerifier: checks.verifier },
          // What is left of the answer's query is no part of the redirect URI that was sent.
          { redirect_uri: redirectUri },
        )
      return yield* attempt(() => exchange(grant, failed)).pipe(
        // Who has registered us has forgotten it: the next login registers again.
        Effect.tapError(({ code }) =>
          code === "invalid_client" ? attempt(() => registrations.forget(registration)) : Effect.void,
        ),
        Effect.flatMap((redeemed) => tokensOf(registration.id, redeemed)),
      )
    }),
    refresh: Effect.fn("Upstream.refresh")(function* (refreshToken, clientId) {
      const registration = yield* attempt(() => registrations.find(clientId))
      if (registration === undefined) return yield* otherClient(provider.name)
      const config = configuration(provider, registration)
      const redeemed = yield* attempt(() => exchange(() => client.refreshTokenGrant(config, refreshToken), failed))
      return yield* tokensOf(registration.id, redeemed)
    }),
    // The plan names no endpoint for either.
    revoke: () => Effect.void,
    keys: Effect.fail(failed(new Untrustworthy("keys", "an OAuth 2.0 provider has no keys that are known here"))),
    identify: Effect.fn("Upstream.identify")(function* ({ accessToken, response }, _needsUserinfo, refreshed) {
      const { identity } = provider
      if (identity.from === "userinfo") {
        const said = yield* attempt(() => askUserinfo(identity.request, accessToken.value))
        return { subject: said.subject, idToken: {}, userinfo: said.document }
      }
      const at = (path: string | undefined) => (path === undefined ? undefined : scalarText(valueAt(response, path)))
      const subject = at(identity.subject) ?? refreshed
      if (subject === undefined) {
        const what = `its token endpoint says nothing at ${identity.subject}, so nobody is known`
        return yield* failed(new Untrustworthy("subject", what))
      }
      return { subject, idToken: {}, userinfo: { sub: subject, name: at(identity.name), email: at(identity.email) } }
    }),
  }
}

interface Redeemed {
  readonly made: client.TokenEndpointResponse
  readonly response: Document
}

const configuration = (provider: OAuth2Provider, { id, authentication }: Registration): client.Configuration => {
  const config = new client.Configuration(
    {
      issuer: realmOf(provider),
      authorization_endpoint: provider.authorizationEndpoint,
      token_endpoint: provider.tokenEndpoint,
      // Then an answer without it is refused (RFC 9207 section 2.4).
      ...(provider.issuer !== undefined && { authorization_response_iss_parameter_supported: true }),
    },
    id,
    {},
    authentication,
  )
  config.timeout = TIMEOUT
  config[client.customFetch] = tokenEndpointFetch(
    (url) => url === provider.tokenEndpoint,
    normalizer(provider.tokenResponse),
  )
  // The plan's schema admits http on loopback only.
  if (provider.tokenEndpoint.startsWith("http:")) client.allowInsecureRequests(config)
  return config
}
