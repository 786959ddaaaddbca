/**
 * `exchange client_credentials`: RFC 6749 section 4.4. A token for ourselves: the upstream knows the gateway and no people.
 *
 * @module
 */
import type { StageConstruct } from "./construct.ts"
import { exchangedToken, issued } from "./exchanged.ts"
import { optional, required, withDefault } from "./field.ts"
import { clientAuth } from "./oauth-client.ts"
import { secret } from "./secret.ts"
import { httpsUrl, resourceUrl } from "./url.ts"
import { list, scope as scopeName, text } from "./values.ts"

const fields = {
  token_url: required(httpsUrl, {
    doc: "The token endpoint of the upstream's authorization server.",
    example: '"https://auth.example.net/oauth/token"',
  }),
  client_id: required(text, { doc: "Our client identifier there.", example: '"mcp-gateway"' }),
  client_secret: required(secret, {
    doc: "Our client secret there: this grant is for confidential clients.",
    example: 'secret("exchange", key: "client-secret")',
  }),
  client_auth: clientAuth,
  audience: optional(text, {
    doc: "Who the token is for, where the endpoint wants to be told so.",
    example: '"https://api.example.net"',
  }),
  resource: optional(resourceUrl, {
    doc: "The URL of what the token is for (RFC 8707).",
    example: '"https://api.example.net/mcp"',
  }),
  scopes: withDefault(list(scopeName), [], { doc: "Scopes of the token.", example: '["orders:read"]' }),
  issued,
}

export const clientCredentials: StageConstruct<"client_credentials", string, typeof fields, "Principal", "Token"> = {
  verb: "exchange",
  kind: "client_credentials",
  doc: "Gets an access token for ourselves (client credentials grant), which the upstream is shown, the same for every caller.",
  operand: { by: "kind", name: "client_credentials" },
  fields,
  consumes: ["Principal"],
  produces: "Token",
  type: ({ fields, input, operand }) =>
    exchangedToken({
      input,
      subject: undefined,
      endpoint: fields.token_url.value,
      audience: fields.audience?.value ?? fields.resource?.value,
      known: fields.issued.value,
      place: operand.span,
    }),
}
