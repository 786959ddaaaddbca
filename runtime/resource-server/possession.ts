/**
 * Whether who sends a token is who it was issued to, where the token is bound to a key of theirs (`cnf`, RFC 7800). One that is
 * bound in a way that cannot be verified here is refused: taken as a bearer token, it would be worth more than its issuer meant.
 *
 * @module
 */
import { Effect } from "effect"
import { TokenInvalid } from "../failure.ts"
import type { Claims } from "../pipeline/credential.ts"
import type { Exchange } from "../pipeline/stage.ts"
import type { Presented } from "./bearer.ts"
import { handshakeCertificate, thumbprintOf } from "./client-certificate.ts"
import { type ProofMemory, proofMemory, verifyProof } from "./dpop.ts"

export interface Possession {
  /** Fails with TokenInvalid, or with one of the failures of a proof. */
  readonly verify: (
    exchange: Pick<Exchange, "incoming">,
    presented: Presented,
    claims: Claims,
  ) => ReturnType<typeof verifyPossession>
}

/** `resource`: the flow's public URL, whose origin is what callers see. */
export const possession = (resource: string, memory: ProofMemory = proofMemory()): Possession => {
  const { origin } = new URL(resource)
  return { verify: (exchange, presented, claims) => verifyPossession(exchange, presented, claims, origin, memory) }
}

const verifyPossession = Effect.fn("verifyPossession")(function* (
  { incoming }: Pick<Exchange, "incoming">,
  { scheme, token }: Presented,
  claims: Claims,
  origin: string,
  memory: ProofMemory,
) {
  const confirmation = claims["cnf"]
  if (confirmation === undefined) {
    // Section 7.1: who sends it so takes it for bound, and would be wrong.
    if (scheme === "dpop")
      return yield* new TokenInvalid({ detail: "the token is not bound to a key: send it as Bearer" })
    return
  }
  const jkt = member(confirmation, "jkt")
  const x5t = member(confirmation, "x5t#S256")
  if (jkt !== undefined) {
    if (scheme !== "dpop") {
      // Section 7.2: a bound token as Bearer is what a thief would send.
      return yield* new TokenInvalid({ detail: "the token is bound to a key: send it as DPoP, with a proof" })
    }
    const path = (incoming.url ?? "/").replace(/^https?:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "")
    return yield* verifyProof(incoming, { token, thumbprint: jkt, url: `${origin}${path || "/"}` }, memory)
  }
  if (x5t !== undefined && scheme === "bearer") {
    // RFC 8705 section 3.
    const certificate = handshakeCertificate(incoming)
    if (certificate !== undefined && thumbprintOf(certificate) === x5t) return
    return yield* new TokenInvalid({ detail: "the token is bound to another client certificate" })
  }
  return yield* new TokenInvalid({ detail: "the token is bound to a key in a way that is not known here" })
})

const member = (confirmation: unknown, name: string): string | undefined => {
  if (typeof confirmation !== "object" || confirmation === null) return undefined
  const value: unknown = Object.entries(confirmation).find(([key]) => key === name)?.[1]
  return typeof value === "string" ? value : undefined
}
