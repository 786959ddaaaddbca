/**
 * Our registrations at token endpoints (RFC 6749 section 2.3), as the exchanges say them.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { optional } from "./field.ts"
import { choice } from "./values.ts"

export type AuthenticationMethod = "basic" | "post" | "private_key_jwt"

/** How a client proves who it is. */
export const clientAuth = optional(choice(["basic", "post", "private_key_jwt"]), {
  doc: "How we authenticate. `basic` when unsaid. `post`: the secret is a parameter. `private_key_jwt`: the secret is a private key in PEM, which signs an assertion.",
  example: "post",
})

/** What is said of one client. */
interface Client {
  readonly id: Located<unknown> | undefined
  readonly secret: Located<unknown> | undefined
  readonly auth: Located<unknown> | undefined
}

/**
 * A secret is of a client: without its identifier nobody knows whose it is, and without it there is nothing to authenticate
 * with. Whether it is so, after reporting. The fields are called `NAME_id`, `NAME_secret` and `NAME_auth`.
 */
export const isNamed = ({ id, secret, auth }: Client, name: string, owner: string, scope: Scope): boolean => {
  if (auth !== undefined && secret === undefined) {
    const notes = [`\`${name}_auth\` says how the secret is used`]
    scope.report("AF0302", auth.span, { name: `${name}_secret`, owner }, { notes })
    return false
  }
  if (secret === undefined || id !== undefined) return true
  const notes = [`\`${name}_secret\` is the secret of a client, and \`${name}_id\` says which`]
  scope.report("AF0302", secret.span, { name: `${name}_id`, owner }, { notes })
  return false
}
