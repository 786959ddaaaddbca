/**
 * Registering ourselves at a provider (RFC 7591), where nobody has registered us beforehand.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { type Fields, optional } from "./field.ts"
import { secret } from "./secret.ts"
import { baseUrl } from "./url.ts"
import { block, pattern } from "./values.ts"

const softwareId = pattern("a software identifier", /^[\x21-\x7e]{1,255}$/, "it is 255 printable characters at most")

/** RFC 7515 section 7.1: a JWS in its compact form. */
const statement = pattern(
  "a software statement",
  /^(?=.{1,16384}$)[\w-]+\.[\w-]+\.[\w-]*$/,
  "it is a JWT, of 16384 characters at most",
)

export const clientRegistration = block({
  discovery: optional(baseUrl, {
    doc: "URL of the provider's metadata document (RFC 8414), which names its registration endpoint.",
    example: '"https://auth.example.net/.well-known/oauth-authorization-server"',
  }),
  endpoint: optional(baseUrl, {
    doc: "URL of the provider's registration endpoint.",
    example: '"https://auth.example.net/register"',
  }),
  initial_access_token: optional(secret, {
    doc: "Token that the registration endpoint asks for.",
    example: 'secret("partner", key: "registration-token")',
  }),
  software_id: optional(softwareId, { doc: "What software we are, for the provider.", example: '"mcp-gateway"' }),
  software_statement: optional(statement, {
    doc: "A signed statement about us, by somebody the provider trusts. It is no secret.",
    example: '"eyJhbGciOiJFUzI1NiJ9.eyJzb2Z0d2FyZV9pZCI6Im1jcC1nYXRld2F5In0.c2ln"',
  }),
})

/** Whether it says where to register, one way, after reporting. */
export const saysWhere = (
  { value: { discovery, endpoint }, span }: Located<Fields<typeof clientRegistration.fields>>,
  scope: Scope,
): boolean => {
  const one = (discovery === undefined) !== (endpoint === undefined)
  if (!one) scope.report("AF1453", endpoint?.span ?? span, { both: endpoint !== undefined })
  return one
}
