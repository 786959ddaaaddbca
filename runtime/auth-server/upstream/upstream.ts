/**
 * A provider that people log in at, as the rest of the authorization server sees it: we are its client.
 *
 * @module
 */
import { Data, type Effect, type Redacted } from "effect"
import type { JWTVerifyGetKey } from "jose"

/**
 * The provider did not do what was asked. `out`: it cannot be reached or answered 5xx or 429, later may be better. `refused`:
 * it answered with an OAuth error, `code`. `invalid`: its answer cannot be trusted. `detail` is for the operator.
 */
export class ProviderFailed extends Data.TaggedError("ProviderFailed")<{
  readonly provider: string
  readonly reason: "out" | "refused" | "invalid"
  readonly code: string
  readonly detail: string
  /**
   * The refresh token that came with an answer that could otherwise not be used, such as one whose signature could not be
   * checked because the keys could not be had. It has taken the place of the one we sent.
   */
  readonly refreshToken?: Redacted.Redacted<string>
}> {}

/** Epoch seconds; undefined when the provider did not say and the token does not either. */
export interface UpstreamToken {
  readonly value: string
  readonly expiresAt: number | undefined
}

export type Document = Readonly<Record<string, unknown>>

/** What a login or a refresh brought. */
export interface UpstreamTokens {
  /** Our identifier there, which they were issued to. */
  readonly clientId: string
  /** An OAuth 2.0 provider has none, and a refresh may bring none (OpenID Connect Core section 12.2). */
  readonly idToken: (UpstreamToken & { readonly claims: Document }) | undefined
  readonly accessToken: UpstreamToken
  readonly refreshToken: string | undefined
  /** The token endpoint's whole answer. */
  readonly response: Document
}

/** Who has logged in, by the provider's word. */
export interface Identity {
  /** Unique at the provider, and for good. */
  readonly subject: string
  /** Empty where the provider gives no ID token. */
  readonly idToken: Document
  /** What the provider says of the person otherwise. `name` and `email` are what its own fields say. */
  readonly userinfo: Document
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
  /** What its subjects are unique in: its issuer, or its authorization endpoint where it has none. */
  readonly realm: string
  /** Where browsers are sent to. */
  readonly origin: string
  /** Where it sends them back to. */
  readonly redirectUri: string
  /** Fresh values for one login. */
  readonly checks: () => LoginChecks
  readonly authorizationUrl: (checks: LoginChecks, wishes: LoginWishes) => Effect.Effect<URL, ProviderFailed>
  /** Redeems the answer at the redirect URI. An ID token, where there has to be one, is there and verified. */
  readonly redeem: (
    query: string,
    checks: LoginChecks,
    wishes: LoginWishes,
  ) => Effect.Effect<UpstreamTokens, ProviderFailed>
  /** `clientId`: our identifier that the refresh token was issued to. */
  readonly refresh: (refreshToken: string, clientId: string) => Effect.Effect<UpstreamTokens, ProviderFailed>
  /** Tells the provider that the refresh token is not needed any more (RFC 7009), where it can be told. */
  readonly revoke: (refreshToken: string, clientId: string) => Effect.Effect<void, ProviderFailed>
  /** The provider's keys, to verify what it sends us by itself. */
  readonly keys: Effect.Effect<JWTVerifyGetKey, ProviderFailed>
  /**
   * Whose tokens these are. `needsUserinfo`: does what the ID token holds not do? After a refresh `refreshed` is the subject
   * of before: where the answer does not say whose it is, it is that one's.
   */
  readonly identify: (
    tokens: UpstreamTokens,
    needsUserinfo: (idToken: Document) => boolean,
    refreshed?: string,
  ) => Effect.Effect<Identity, ProviderFailed>
}

/** Seconds for one answer. */
export const TIMEOUT = 10
