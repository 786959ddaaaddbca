/**
 * An embedded authorization server as the rest of the runtime sees it.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Effect } from "effect"
import type { JWTVerifyGetKey } from "jose"
import type { Failure, StateUnavailable } from "../failure.ts"
import type { BearerToken } from "../pipeline/credential.ts"
import type { TokenRef } from "../plan.ts"

/** A protected resource whose tokens this server issues: the flows that `identify` with it. */
export interface ProtectedResource {
  /** Name of the flow. */
  readonly name: string
  /** RFC 8707 resource and audience of the tokens. */
  readonly resource: string
  /** Scopes a token needs there. */
  readonly scopes: readonly string[]
  /** Providers whose tokens the flow shows to somebody: who calls it has to be logged in there. */
  readonly logins?: readonly string[]
}

export interface AuthServer {
  /** Name in the plan. */
  readonly name: string
  /** Issuer identifier, exactly as in `iss`. */
  readonly issuer: string
  /** Is this path, on the issuer's origin, one of this server's endpoints? */
  readonly owns: (path: string) => boolean
  /** Answers a request for a path that it owns. Never throws; the answer is complete when the response ends. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  /** Verifies this server's own access tokens without asking itself over HTTP. */
  readonly tokens: {
    readonly keys: JWTVerifyGetKey
    readonly algorithms: readonly string[]
    /** Was the grant behind this token (claim `grant_id`) revoked, because a code or refresh token of it was replayed? */
    readonly revoked: (grantId: string) => Effect.Effect<boolean, StateUnavailable>
  }
  /**
   * A token of the person's login at an upstream provider, with life left, refreshed if need be.
   *
   * Fails with LoginExpired (only a new login brings one), IssuerUnavailable (the provider is out), StateUnavailable (the
   * store is), or PipelineBroken (`ref` names no provider this server logs people in at).
   */
  readonly token: (subject: string, ref: TokenRef) => Effect.Effect<BearerToken, Failure>
}
