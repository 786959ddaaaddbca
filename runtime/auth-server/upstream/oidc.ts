/**
 * An OpenID provider that people log in at: we are its client (OpenID Connect Core section 3.1, with PKCE and RFC 9207).
 *
 * Nothing is asked of it before the first login, so that it may be out when we start.
 *
 * @module
 */
import { Clock, Effect, Redacted } from "effect"
import { createRemoteJWKSet, decodeProtectedHeader, type JWTVerifyGetKey } from "jose"
import * as client from "openid-client"
import type { OidcProvider } from "../../plan.ts"
import { realmOf } from "../claims.ts"
import { classify, Untrustworthy } from "./classify.ts"
import { earliest, jwtExpiry } from "./expiry.ts"
import { scalarText } from "./json-path.ts"
import { exchange, tokenEndpointFetch } from "./token-endpoint.ts"
import {
  type Document,
  type LoginChecks,
  type LoginWishes,
  ProviderFailed,
  TIMEOUT,
  type Upstream,
  type UpstreamTokens,
} from "./upstream.ts"
import { askUserinfo } from "./userinfo.ts"

/** Milliseconds after which metadata is read again. */
const METADATA_AGE = 60 * 60_000

type LoginProvider = OidcProvider & { readonly client: NonNullable<OidcProvider["client"]> }

/** `secret`: absent for a public client. */
export const oidcUpstream = (
  provider: LoginProvider,
  secret: Redacted.Redacted<string> | undefined,
  redirectUri: string,
): Upstream => {
  const failed = (cause: unknown) => classify(provider.name, cause)
  const attempt = <A>(run: (config: client.Configuration) => Promise<A>) =>
    Effect.flatMap(configuration, (config) => Effect.tryPromise({ try: () => run(config), catch: failed }))

  let known: { readonly config: client.Configuration; readonly at: number } | undefined
  let flight: Promise<client.Configuration> | undefined
  let keySet: { readonly uri: string; readonly get: JWTVerifyGetKey } | undefined

  /** Discovered once and kept; a failure is not kept, so the next login asks again. */
  const configuration = Effect.gen(function* () {
    const now = (yield* Clock.Clock).currentTimeMillisUnsafe()
    if (known !== undefined && now - known.at < METADATA_AGE) return known.config
    flight ??= discover(provider, secret).finally(() => {
      flight = undefined
    })
    const asked = flight
    const config = yield* Effect.tryPromise({ try: () => asked, catch: failed }).pipe(
      // What was read before is better than nothing while the provider is out.
      Effect.catch((failure) => (known === undefined ? Effect.fail(failure) : Effect.succeed(known.config))),
    )
    known = { config, at: now }
    return config
  })

  const tokensOf = Effect.fnUntraced(function* ({ made: answer, response }: Redeemed) {
    const now = Math.floor((yield* Clock.Clock).currentTimeMillisUnsafe() / 1000)
    const claims = answer.claims()
    const idToken = answer.id_token
    if (idToken !== undefined && !provider.algorithms.includes(decodeProtectedHeader(idToken).alg ?? "")) {
      return yield* new ProviderFailed({
        provider: provider.name,
        reason: "invalid",
        code: "id_token",
        detail: `its ID token is not signed with ${provider.algorithms.join(" or ")}`,
        ...(answer.refresh_token !== undefined && { refreshToken: Redacted.make(answer.refresh_token) }),
      })
    }
    const stated = answer.expires_in === undefined ? undefined : now + answer.expires_in
    return {
      clientId: provider.client.id,
      idToken:
        idToken === undefined || claims === undefined
          ? undefined
          : { value: idToken, expiresAt: claims.exp, claims: { ...claims } },
      accessToken: { value: answer.access_token, expiresAt: earliest(stated, jwtExpiry(answer.access_token)) },
      refreshToken: answer.refresh_token,
      response,
    } satisfies UpstreamTokens
  })

  /** OpenID Connect Core section 5.3.2: a userinfo answer of another `sub` than the ID token's is somebody else's. */
  const userinfo = (accessToken: string, subject: string): Effect.Effect<Document, ProviderFailed> =>
    attempt(async (config): Promise<Document> => {
      const { userinfo: request } = provider
      if (request === undefined) {
        if (config.serverMetadata().userinfo_endpoint === undefined) return {}
        return client.fetchUserInfo(config, accessToken, subject)
      }
      const said = await askUserinfo(request, accessToken)
      if (said.subject !== subject)
        throw new Untrustworthy("userinfo", "its userinfo answer is about somebody else than its ID token")
      return said.document
    })

  return {
    name: provider.name,
    realm: realmOf(provider),
    origin: new URL(provider.issuer).origin,
    redirectUri,
    checks: () => ({
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }),
    authorizationUrl: Effect.fn("Upstream.authorizationUrl")((checks: LoginChecks, wishes: LoginWishes) =>
      attempt(async (config) =>
        client.buildAuthorizationUrl(config, {
          ...provider.client.params,
          redirect_uri: redirectUri,
          scope: provider.client.scopes.join(" "),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: "S256",
          ...prompted(provider.client.params?.["prompt"], wishes),
          ...(wishes.maxAge === undefined ? {} : { max_age: String(wishes.maxAge) }),
          ...(wishes.loginHint === undefined ? {} : { login_hint: wishes.loginHint }),
        }),
      ),
    ),
    redeem: Effect.fn("Upstream.redeem")((query: string, checks: LoginChecks, wishes: LoginWishes) =>
      attempt((config) => {
        const answer = new URL(redirectUri)
        answer.search = query
        // `state` and `iss` (RFC 9207) are checked before the code is redeemed, the ID token's signature, `iss`, `aud`, `exp`
        // and `nonce` after.
        const grant = () =>
          client.authorizationCodeGrant(config, answer, {
            expectedState: checks.state,
            expectedNonce: checks.nonce,
            pkceCodeVerifier: checks.verifier,
            idTokenExpected: true,
            ...(wishes.maxAge === undefined ? {} : { maxAge: wishes.maxAge }),
          })
        return exchange(grant, failed)
      }).pipe(Effect.flatMap(tokensOf)),
    ),
    refresh: Effect.fn("Upstream.refresh")((refreshToken: string, clientId: string) =>
      clientId === provider.client.id
        ? attempt((config) => exchange(() => client.refreshTokenGrant(config, refreshToken), failed)).pipe(
            Effect.flatMap(tokensOf),
          )
        : Effect.fail(otherClient(provider.name)),
    ),
    revoke: Effect.fn("Upstream.revoke")((refreshToken: string, clientId: string) =>
      clientId === provider.client.id
        ? attempt(async (config) => {
            if (config.serverMetadata().revocation_endpoint === undefined) return
            await client.tokenRevocation(config, refreshToken, { token_type_hint: "refresh_token" })
          })
        : Effect.void,
    ),
    keys: attempt(async (config) => {
      const { jwks_uri } = config.serverMetadata()
      if (jwks_uri === undefined) throw new Untrustworthy("keys", "its metadata names no keys")
      if (keySet?.uri !== jwks_uri) {
        const get = createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT * 1000 })
        keySet = { uri: jwks_uri, get }
      }
      return keySet.get
    }),
    identify: Effect.fn("Upstream.identify")(function* (tokens, needsUserinfo, refreshed) {
      const claims = tokens.idToken?.claims
      if (claims === undefined) {
        if (refreshed !== undefined) return { subject: refreshed, idToken: {}, userinfo: {} }
        return yield* failed(new Untrustworthy("id_token", "it gave no ID token"))
      }
      const subject = scalarText(claims[provider.subjectClaim ?? "sub"])
      if (subject === undefined) {
        const what = `its ID token has no claim ${provider.subjectClaim} that says who the person is`
        return yield* failed(new Untrustworthy("subject", what))
      }
      // Who it is not, is not asked about.
      if (refreshed !== undefined && refreshed !== subject) return { subject, idToken: claims, userinfo: {} }
      const asked = needsUserinfo(claims) ? yield* userinfo(tokens.accessToken.value, String(claims["sub"])) : {}
      return { subject, idToken: claims, userinfo: asked }
    }),
  }
}

interface Redeemed {
  readonly made: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers
  readonly response: Document
}

/** A refresh token is bound to the client that it was issued to (RFC 6749 section 6): with another one it is none. */
export const otherClient = (provider: string): ProviderFailed =>
  new ProviderFailed({
    provider,
    reason: "refused",
    code: "invalid_grant",
    detail: "the refresh token was issued to another client of ours",
  })

/** OpenID Connect Core section 3.1.2.1: a list of words, in which both what the plan and what the client asks have room. */
export const prompted = (said: string | undefined, { prompt }: LoginWishes) =>
  prompt === undefined ? {} : { prompt: [...new Set([...(said?.split(" ") ?? []), prompt])].join(" ") }

const discover = async (
  provider: LoginProvider,
  secret: Redacted.Redacted<string> | undefined,
): Promise<client.Configuration> => {
  // The plan's schema admits http on loopback only.
  const insecure = provider.issuer.startsWith("http:") ? [client.allowInsecureRequests] : []
  const found = await client.discovery(new URL(provider.issuer), provider.client.id, {}, client.None(), {
    execute: insecure,
    timeout: TIMEOUT,
  })
  const metadata = found.serverMetadata()
  // The library compares as URLs, to which a trailing slash is nothing; `iss` in tokens is compared as a string.
  if (metadata.issuer !== provider.issuer) {
    throw new Untrustworthy("issuer", `its metadata says it is ${metadata.issuer}, the plan says ${provider.issuer}`)
  }
  const config = new client.Configuration(metadata, provider.client.id, {}, authentication(metadata, secret))
  config.timeout = TIMEOUT
  config[client.customFetch] = tokenEndpointFetch((url) => url === metadata.token_endpoint)
  for (const extend of insecure) extend(config)
  // The ID token's signature too, not only the TLS it came over (OpenID Connect Core section 3.1.3.7 item 6).
  client.enableNonRepudiationChecks(config)
  return config
}

/** OpenID Connect Core section 9: basic is the default where the provider does not say. */
const authentication = (metadata: client.ServerMetadata, secret: Redacted.Redacted<string> | undefined) => {
  if (secret === undefined) return client.None()
  const methods = metadata.token_endpoint_auth_methods_supported
  const basic = methods === undefined || methods.includes("client_secret_basic")
  return basic ? client.ClientSecretBasic(Redacted.value(secret)) : client.ClientSecretPost(Redacted.value(secret))
}
