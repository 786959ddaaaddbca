/**
 * When a token ends.
 *
 * @module
 */
import { decodeJwt } from "jose"

export const earliest = (...times: ReadonlyArray<number | undefined>): number | undefined => {
  const stated = times.filter((time) => time !== undefined)
  return stated.length === 0 ? undefined : Math.min(...stated)
}

/** `exp` of a token that happens to be a JWT. */
export const jwtExpiry = (token: string): number | undefined => {
  try {
    return decodeJwt(token).exp
  } catch {
    return undefined
  }
}
