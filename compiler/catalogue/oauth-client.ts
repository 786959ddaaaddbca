/**
 * Our registrations at token endpoints (RFC 6749 section 2.3), as the exchanges say them.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"

/** Fields of an exchange: `NAME_id` and `NAME_secret` for a client. */
type Clients<Name extends string> = {
  readonly [K in `${Name}_id` | `${Name}_secret`]: Located<unknown> | undefined
}

/** A secret is of a client: without its identifier nobody knows whose it is. Whether it is so, after reporting. */
export const isNamed = <Name extends string>(
  fields: Clients<Name>,
  client: Name,
  owner: string,
  scope: Scope,
): boolean => {
  const [id, secret] = [fields[`${client}_id`], fields[`${client}_secret`]]
  if (secret === undefined || id !== undefined) return true
  const notes = [`\`${client}_secret\` is the secret of a client, and \`${client}_id\` says which`]
  scope.report("AF0302", secret.span, { name: `${client}_id`, owner }, { notes })
  return false
}
