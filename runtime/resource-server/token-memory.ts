/**
 * What was made of tokens that have been verified, so that a token is verified once and not with each request.
 *
 * A token is known by its hash and until it expires, for a minute at most: as long as a key that its issuer has withdrawn may
 * still be believed. What may be revoked is not kept here, but asked for each time.
 *
 * @module
 */
import { hash } from "node:crypto"

/** Milliseconds. */
const REMEMBERED = 60_000
/** Tokens remembered; what came first makes room. */
const CAPACITY = 10_000

export interface TokenMemory<A> {
  readonly get: (token: string) => A | undefined
  /** `expiresAt` in epoch seconds. */
  readonly set: (token: string, value: A, expiresAt: number) => void
}

export const tokenMemory = <A>(): TokenMemory<A> => {
  const kept = new Map<string, { readonly value: A; readonly until: number }>()
  return {
    get: (token) => {
      const found = kept.get(hash("sha256", token, "base64"))
      return found !== undefined && Date.now() < found.until ? found.value : undefined
    },
    set: (token, value, expiresAt) => {
      const key = hash("sha256", token, "base64")
      kept.delete(key)
      const [oldest] = kept.size < CAPACITY ? [] : kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
      kept.set(key, { value, until: Math.min(expiresAt * 1000, Date.now() + REMEMBERED) })
    },
  }
}
