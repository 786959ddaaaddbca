/**
 * Our registration at a token endpoint (RFC 6749 section 2.3), as the exchanges say it.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { SecretRef } from "./secret.ts"

interface Client {
  readonly client_id: Located<string> | undefined
  readonly client_secret: Located<SecretRef> | undefined
}

/** A secret is of a client: without its identifier nobody knows whose it is. Whether it is so, after reporting. */
export const isNamed = ({ client_id, client_secret }: Client, owner: string, scope: Scope): boolean => {
  if (client_secret === undefined || client_id !== undefined) return true
  const notes = ["`client_secret` is the secret of a client, and `client_id` says which"]
  scope.report("AF0302", client_secret.span, { name: "client_id", owner }, { notes })
  return false
}
