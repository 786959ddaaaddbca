/**
 * A caller, as a test or a command line says it.
 *
 * @module
 */
import type { Given } from "../../check/program.ts"

export type Claims = Readonly<Record<string, unknown>>

/** The access token that comes with the request. */
export interface Presented {
  readonly claims: Claims
  /** Scopes it was granted; `undefined`: what its own claims say, and where they say nothing, what the flow asks for. */
  readonly scopes: readonly string[] | undefined
  /** Its JOSE header, when the token itself is at hand: then nothing is assumed of what it does not say. */
  readonly header: Claims | undefined
}

export interface Caller {
  /** `malformed`: something that is no JWT was sent. `undefined`: nothing was. */
  readonly token: Presented | "malformed" | "not a token" | undefined
  /** Of the request, beside those that frame it and the one that carries the token. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** The caller of a test. Without claims and scopes no token comes with the request. */
export const callerOf = ({ claims, scopes, headers }: Given): Caller => ({
  token: claims === undefined && scopes === undefined ? undefined : { claims: claims ?? {}, scopes, header: undefined },
  headers: Object.entries(headers),
})

/** A caller of whom only claims are known. */
export const claimsCaller = (claims: Claims, scopes: readonly string[] | undefined): Caller => ({
  token: { claims, scopes, header: undefined },
  headers: [],
})

/** RFC 6750 section 2.1, `b64token`. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** The caller with this token. Its signature is not looked at. */
export const tokenCaller = (token: string): Caller => {
  if (!B64TOKEN.test(token)) return { token: "malformed", headers: [] }
  const [first = "", second = "", ...rest] = token.split(".")
  const [header, claims] = [decoded(first), decoded(second)]
  // A JWS in its compact form has three parts (RFC 7515 section 7.1).
  if (rest.length !== 1 || header === undefined || claims === undefined) return { token: "not a token", headers: [] }
  return { token: { claims, scopes: undefined, header }, headers: [] }
}

const decoded = (part: string): Claims | undefined => {
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Claims =>
  typeof value === "object" && value !== null && !Array.isArray(value)
