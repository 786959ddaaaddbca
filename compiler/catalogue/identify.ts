/**
 * `identify NAME`: who calls. The caller's bearer token is verified; its claims are what `claims` means in the flow.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import type { AuthServer } from "./auth-server.ts"
import type { StageConstruct } from "./construct.ts"
import { optional, withDefault } from "./field.ts"
import type { OidcProvider } from "./oidc.ts"
import { list, scope, text } from "./values.ts"

/** What is asked of a token. */
export const stageFields = {
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
  typeof stageFields,
  "Caller",
  "Principal"
> = {
  verb: "identify",
  kind: "identify.auth_server",
  doc: "Requires an access token of one of our own authorization servers, for this flow.",
  operand: { by: "declaration", of: "auth_server" },
  fields: stageFields,
  consumes: ["Caller"],
  produces: "Principal",
  type: ({ operand: { value: server }, fields: { scopes, audience } }, scope) => {
    const { flowUrl } = scope
    if (!canAskFor(scopes, scope) || flowUrl === undefined) return undefined
    // The server issues tokens for the resource they were asked for (RFC 8707), and that is the flow's URL.
    if (audience && audience.value !== flowUrl.value) {
      const fix = {
        title: "Leave it to the flow's URL",
        edits: [{ span: audience.span, text: JSON.stringify(flowUrl.value) }],
      }
      const related = [{ span: flowUrl.span, message: "the tokens' audience" }]
      const args = { audience: audience.value, issued: flowUrl.value, issuer: server.name.value }
      scope.report("AF0706", audience.span, args, { related, fix })
      return undefined
    }
    const token = { ...server.accessToken, audience: flowUrl.value }
    const kept = server.login.flatMap(({ idToken, accessToken }) => [...(idToken ? [idToken] : []), accessToken])
    return { tag: "Principal", token, tokens: [token, ...kept] }
  },
}

export const identifyOidc: StageConstruct<"identify.oidc", OidcProvider, typeof stageFields, "Caller", "Principal"> = {
  verb: "identify",
  kind: "identify.oidc",
  doc: "Requires an access token of an outside issuer, for this flow: a JWT, or one that the issuer is asked about.",
  operand: { by: "declaration", of: "oidc" },
  fields: stageFields,
  consumes: ["Caller"],
  produces: "Principal",
  type: ({ operand: { value: provider, span }, fields: { scopes, audience } }, scope) => {
    const { flowUrl } = scope
    if (!canAskFor(scopes, scope) || flowUrl === undefined) return undefined
    const { accessToken } = provider
    if (accessToken.format === "opaque" && provider.fields.introspection === undefined) {
      const related = [{ span: provider.name.span, message: "its access tokens are opaque unless it says otherwise" }]
      scope.report("AF0516", span, { provider: provider.name.value }, { related })
      return undefined
    }
    if (audience && accessToken.audience && audience.value !== accessToken.audience) {
      const declared = provider.fields.access_token.value.audience?.span ?? provider.name.span
      const related = [{ span: declared, message: "what its access tokens are for" }]
      const args = { audience: audience.value, issued: accessToken.audience, issuer: provider.name.value }
      scope.report("AF0706", audience.span, args, { related })
      return undefined
    }
    const token = { ...accessToken, audience: audience?.value ?? accessToken.audience ?? flowUrl.value }
    return { tag: "Principal", token, tokens: [token] }
  },
}

/** Whether a token can have these scopes at all, after reporting. */
export const canAskFor = (scopes: Located<readonly Located<string>[]>, scope: Scope): boolean => {
  // The specification of MCP authorization: a resource does not ask for offline_access, which is between client and server.
  const offline = scopes.value.find(({ value }) => value === "offline_access")
  if (offline) scope.report("AF0518", offline.span, {})
  return offline === undefined
}
