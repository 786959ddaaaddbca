/**
 * What the stand-in says of tokens and people, in the shapes that the file says the real provider has.
 *
 * @module
 */
import type { OAuth2Provider } from "../../plan.ts"
import type { Person } from "../person.ts"

type Json = Record<string, unknown>

/** The userinfo answer: the file's own fields, and what it declares beyond them. */
export const userinfoAnswer = ({ identity, claims }: OAuth2Provider, person: Person): Json => {
  if (identity.from !== "userinfo") return {}
  const { subject, name, email } = identity.request
  const known: Json = { sub: person.claims.sub, name: person.claims["name"], email: person.claims["email"] }
  return {
    ...Object.fromEntries(claims.userinfo.map((claim) => [claim, person.claims[claim]])),
    [subject[0]]: known["sub"],
    [name[0]]: known["name"],
    [email[0]]: known["email"],
  }
}

export interface Issued {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
  readonly scope: string
}

/** The token endpoint's answer: each thing at its place. */
export const tokenAnswer = ({ identity, tokenResponse }: OAuth2Provider, person: Person, issued: Issued): Json => {
  const answer: Json = {}
  put(answer, tokenResponse?.accessToken ?? "access_token", issued.accessToken)
  put(answer, tokenResponse?.refreshToken ?? "refresh_token", issued.refreshToken)
  put(answer, tokenResponse?.expiresIn ?? "expires_in", issued.expiresIn)
  put(answer, tokenResponse?.scope ?? "scope", issued.scope)
  put(answer, "token_type", "bearer")
  if (identity.from === "token_response") {
    const { subject, name, email } = identity
    for (const [path, value] of [
      [subject, person.claims.sub],
      [name, person.claims["name"]],
      [email, person.claims["email"]],
    ] as const) {
      // What stands inside of a JWT is put there when the token is made.
      if (path !== undefined && !path.includes("|")) put(answer, path, value)
    }
  }
  return answer
}

/** The claims that the file reads from inside of the access token, if it does. */
export const claimsInside = ({ identity }: OAuth2Provider, person: Person): Json | undefined => {
  if (identity.from !== "token_response") return undefined
  const claims: Json = {}
  for (const [path, value] of [
    [identity.subject, person.claims.sub],
    [identity.name, person.claims["name"]],
    [identity.email, person.claims["email"]],
  ] as const) {
    const inner = path?.split("|@upstreamjwt|")[1]
    if (inner !== undefined) put(claims, inner, value)
  }
  return Object.keys(claims).length > 0 ? claims : undefined
}

const put = (into: Json, path: string, value: unknown): void => {
  const [first = "", ...rest] = path.split(".")
  if (rest.length === 0) into[first] = value
  else {
    const inner = (into[first] ?? {}) as Json
    into[first] = inner
    put(inner, rest.join("."), value)
  }
}
