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
import { exchangedToken, issued } from "./exchanged.ts"
import { optional, required, withDefault } from "./field.ts"
import { clientAuth, isNamed } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { tokenName } from "./token.ts"
import { httpsUrl, resourceUrl } from "./url.ts"
import { list, scope as scopeName, text } from "./values.ts"

const fields = {
  subject: required(tokenName, {
    doc: "The ID token that says who the person is.",
    example: "corp.id_token",
  }),
  idp_token_url: required(httpsUrl, {
    doc: "Token endpoint of the person's identity provider, which gives the ID-JAG.",
    example: '"https://idp.example.com/oauth2/token"',
  }),
  idp_client_id: optional(text, {
    doc: "Our client identifier there: the one the ID token was issued to.",
    example: '"mcp-gateway"',
  }),
  idp_client_secret: optional(secret, {
    doc: "Our client secret there.",
    example: 'secret("corp-idp", key: "client-secret")',
  }),
  idp_client_auth: clientAuth,
  target_token_url: required(httpsUrl, {
    doc: "Token endpoint of the upstream's authorization server, which takes the ID-JAG.",
    example: '"https://auth.partner.example/oauth2/token"',
  }),
  target_client_id: optional(text, {
    doc: "Our client identifier at that authorization server. Most of them refuse a grant without.",
    example: '"example-gateway"',
  }),
  target_client_secret: optional(secret, {
    doc: "Our client secret there.",
    example: 'secret("partner", key: "client-secret")',
  }),
  target_client_auth: clientAuth,
  audience: required(text, {
    doc: "Issuer of the upstream's authorization server: `aud` of the ID-JAG.",
    example: '"https://auth.partner.example"',
  }),
  resource: optional(resourceUrl, {
    doc: "The upstream itself (RFC 8707), where the identity provider wants to be told.",
    example: '"https://mcp.partner.example/mcp"',
  }),
  scopes: withDefault(list(scopeName), [], {
    doc: "Scopes asked for in both exchanges.",
    example: '["mcp:use"]',
  }),
  issued,
}

export const xaa: StageConstruct<"xaa", string, typeof fields, "Principal", "Token"> = {
  verb: "exchange",
  kind: "xaa",
  doc: "Exchanges the person's ID token for an ID-JAG, and that for an access token of the upstream's own authorization server.",
  operand: { by: "kind", name: "xaa" },
  fields,
  consumes: ["Principal"],
  produces: "Token",
  type: ({ fields, input, operand }, scope) => {
    const sound = [
      isNamed(
        { id: fields.idp_client_id, secret: fields.idp_client_secret, auth: fields.idp_client_auth },
        "idp_client",
        "exchange xaa",
        scope,
      ),
      isNamed(
        { id: fields.target_client_id, secret: fields.target_client_secret, auth: fields.target_client_auth },
        "target_client",
        "exchange xaa",
        scope,
      ),
      isOurs(fields.subject, fields.idp_client_id, scope),
    ]
    if (sound.includes(false)) return undefined
    return exchangedToken({
      input,
      subject: fields.subject.value,
      endpoint: fields.audience.value,
      audience: fields.resource?.value,
      known: fields.issued.value,
      place: operand.span,
    })
  },
}

/** The draft, section 4.3: the subject is an ID token, and was issued to the client that shows it. */
const isOurs = (subject: Located<TokenType>, client: Located<string> | undefined, scope: Scope): boolean => {
  const { kind, audience, issuer } = subject.value
  if (kind !== "id_token") scope.report("AF1204", subject.span, { token: nameOf(subject.value) })
  else if (client !== undefined && audience !== undefined && client.value !== audience) {
    const related = [{ span: issuer.name.span, message: `the ID tokens are issued to \`${audience}\`` }]
    const fix = { title: `Write "${audience}"`, edits: [{ span: client.span, text: JSON.stringify(audience) }] }
    const args = { client: client.value, audience, token: nameOf(subject.value) }
    scope.report("AF1210", client.span, args, { related, fix })
  } else return true
  return false
}
