/**
 * Proof of possession at the resource (RFC 9449 section 7): a token that is bound to a key is worth something only to who
 * shows, in this very request, that they hold the key.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { Effect } from "effect"
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, jwtVerify } from "jose"
import { ProofInvalid, ProofsTooMany } from "../failure.ts"

/** Signature algorithms that a proof may have: asymmetric only (section 4.2). */
export const PROOF_ALGORITHMS = ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "EdDSA", "Ed25519"]

/** Seconds around now that a proof may be of: clocks differ, and a proof is made for one request (section 11.1). */
const WINDOW = 60
/** Characters: a proof holds one public key and a few claims. */
const MAX_LENGTH = 8 * 1024
const MAX_JTI = 256
/** How many proofs are remembered; twice the window is the longest that one is. */
const MAX_REMEMBERED = 100_000

/**
 * The proofs that were shown, so that none is taken twice (section 11.1). It is this process's own: with several replicas a
 * proof could be shown once to each, within a minute.
 */
export const proofMemory = (limit = MAX_REMEMBERED, now: () => number = Date.now) => {
  /** By what tells proofs apart; epoch milliseconds from when the proof is too old anyway. In the order of arrival. */
  const seen = new Map<string, number>()
  return {
    /** `known`: it was shown before. `full`: it cannot be told, and forgetting one would let that one be replayed. */
    remember: (key: string): "new" | "known" | "full" => {
      if ((seen.get(key) ?? 0) > now()) return "known"
      for (const [old, until] of seen) {
        if (until > now()) break
        seen.delete(old)
      }
      if (seen.size >= limit) return "full"
      seen.delete(key)
      seen.set(key, now() + 2 * WINDOW * 1000)
      return "new"
    },
  }
}

export type ProofMemory = ReturnType<typeof proofMemory>

export interface ExpectedProof {
  /** The access token that comes with it. */
  readonly token: string
  /** `cnf.jkt` of the token: the thumbprint of the key it is bound to. */
  readonly thumbprint: string
  /** URL of the request as the caller knows it, without query and fragment. */
  readonly url: string
}

/** Fails with ProofInvalid when the request has no proof, or one for something else. */
export const verifyProof = Effect.fn("verifyProof")(function* (
  request: IncomingMessage,
  { token, thumbprint, url }: ExpectedProof,
  memory: ProofMemory,
) {
  const proofs = request.rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === "dpop")
  const [proof] = proofs
  if (proof === undefined) return yield* wrong("the token is bound to a key, and the request has no DPoP proof")
  if (proofs.length > 1) return yield* wrong("the request has more than one DPoP proof")
  if (proof.length > MAX_LENGTH) return yield* wrong("the DPoP proof is too long")
  const { payload, protectedHeader } = yield* Effect.tryPromise({
    // `iat` is looked at below, in both directions; a proof has no `exp` of its own.
    try: () => jwtVerify(proof, EmbeddedJWK, { algorithms: PROOF_ALGORITHMS, typ: "dpop+jwt" }),
    catch: (cause) => new ProofInvalid({ detail: reasonOf(cause) }),
  })
  const { jwk } = protectedHeader
  // Section 4.3, check 7: a private key in the header was given away to everybody who sees the proof.
  if (jwk === undefined || "d" in jwk || "k" in jwk) return yield* wrong("the DPoP proof shows no public key")
  const made = yield* Effect.promise(() => calculateJwkThumbprint(jwk as JWK))
  if (made !== thumbprint) return yield* wrong("the DPoP proof is of another key than the token")
  const { htm, htu, iat, jti, ath } = payload
  if (htm !== request.method) return yield* wrong("the DPoP proof is for another method")
  if (typeof htu !== "string" || !isSame(htu, url)) return yield* wrong("the DPoP proof is for another URL")
  if (ath !== createHash("sha256").update(token).digest("base64url"))
    return yield* wrong("the DPoP proof is for another token")
  const seconds = Date.now() / 1000
  if (typeof iat !== "number" || Math.abs(seconds - iat) > WINDOW)
    return yield* wrong("the DPoP proof is too old, or the clocks differ")
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI)
    return yield* wrong("the DPoP proof has no identifier of its own")
  const key = createHash("sha256").update(`${made} ${jti}`).digest("base64url")
  switch (memory.remember(key)) {
    case "known":
      return yield* wrong("the DPoP proof was used before")
    case "full":
      return yield* new ProofsTooMany({ detail: "too many DPoP proofs at once", retryAfter: 5 })
    case "new":
      return
  }
})

const wrong = (detail: string) => Effect.fail(new ProofInvalid({ detail }))

/** RFC 3986 section 6.2.2 and 6.2.3: spelling that means the same is the same. Query and fragment are left out. */
const isSame = (htu: string, url: string): boolean => {
  const [said, meant] = [URL.parse(htu), URL.parse(url)]
  return said !== null && meant !== null && said.origin === meant.origin && said.pathname === meant.pathname
}

const reasonOf = (cause: unknown): string => {
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return "the DPoP proof is signed with an algorithm that is not accepted"
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "the DPoP proof's signature does not verify"
  if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === "typ") return "the DPoP proof is no dpop+jwt"
  return "the DPoP proof is not a JWT that can be verified"
}
