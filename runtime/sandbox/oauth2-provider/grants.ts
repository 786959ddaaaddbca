/**
 * Codes and tokens of the stand-in, with what each is bound to. All of it is in memory.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import type { Person } from "../person.ts"

/** What a code or token is good for. */
export interface Grant {
  readonly person: Person
  readonly clientId: string
  readonly scope: string
}

interface Code extends Grant {
  readonly redirectUri: string
  readonly challenge: string
  readonly expiresAt: number
  /** What was issued for it, once it was redeemed. */
  family: Family | undefined
}

/** Tokens of one login: they end together when one of them turns out to be in two hands. */
interface Family extends Grant {
  ended: boolean
}

interface Token {
  readonly family: Family
  readonly expiresAt: number
  used: boolean
}

/** Why a grant is refused: RFC 6749 section 5.2. The text is for who debugs. */
export interface Refused {
  readonly error: "invalid_grant"
  readonly error_description: string
}

const refused = (error_description: string): Refused => ({ error: "invalid_grant", error_description })

/** Seconds. */
const CODE_LIFE = 60

const secret = (prefix: string) => prefix + randomBytes(24).toString("base64url")

/** `lifetimes`: seconds. `accessToken`: makes the value of one. */
export const grants = (
  lifetimes: { readonly accessToken: number; readonly refreshToken: number },
  accessToken: (grant: Grant) => string | undefined,
) => {
  const codes = new Map<string, Code>()
  const access = new Map<string, Token>()
  const refresh = new Map<string, Token>()
  const now = () => Date.now() / 1000

  const issue = (family: Family) => {
    const tokens = { accessToken: accessToken(family) ?? secret("gho_"), refreshToken: secret("ghr_") }
    access.set(tokens.accessToken, { family, expiresAt: now() + lifetimes.accessToken, used: false })
    refresh.set(tokens.refreshToken, { family, expiresAt: now() + lifetimes.refreshToken, used: false })
    const { person, scope } = family
    return { ...tokens, person, scope, expiresIn: lifetimes.accessToken }
  }

  return {
    code: (grant: Grant, redirectUri: string, challenge: string): string => {
      const code = secret("")
      codes.set(code, { ...grant, redirectUri, challenge, expiresAt: now() + CODE_LIFE, family: undefined })
      return code
    },
    /** RFC 6749 section 4.1.3, RFC 7636 section 4.6. A code that is redeemed twice ends what came of it (section 4.1.2). */
    redeem: (value: string, clientId: string, redirectUri: string, verifier: string) => {
      const code = codes.get(value)
      if (code === undefined || code.expiresAt <= now()) return refused("there is no such code")
      if (code.family !== undefined) {
        code.family.ended = true
        return refused("the code was redeemed before")
      }
      const family: Family = { person: code.person, clientId: code.clientId, scope: code.scope, ended: false }
      code.family = family
      if (code.clientId !== clientId) return refused("the code is another client's")
      if (code.redirectUri !== redirectUri) return refused("the code went to another redirect URI")
      if (createHash("sha256").update(verifier).digest("base64url") !== code.challenge)
        return refused("the verifier is not that of the challenge")
      return issue(family)
    },
    /** Each is good for one use; a second one ends the login (RFC 9700 section 4.14.2). */
    refresh: (value: string, clientId: string) => {
      const token = refresh.get(value)
      if (token === undefined || token.expiresAt <= now()) return refused("there is no such refresh token")
      if (token.family.clientId !== clientId) return refused("the refresh token is another client's")
      if (token.used) token.family.ended = true
      if (token.family.ended) return refused("the login has ended")
      token.used = true
      return issue(token.family)
    },
    /** Whose access token it is; undefined when it is no good. */
    bearer: (value: string): (Grant & { readonly expiresAt: number }) | undefined => {
      const token = access.get(value)
      if (token === undefined || token.expiresAt <= now() || token.family.ended) return undefined
      return { ...token.family, expiresAt: token.expiresAt }
    },
  }
}
