/**
 * `exchange token_exchange`: RFC 8693. A token of the caller is exchanged at a token endpoint for one that the upstream takes.
 *
 * @module
 */
import type { Span } from "../../grammar/ast.ts"
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type TokenType } from "./credential.ts"
import { exchangedToken, issued, subjectName, takesWhatWasMade } from "./exchanged.ts"
import { optional, required, withDefault } from "./field.ts"
import { headerName } from "./header-name.ts"
import { clientAuth, isNamed } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { httpsUrl, resourceUrl } from "./url.ts"
import { choice, list, scope as scopeName, text } from "./values.ts"

/** RFC 8693 section 3, without their common prefix. */
const TOKEN_TYPES = ["access_token", "id_token", "jwt"] as const
export type SubjectTokenType = (typeof TOKEN_TYPES)[number]

const fields = {
  subject: required(subjectName, {
    doc: "The token that is exchanged: whose behalf the new one is on.",
    example: "corp.access_token",
  }),
  token_url: required(httpsUrl, {
    doc: "The token endpoint that exchanges it.",
    example: '"https://idp.example.com/oauth/token"',
  }),
  audience: optional(text, {
    doc: "Who the new token is for, by the name the token endpoint knows it. Say this or `resource`, or both.",
    example: '"https://api.example.com"',
  }),
  resource: optional(resourceUrl, {
    doc: "The URL of what the new token is for (RFC 8707).",
    example: '"https://api.example.com/mcp"',
  }),
  actor: optional(subjectName, {
    doc: "A token of who acts for the subject (delegation); the new token then says both.",
    example: "gate.access_token",
  }),
  scopes: withDefault(list(scopeName), [], {
    doc: "Scopes of the new token. What the endpoint gives by itself when unsaid.",
    example: '["orders:read"]',
  }),
  client_id: optional(text, { doc: "Our client identifier at the token endpoint.", example: '"mcp-gateway"' }),
  client_secret: optional(secret, {
    doc: "Our client secret there. Leave it out for a public client.",
    example: 'secret("exchange", key: "client-secret")',
  }),
  subject_token_type: optional(choice(TOKEN_TYPES), {
    doc: "What the endpoint is told the subject is. Its own kind when unsaid; some endpoints want `jwt` for a token that is one.",
    example: "jwt",
  }),
  requested_token_type: optional(choice(TOKEN_TYPES), {
    doc: "Which kind of token is asked for. What the endpoint gives by itself when unsaid.",
    example: "jwt",
  }),
  client_auth: clientAuth,
  issued,
  header: withDefault(headerName, "Authorization", {
    doc: "The header the new token travels in, as `Bearer …`.",
    example: '"X-Upstream-Token"',
  }),
}

export const tokenExchange: StageConstruct<"token_exchange", string, typeof fields, "Principal" | "Token", "Token"> = {
  verb: "exchange",
  kind: "token_exchange",
  doc: "Exchanges a token of the caller for another one (OAuth 2.0 Token Exchange, RFC 8693), which the upstream is shown.",
  operand: { by: "kind", name: "token_exchange" },
  fields,
  consumes: ["Principal", "Token"],
  produces: "Token",
  type: ({ fields, input, operand }, scope) => {
    const { subject, actor, token_url, audience, resource, subject_token_type, header } = fields
    checkReadable(subject, token_url, scope)
    const sound = [
      takesWhatWasMade(input, [subject, actor], operand.span, scope),
      isNamed(
        { id: fields.client_id, secret: fields.client_secret, auth: fields.client_auth },
        "client",
        "exchange token_exchange",
        scope,
      ),
      isOfType(subject, subject_token_type, scope),
      isForSomebody(audience ?? resource, operand.span, scope),
    ]
    if (sound.includes(false)) return undefined
    return exchangedToken({
      input,
      subject: subject.value,
      endpoint: token_url.value,
      audience: audience?.value ?? resource?.value,
      header: header.value,
      kind: fields.requested_token_type?.value === "id_token" ? "id_token" : "access_token",
      known: fields.issued.value,
      place: operand.span,
    })
  },
}

/** RFC 8693 section 2.1 has both optional, and a token for nobody in particular is one for everybody. */
const isForSomebody = (target: Located<string> | undefined, operand: Span, scope: Scope): boolean => {
  if (target === undefined) scope.report("AF1604", operand, {})
  return target !== undefined
}

/** RFC 8693 section 3: the type that is said has to be what the token is. */
const isOfType = (
  { value: token }: Located<TokenType>,
  said: Located<SubjectTokenType> | undefined,
  scope: Scope,
): boolean => {
  if (said === undefined || said.value === token.kind || (said.value === "jwt" && token.format === "jwt")) return true
  const fix = { title: `Write \`${token.kind}\``, edits: [{ span: said.span, text: token.kind }] }
  scope.report("AF1205", said.span, { token: nameOf(token), said: said.value, format: token.format }, { fix })
  return false
}

/** Warns of an opaque token that another host than its issuer's is to read. */
export const checkReadable = (subject: Located<TokenType>, endpoint: Located<string>, scope: Scope): void => {
  const { format, issuer } = subject.value
  const [own, asked] = [new URL(issuer.url).host, new URL(endpoint.value).host]
  if (format !== "opaque" || own === asked) return
  const related = [{ span: issuer.name.span, message: "its access tokens are opaque unless it says otherwise" }]
  scope.report("AF1206", subject.span, { token: nameOf(subject.value), issuer: own, host: asked }, { related })
}
