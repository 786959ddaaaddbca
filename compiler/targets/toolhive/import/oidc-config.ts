/**
 * `provider … = oidc` from a MCPOIDCConfig: the issuer whose tokens callers bring.
 *
 * @module
 */
import type { Declaration, Expression } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { type Draft, provenance, quoted, type Said } from "./draft.ts"
import type { Resource } from "./resource.ts"
import { declaration, from, map, word } from "./syntax.ts"

/** The issuer of a configuration of type inline; it counts as carried. */
export const issuerOf = (draft: Draft, resource: Resource): Said<string> | undefined => {
  if (draft.peek(resource, resource.spec, "type")?.value !== "inline") return undefined
  draft.text(resource, resource.spec, "type")
  return draft.text(resource, resource.spec, "inline", "issuer")
}

/** `claims` are those that the flows read of the issuer's tokens. */
export const importOidcConfig = (
  draft: Draft,
  resource: Resource,
  claims: ReadonlyMap<string, ClaimType>,
): Declaration | undefined => {
  const issuer = issuerOf(draft, resource)
  if (issuer === undefined) return undefined
  const types: Record<string, Expression> = Object.fromEntries([...claims].map(([name, type]) => [name, word(type)]))
  return from(
    { file: resource.file, span: resource.span },
    declaration("provider", draft.names.give(resource.name, "provider"), "oidc", provenance(resource), {
      issuer: quoted(issuer),
      access_token: map({ format: word("jwt"), claims: claims.size > 0 ? map(types) : undefined }),
    }),
  )
}
