/**
 * Who calls: the caller's token, and the issuers and logins behind it.
 *
 * @module
 */
import { Data } from "effect"
import type { Rows } from "./row.ts"

/** No usable token came with the request (RFC 6750 section 3: no error code when no authentication was attempted). */
export class TokenMissing extends Data.TaggedError("TokenMissing")<{ readonly detail: string }> {}
/** The token is malformed, expired, of another issuer or audience, or its signature is wrong (RFC 6750 `invalid_token`). */
export class TokenInvalid extends Data.TaggedError("TokenInvalid")<{ readonly detail: string }> {}
/** More than one way of sending the token, or a malformed one (RFC 6750 `invalid_request`). */
export class TokenMalformed extends Data.TaggedError("TokenMalformed")<{ readonly detail: string }> {}
/** The token lacks a scope the flow asks for (RFC 6750 `insufficient_scope`, MCP step-up). */
export class ScopeInsufficient extends Data.TaggedError("ScopeInsufficient")<{
  readonly detail: string
  readonly required: readonly string[]
}> {}
/** The token is bound to a key, and the request does not prove that the caller holds it (RFC 9449 section 7.1). */
export class ProofInvalid extends Data.TaggedError("ProofInvalid")<{ readonly detail: string }> {}
/** So many proofs at once that a replay could not be told. */
export class ProofsTooMany extends Data.TaggedError("ProofsTooMany")<{
  readonly detail: string
  readonly retryAfter: number
}> {}
/** No API key came with the request. */
export class KeyMissing extends Data.TaggedError("KeyMissing")<{ readonly detail: string }> {}
/** The API key is none of ours. */
export class KeyInvalid extends Data.TaggedError("KeyInvalid")<{ readonly detail: string }> {}
/** The caller has shown no client certificate, or one that is not taken. */
export class CertificateRefused extends Data.TaggedError("CertificateRefused")<{ readonly detail: string }> {}
/** It is known who calls, and they are not among those who may. */
export class CallerRefused extends Data.TaggedError("CallerRefused")<{ readonly detail: string }> {}
/** The upstream login behind the principal is gone and only a new login brings it back. */
export class LoginExpired extends Data.TaggedError("LoginExpired")<{ readonly detail: string }> {}
/** An identity provider (JWKS, discovery, token refresh) cannot be reached. */
export class IssuerUnavailable extends Data.TaggedError("IssuerUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
}> {}

/** What the authorization server remembers (its store) cannot be read or written. */
export class StateUnavailable extends Data.TaggedError("StateUnavailable")<{
  readonly detail: string
  readonly retryAfter: number
}> {}

export type IdentityFailure =
  | TokenMissing
  | TokenInvalid
  | TokenMalformed
  | ScopeInsufficient
  | ProofInvalid
  | ProofsTooMany
  | KeyMissing
  | KeyInvalid
  | CertificateRefused
  | CallerRefused
  | LoginExpired
  | IssuerUnavailable
  | StateUnavailable

export const identityRows: Rows<IdentityFailure> = {
  TokenMissing: {
    status: 401,
    challenge: "none",
    code: "token-missing",
    title: "An access token is required",
    retry: false,
    cause: "caller",
    remedy: "Log in: the challenge names the metadata an MCP client starts from.",
  },
  TokenInvalid: {
    status: 401,
    challenge: "invalid_token",
    code: "token-invalid",
    title: "The access token is not valid here",
    retry: false,
    cause: "caller",
    remedy: "Get a new access token for this resource.",
  },
  TokenMalformed: {
    status: 400,
    challenge: "invalid_request",
    code: "token-malformed",
    title: "The credentials in the request are malformed",
    retry: false,
    cause: "caller",
    remedy: "Send one token, in one Authorization header.",
  },
  ScopeInsufficient: {
    status: 403,
    challenge: "insufficient_scope",
    code: "scope-insufficient",
    title: "The access token lacks a scope",
    retry: false,
    cause: "caller",
    remedy: "Ask for the scopes in the challenge and log in again.",
  },
  ProofInvalid: {
    status: 401,
    challenge: "invalid_dpop_proof",
    code: "proof-invalid",
    title: "The proof of possession is not valid here",
    retry: false,
    cause: "caller",
    remedy: "Make a DPoP proof for this request with the key that the token is bound to, and use it once.",
  },
  ProofsTooMany: {
    status: 429,
    code: "proofs-too-many",
    title: "Too many proofs at once",
    retry: true,
    cause: "caller",
    remedy: "Send fewer requests at once.",
  },
  KeyMissing: {
    status: 401,
    challenge: "none",
    code: "key-missing",
    title: "An API key is required",
    retry: false,
    cause: "caller",
    remedy: "Send the key in the header that the challenge names.",
  },
  KeyInvalid: {
    status: 401,
    challenge: "invalid_token",
    code: "key-invalid",
    title: "The API key is not valid here",
    retry: false,
    cause: "caller",
    remedy: "Ask the operator for a key.",
  },
  CertificateRefused: {
    status: 403,
    code: "certificate-refused",
    title: "A client certificate is required",
    retry: false,
    cause: "caller",
    remedy: "Connect with a certificate of one of the flow's authorities.",
  },
  CallerRefused: {
    status: 403,
    code: "caller-refused",
    title: "The caller is not among those who may call",
    retry: false,
    cause: "caller",
    remedy: "The file names who may: `accounts` of the service accounts.",
  },
  LoginExpired: {
    status: 401,
    challenge: "invalid_token",
    code: "login-expired",
    title: "Log in again",
    retry: false,
    cause: "caller",
    remedy: "The login at the identity provider is over; a new one brings it back.",
  },
  IssuerUnavailable: {
    status: 503,
    code: "issuer-unavailable",
    title: "The identity provider is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, check the network path to the provider's issuer URL.",
  },
  StateUnavailable: {
    status: 503,
    code: "state-unavailable",
    title: "The state of the authorization server is not available",
    retry: true,
    cause: "outage",
    remedy: "Wait; if it lasts, look at the Redis that the file names, or at the disk that state is kept on.",
  },
}
