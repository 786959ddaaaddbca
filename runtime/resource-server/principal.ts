/**
 * The principal that a verified access token stands for, and what a reader of the journal knows them by.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type { Failure } from "../failure.ts"
import type { BearerToken, Claims, Principal } from "../pipeline/credential.ts"
import type { TokenRef } from "../plan.ts"

export interface VerifiedToken {
  /** As the caller sent it. */
  readonly token: string
  /** The plan's name of whoever issued it. */
  readonly name: string
  /** `iss`. */
  readonly issuer: string
  readonly subject: string
  readonly claims: Claims
  /** Epoch seconds. */
  readonly expiresAt: number
}

/** `others`: this person's tokens besides the one the caller sent. */
export const principalOf = (
  { token, name, issuer, subject, claims, expiresAt }: VerifiedToken,
  others: (wanted: TokenRef) => Effect.Effect<BearerToken, Failure>,
): Principal => {
  const ref: TokenRef = { issuer: name, kind: "access_token" }
  const own: BearerToken = { ref, value: Redacted.make(token), expiresAt }
  return {
    _tag: "Principal",
    issuer,
    subject,
    claims,
    expiresAt,
    token: (wanted) =>
      wanted.issuer === ref.issuer && wanted.kind === ref.kind ? Effect.succeed(own) : others(wanted),
  }
}

export const knownAs = ({ subject, claims }: Principal): string => {
  const known = claims["email"] ?? claims["name"]
  return typeof known === "string" ? known : subject
}
