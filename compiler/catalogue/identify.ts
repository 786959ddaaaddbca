/**
 * `identify NAME`: who calls. The caller's bearer token is verified; its claims are what `claims` means in the flow.
 *
 * @module
 */
import type { AuthServer } from "./auth-server.ts"
import type { StageConstruct } from "./construct.ts"
import { optional, withDefault } from "./field.ts"
import type { Provider } from "./oidc.ts"
import { list, scope, text } from "./values.ts"

const fields = {
  scopes: withDefault(list(scope), [], {
    doc: "Scopes the caller's token must have.",
    example: '["mcp:use"]',
  }),
  audience: optional(text, {
    doc: "`aud` the caller's token must have. The flow's own URL when unsaid.",
    example: '"https://mcp.example.com/mcp"',
  }),
}

export const identifyAuthServer: StageConstruct<
  "identify.auth_server",
  AuthServer,
  typeof fields,
  "Caller",
  "Principal"
> = {
  verb: "identify",
  kind: "identify.auth_server",
  doc: "Requires an access token of one of our own authorization servers, for this flow.",
  operand: { by: "declaration", of: "auth_server" },
  fields,
  consumes: "Caller",
  produces: "Principal",
  type: () => undefined,
}

export const identifyOidc: StageConstruct<"identify.oidc", Provider, typeof fields, "Caller", "Principal"> = {
  verb: "identify",
  kind: "identify.oidc",
  doc: "Requires a JWT access token of an outside issuer, for this flow.",
  operand: { by: "declaration", of: "oidc" },
  fields,
  consumes: "Caller",
  produces: "Principal",
  type: () => undefined,
}
