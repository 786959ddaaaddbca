/**
 * Rotation of refresh tokens (OAuth 2.1 section 4.3.1), for clients whose answer got lost.
 *
 * Each use of a refresh token brings the next one, and using one twice means that somebody else has it, too: then the grant ends.
 * But a client that never saw the answer, because the connection or one of us broke, can only use the old one again, and is no
 * thief. So for a short while, and as long as nobody has used the next one, the old one brings the very same next one again. A
 * thief gains nothing by that but what the honest client has, and is found out when both use it.
 *
 * The next one is the same because it is computed from the old one with a key that nobody else has. Nothing has to be kept of it,
 * and a process that died between using up the old one and keeping the next has lost nothing.
 *
 * @module
 */
import { createHmac } from "node:crypto"
import { deriveKey, type Roots } from "./root-secrets.ts"
import type { Store } from "./store.ts"

/** Seconds in which an honest client tries again: its patience with an answer, and our restart. */
export const RETRY_TIME = 30

export interface Rotation {
  /** The token that takes this one's place. */
  readonly successor: (token: string) => string
  /** May it be used again, although it was used at that time (`consumed`, epoch seconds)? */
  readonly mayRetry: (token: string, consumed: unknown) => Promise<boolean>
}

export const rotation = (
  store: Store,
  issuer: string,
  [newest, ...older]: Roots,
  now: () => number = () => Math.floor(Date.now() / 1000),
): Rotation => {
  const by = (root: Uint8Array) => {
    const key = deriveKey(root, "refresh tokens", issuer)
    return (token: string) => createHmac("sha256", key).update(token).digest("base64url")
  }
  const successor = by(newest)
  const successors = [successor, ...older.map(by)]
  return {
    successor,
    mayRetry: async (token, consumed) => {
      if (typeof consumed !== "number" || now() - consumed > RETRY_TIME) return false
      const next = await Promise.all(successors.map((of) => store.get("RefreshToken", of(token))))
      return next.every((record) => record?.["consumed"] === undefined)
    },
  }
}
