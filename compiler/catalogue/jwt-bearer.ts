/**
 * `exchange jwt_bearer`: RFC 7523. A JWT of the caller's is the grant for an access token of another authorization server.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type TokenType } from "./credential.ts"
import { exchangedToken, issued, subjectName, takesWhatWasMade } from "./exchanged.ts"
import { optional, required, withDefault } from "./field.ts"
import { clientAuth, isNamed } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { httpsUrl, resourceUrl } from "./url.ts"
import { list, scope as scopeName, text } from "./values.ts"

const fields = {
  subject: required(subjectName, {
    doc: "The JWT that the token endpoint is shown (`assertion`). It has to be for that endpoint: it checks the audience.",
    example: "corp.access_token",
  }),
  token_url: required(httpsUrl, {
    doc: "The token endpoint of the upstream's authorization server.",
    example: '"https://auth.example.net/oauth/token"',
  }),
  client_id: optional(text, { doc: "Our client identifier there.", example: '"mcp-gateway"' }),
  client_secret: optional(secret, {
    doc: "Our client secret there. Leave it out for a public client.",
    example: 'secret("exchange", key: "client-secret")',
  }),
  client_auth: clientAuth,
  resource: optional(resourceUrl, {
    doc: "The URL of what the new token is for (RFC 8707).",
    example: '"https://api.example.net/mcp"',
  }),
  scopes: withDefault(list(scopeName), [], { doc: "Scopes of the new token.", example: '["orders:read"]' }),
  issued,
}

export const jwtBearer: StageConstruct<"jwt_bearer", string, typeof fields, "Principal" | "Token", "Token"> = {
  verb: "exchange",
  kind: "jwt_bearer",
  doc: "Shows another authorization server a JWT as a grant for one of its own access tokens (RFC 7523), which the upstream is shown.",
  operand: { by: "kind", name: "jwt_bearer" },
  fields,
  consumes: ["Principal", "Token"],
  produces: "Token",
  type: ({ fields, input, operand }, scope) => {
    const { subject, token_url, resource } = fields
    const sound = [
      takesWhatWasMade(input, [subject], operand.span, scope),
      isNamed(
        { id: fields.client_id, secret: fields.client_secret, auth: fields.client_auth },
        "client",
        "exchange jwt_bearer",
        scope,
      ),
      isJwt(subject, scope),
    ]
    if (sound.includes(false)) return undefined
    return exchangedToken({
      input,
      subject: subject.value,
      endpoint: token_url.value,
      audience: resource?.value,
      known: fields.issued.value,
      place: operand.span,
    })
  },
}

/** RFC 7523 section 3: the grant is a JWT, which the endpoint verifies itself. */
const isJwt = ({ value: token, span }: Located<TokenType>, scope: Scope): boolean => {
  if (token.format === "jwt") return true
  const related = [
    { span: token.issuer.name.span, message: "its tokens are opaque unless it is said that they are JWTs" },
  ]
  scope.report("AF1606", span, { token: nameOf(token) }, { related })
  return false
}
