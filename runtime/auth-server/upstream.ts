/**
 * An OpenID provider that people log in at: we are its client (OpenID Connect Core section 3.1, with PKCE and RFC 9207).
 *
 * Nothing is asked of it before the first login, so that it may be out when we start.
 *
 * @module
 */
import { Clock, Data, Effect, Redacted } from "effect"
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTVerifyGetKey } from "jose"
import * as client from "openid-client"
import type { OidcProvider } from "../plan.ts"

/**
 * The provider did not do what was asked. `out`: it cannot be reached or answered 5xx or 429, later may be better. `refused`:
 * it answered with an OAuth error, `code`. `invalid`: its answer cannot be trusted. `detail` is for the operator.
 */
export class ProviderFailed extends Data.TaggedError("ProviderFailed")<{
  readonly provider: string
  readonly reason: "out" | "refused" | "invalid"
  readonly code: string
  readonly detail: string
}> {}

/** Epoch seconds; undefined when the provider did not say and the token does not either. */
export interface UpstreamToken {
  readonly value: string
  readonly expiresAt: number | undefined
}

/** What a login or a refresh brought. */
export interface UpstreamTokens {
  /** A refresh may bring none (OpenID Connect Core section 12.2). */
  readonly idToken: (UpstreamToken & { readonly claims: Readonly<Record<string, unknown>> }) | undefined
  readonly accessToken: UpstreamToken
  readonly refreshToken: string | undefined
}

/** What ties one login's answer to its question. */
export interface LoginChecks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** What the client of ours asked about the login, and the provider is asked in turn. */
export interface LoginWishes {
  readonly prompt?: "login"
  readonly maxAge?: number
  readonly loginHint?: string
}

export interface Upstream {
  readonly name: string
  readonly issuer: string
  /** Fresh values for one login. */
  readonly checks: () => LoginChecks
  readonly authorizationUrl: (checks: LoginChecks, wishes: LoginWishes) => Effect.Effect<URL, ProviderFailed>
  /** Redeems the answer at the redirect URI; the ID token is there and verified. */
  readonly redeem: (
    query: string,
    checks: LoginChecks,
    wishes: LoginWishes,
  ) => Effect.Effect<UpstreamTokens, ProviderFailed>
  readonly refresh: (refreshToken: string) => Effect.Effect<UpstreamTokens, ProviderFailed>
  /** Tells the provider that the refresh token is not needed any more (RFC 7009), where it can be told. */
  readonly revoke: (refreshToken: string) => Effect.Effect<void, ProviderFailed>
  /** The provider's keys, by its metadata; to verify what it sends us by itself. */
  readonly keys: Effect.Effect<JWTVerifyGetKey, ProviderFailed>
  /** Claims of the userinfo endpoint; none when the provider has no such endpoint. */
  readonly userinfo: (
    accessToken: string,
    subject: string,
  ) => Effect.Effect<Readonly<Record<string, unknown>>, ProviderFailed>
}

/** Seconds for one answer. */
const TIMEOUT = 10
/** Milliseconds after which metadata is read again. */
const METADATA_AGE = 60 * 60_000

/** `secret`: absent for a public client. */
export const makeUpstream = (
  provider: OidcProvider & { readonly client: NonNullable<OidcProvider["client"]> },
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

  const tokensOf = Effect.fnUntraced(function* (
    answer: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  ) {
    const now = Math.floor((yield* Clock.Clock).currentTimeMillisUnsafe() / 1000)
    const claims = answer.claims()
    const idToken = answer.id_token
    if (idToken !== undefined && !provider.algorithms.includes(decodeProtectedHeader(idToken).alg ?? "")) {
      return yield* new ProviderFailed({
        provider: provider.name,
        reason: "invalid",
        code: "id_token",
        detail: `its ID token is not signed with ${provider.algorithms.join(" or ")}`,
      })
    }
    const stated = answer.expires_in === undefined ? undefined : now + answer.expires_in
    return {
      idToken:
        idToken === undefined || claims === undefined
          ? undefined
          : { value: idToken, expiresAt: claims.exp, claims: { ...claims } },
      accessToken: { value: answer.access_token, expiresAt: earliest(stated, jwtExpiry(answer.access_token)) },
      refreshToken: answer.refresh_token,
    } satisfies UpstreamTokens
  })

  return {
    name: provider.name,
    issuer: provider.issuer,
    checks: () => ({
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }),
    authorizationUrl: Effect.fn("Upstream.authorizationUrl")((checks: LoginChecks, wishes: LoginWishes) =>
      attempt(async (config) =>
        client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: provider.client.scopes.join(" "),
          state: checks.state,
          nonce: checks.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
          code_challenge_method: "S256",
          ...(wishes.prompt === undefined ? {} : { prompt: wishes.prompt }),
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
        return client.authorizationCodeGrant(config, answer, {
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          pkceCodeVerifier: checks.verifier,
          idTokenExpected: true,
          ...(wishes.maxAge === undefined ? {} : { maxAge: wishes.maxAge }),
        })
      }).pipe(Effect.flatMap(tokensOf)),
    ),
    refresh: Effect.fn("Upstream.refresh")((refreshToken: string) =>
      attempt((config) => client.refreshTokenGrant(config, refreshToken)).pipe(Effect.flatMap(tokensOf)),
    ),
    revoke: Effect.fn("Upstream.revoke")((refreshToken: string) =>
      attempt(async (config) => {
        if (config.serverMetadata().revocation_endpoint === undefined) return
        await client.tokenRevocation(config, refreshToken, { token_type_hint: "refresh_token" })
      }),
    ),
    keys: attempt(async (config) => {
      const { jwks_uri } = config.serverMetadata()
      if (jwks_uri === undefined) throw new WrongIssuer("its metadata names no keys")
      if (keySet?.uri !== jwks_uri) {
        const get = createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT * 1000 })
        keySet = { uri: jwks_uri, get }
      }
      return keySet.get
    }),
    userinfo: Effect.fn("Upstream.userinfo")((accessToken: string, subject: string) =>
      attempt(
        async (config): Promise<Readonly<Record<string, unknown>>> =>
          config.serverMetadata().userinfo_endpoint === undefined
            ? {}
            : client.fetchUserInfo(config, accessToken, subject),
      ),
    ),
  }
}

const discover = async (
  provider: OidcProvider & { readonly client: NonNullable<OidcProvider["client"]> },
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
    throw new WrongIssuer(`its metadata says it is ${metadata.issuer}, the plan says ${provider.issuer}`)
  }
  const config = new client.Configuration(metadata, provider.client.id, {}, authentication(metadata, secret))
  config.timeout = TIMEOUT
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

class WrongIssuer extends Error {}

const classify = (provider: string, cause: unknown): ProviderFailed => {
  const failed = (reason: ProviderFailed["reason"], code: string, detail: string) =>
    new ProviderFailed({ provider, reason, code, detail })
  if (cause instanceof client.AuthorizationResponseError) return failed("refused", cause.error, cause.error)
  if (cause instanceof client.ResponseBodyError) {
    const out = cause.status >= 500 || cause.status === 429
    return failed(out ? "out" : "refused", cause.error, `it answered ${cause.status} ${cause.error}`)
  }
  if (cause instanceof WrongIssuer) return failed("invalid", "issuer", cause.message)
  if (cause instanceof client.ClientError) {
    if (cause.code === "OAUTH_TIMEOUT") return failed("out", "timeout", "it did not answer in time")
    // `cause.cause` of an unexpected status is the response.
    const status = cause.cause instanceof Response ? cause.cause.status : undefined
    if (status !== undefined && (status >= 500 || status === 429))
      return failed("out", "status", `it answered ${status}`)
    return failed("invalid", cause.code ?? "response", cause.message)
  }
  // fetch reports everything that kept it from an answer as a TypeError.
  return failed("out", "unreachable", "it cannot be reached")
}

const earliest = (...times: ReadonlyArray<number | undefined>) => {
  const stated = times.filter((time) => time !== undefined)
  return stated.length === 0 ? undefined : Math.min(...stated)
}

/** `exp` of a token that happens to be a JWT. */
const jwtExpiry = (token: string): number | undefined => {
  try {
    return decodeJwt(token).exp
  } catch {
    return undefined
  }
}
