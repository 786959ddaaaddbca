/**
 * Credentials as values: what a stage consumes and what it produces. A stage is handed the credential of the stage before it
 * and nothing else to prove who calls, so a request without its input credential cannot go on.
 *
 * @module
 */
import type { Effect, Redacted } from "effect"
import type { Failure } from "../failure.ts"
import type { TokenRef } from "../plan.ts"
import type { Payload } from "./payload.ts"

/** Verified JWT claims. */
export type Claims = Readonly<Record<string, unknown>>

/** A token that a stage may show to somebody else. */
export interface BearerToken {
  readonly ref: TokenRef
  readonly value: Redacted.Redacted<string>
  /** Epoch seconds; nothing derived from the token outlives it. `undefined` only for an opaque token that said nothing. */
  readonly expiresAt: number | undefined
  /**
   * To be run when who it was shown to says that it has expired or was revoked: then it is not handed out again, and where
   * no refresh brings another, the login behind it is over. Without it a new login would be asked for and not be had.
   */
  readonly refused?: Effect.Effect<void>
}

/** Nobody is known yet: what every request starts with. */
export interface Caller {
  readonly _tag: "Caller"
}

/** Nobody was asked who they are. */
export interface Anonymous {
  readonly _tag: "Anonymous"
}

/** Somebody whose token, key or certificate was verified. */
export interface Principal {
  readonly _tag: "Principal"
  /** `iss` of the token that was verified; of a key or certificate, what the plan calls those who have one. */
  readonly issuer: string
  /** `sub`, unique within the issuer. */
  readonly subject: string
  readonly claims: Claims
  /** Epoch seconds: `exp` of the verified token. */
  readonly expiresAt: number
  /** The tokens of this person that the plan lets a stage name. Fails closed when it cannot be had. */
  readonly token: (ref: TokenRef) => Effect.Effect<BearerToken, Failure>
}

/** Temporary AWS credentials of one role session. */
export interface AwsCredentials {
  readonly _tag: "AwsCredentials"
  readonly principal: Principal
  readonly role: string
  readonly sessionName: string
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  readonly sessionToken: Redacted.Redacted<string>
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * A request that is complete and signed: what is sent is this value, nothing is added to it or taken away. It is frozen all
 * the way down and its body cannot be written to (see payload.ts).
 */
export interface SignedRequest {
  readonly _tag: "SignedRequest"
  readonly principal: Principal
  readonly outbound: OutboundRequest
}

/** A token made for the upstream, or for the exchange that comes next. */
export interface Token {
  readonly _tag: "Token"
  readonly principal: Principal
  readonly value: Redacted.Redacted<string>
  /** Epoch seconds; nothing made of the token outlives it. `undefined` when its issuer did not say. */
  readonly expiresAt: number | undefined
  /** Lower-case name of the header that it travels in, as `Bearer …`. */
  readonly header: string
  /** See BearerToken. */
  readonly refused?: Effect.Effect<void>
}

/** Header fields that the upstream is shown, the same for every caller. */
export interface Headers {
  readonly _tag: "Headers"
  readonly principal: Principal | Anonymous
  /** Lower-case names, whole values. */
  readonly fields: ReadonlyArray<readonly [name: string, value: Redacted.Redacted<string>]>
}

/** The upstream is shown no credential: the plan says so, it never comes about. */
export interface Unauthenticated {
  readonly _tag: "Unauthenticated"
  readonly principal: Principal | Anonymous
}

/** The request that leaves for the upstream. */
export interface OutboundRequest {
  readonly method: string
  /** `https://host[:port]` of the upstream. */
  readonly origin: string
  /** Path and query as they go on the wire. Strings, not a `URL`, which would rewrite dot segments and escapes. */
  readonly target: string
  /** Lower-case names, in sending order, `host` among them. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** `as it comes`: the caller's body, which the signature leaves out. */
  readonly body: Payload | "as it comes" | undefined
}

export type Credential =
  | Caller
  | Anonymous
  | Principal
  | AwsCredentials
  | SignedRequest
  | Token
  | Headers
  | Unauthenticated

/** What a request may leave with. */
export type Presentable = SignedRequest | Token | Headers | Unauthenticated
