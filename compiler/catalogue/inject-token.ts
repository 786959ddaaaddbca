/**
 * `inject token`: a token the person got at login, sent on as it is.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type Principal, type TokenType } from "./credential.ts"
import { required, withDefault } from "./field.ts"
import { tokenName } from "./token.ts"
import { choice } from "./values.ts"

const fields = {
  token: required(tokenName, {
    doc: "The access token of a login. It is sent as `Authorization: Bearer …`.",
    example: "corp.access_token",
  }),
  passthrough: withDefault(choice(["refused", "allowed"]), "refused", {
    doc: "`allowed` passes on the caller's own token, which the MCP specification forbids: whoever runs the upstream can then call us as that person.",
    example: "refused",
  }),
}

export const injectToken: StageConstruct<"inject.token", string, typeof fields, "Principal", "Token"> = {
  verb: "inject",
  kind: "inject.token",
  doc: "Shows the upstream an access token that the person got at login.",
  operand: { by: "kind", name: "token" },
  fields,
  consumes: ["Principal"],
  produces: "Token",
  type: ({ fields: { token, passthrough }, input }, scope) => {
    if (!isOurToGive(token, passthrough, input, scope)) return undefined
    const { issuer, audience } = token.value
    return {
      tag: "Token",
      principal: input,
      type: token.value,
      kind: "access_token",
      issuer: issuer.url,
      audience,
      header: "Authorization",
    }
  },
}

/** Whether the token may be shown to an upstream, after reporting. */
const isOurToGive = (
  token: Located<TokenType>,
  passthrough: Located<"refused" | "allowed">,
  principal: Principal,
  scope: Scope,
): boolean => {
  const own = token.value === principal.token
  if (token.value.kind === "id_token") scope.report("AF1203", token.span, { token: nameOf(token.value) })
  else if (own && passthrough.value === "refused") scope.report("AF1202", token.span, { token: nameOf(token.value) })
  else if (!own && passthrough.value === "allowed")
    scope.report("AF1213", passthrough.span, { token: nameOf(token.value) })
  else return true
  return false
}
