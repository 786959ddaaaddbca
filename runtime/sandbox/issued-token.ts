/**
 * Tokens that the stand-ins of the sandbox have issued: what a resource or a token endpoint that is shown one knows of it, as
 * introspection (RFC 7662) or the issuer's keys would tell.
 *
 * @module
 */

export interface IssuedToken {
  readonly kind: "access_token" | "id_token" | "id_jag"
  readonly issuer: string
  readonly subject: string
  /** `aud`; empty where the token has none. */
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  /** The client it was issued to, where the token says so. */
  readonly client: string | undefined
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly claims: Readonly<Record<string, unknown>>
}

/** Looks a token up. Undefined for one that is not of this issuer, has expired or was revoked. */
export type FindToken = (token: string) => Promise<IssuedToken | undefined>

/** The first of the issuers that knows it. */
export const findAmong =
  (issuers: readonly FindToken[]): FindToken =>
  async (token) => {
    for (const find of issuers) {
      const found = await find(token)
      if (found !== undefined) return found
    }
    return undefined
  }
