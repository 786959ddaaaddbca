/**
 * `exchange xaa`: cross-application access by identity assertion (draft-ietf-oauth-identity-assertion-authz-grant). The
 * person's ID token is exchanged at their identity provider for an ID-JAG (RFC 8693), and that at the upstream's
 * authorization server for an access token (RFC 7523).
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type TokenType } from "./credential.ts"
import { type Fields, optional, required, withDefault } from "./field.ts"
import { isNamed } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { tokenName } from "./token.ts"
import { httpsUrl, resourceUrl } from "./url.ts"
import { block, list, scope as scopeName, text } from "./values.ts"

const idp = {
  token_url: required(httpsUrl, {
    doc: "Token endpoint of the person's identity provider, which gives the ID-JAG.",
    example: '"https://idp.example.com/oauth2/token"',
  }),
  client_id: optional(text, {
    doc: "Our client identifier there: the one the ID token was issued to.",
    example: '"mcp-gateway"',
  }),
  client_secret: optional(secret, {
    doc: "Our client secret there.",
    example: 'secret("corp-idp", key: "client-secret")',
  }),
}

const target = {
  token_url: required(httpsUrl, {
    doc: "Token endpoint of the upstream's authorization server, which takes the ID-JAG.",
    example: '"https://auth.partner.example/oauth2/token"',
  }),
  audience: required(text, {
    doc: "Issuer of that authorization server: `aud` of the ID-JAG.",
    example: '"https://auth.partner.example"',
  }),
  resource: optional(resourceUrl, {
    doc: "The upstream itself (RFC 8707), where the identity provider wants to be told.",
    example: '"https://mcp.partner.example/mcp"',
  }),
  client_id: optional(text, {
    doc: "Our client identifier at that authorization server. Most of them refuse a grant without.",
    example: '"mcp-gateway"',
  }),
  client_secret: optional(secret, {
    doc: "Our client secret there.",
    example: 'secret("partner", key: "client-secret")',
  }),
}

const fields = {
  subject: required(tokenName, {
    doc: "The ID token that says who the person is.",
    example: "corp.id_token",
  }),
  idp: required(block(idp), {
    doc: "The first exchange, at the person's identity provider.",
    example: '{ token_url: "https://idp.example.com/oauth2/token" }',
  }),
  target: required(block(target), {
    doc: "The second one, at the upstream's authorization server.",
    example: '{ token_url: "https://auth.partner.example/oauth2/token", audience: "https://auth.partner.example" }',
  }),
  scopes: withDefault(list(scopeName), [], {
    doc: "Scopes asked for in both exchanges.",
    example: '["mcp:use"]',
  }),
}

export const xaa: StageConstruct<"xaa", string, typeof fields, "Principal", "Token"> = {
  verb: "exchange",
  kind: "xaa",
  doc: "Exchanges the person's ID token for an ID-JAG, and that for an access token of the upstream's own authorization server.",
  operand: { by: "kind", name: "xaa" },
  fields,
  consumes: ["Principal"],
  produces: "Token",
  type: ({ fields: { subject, idp, target }, input }, scope) => {
    const sound = [
      isNamed(idp.value, "`idp`", scope),
      isNamed(target.value, "`target`", scope),
      isOurs(subject, idp.value, scope),
    ]
    if (sound.includes(false)) return undefined
    return {
      tag: "Token",
      principal: input,
      kind: "access_token",
      issuer: target.value.audience.value,
      audience: target.value.resource?.value,
      header: "Authorization",
    }
  },
}

/** The draft, section 4.3: the subject is an ID token, and was issued to the client that shows it. */
const isOurs = (subject: Located<TokenType>, { client_id }: Fields<typeof idp>, scope: Scope): boolean => {
  const { kind, audience, issuer } = subject.value
  if (kind !== "id_token") scope.report("AF1204", subject.span, { token: nameOf(subject.value) })
  else if (client_id !== undefined && audience !== undefined && client_id.value !== audience) {
    const related = [{ span: issuer.name.span, message: `the ID tokens are issued to \`${audience}\`` }]
    const fix = { title: `Write "${audience}"`, edits: [{ span: client_id.span, text: JSON.stringify(audience) }] }
    const args = { client: client_id.value, audience, token: nameOf(subject.value) }
    scope.report("AF1210", client_id.span, args, { related, fix })
  } else return true
  return false
}
