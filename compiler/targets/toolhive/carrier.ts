/**
 * Which kind of ToolHive's carries a flow. A MCPRemoteProxy hands requests through as they are, and is taken wherever it runs
 * the flow; what it accepts and ignores needs a VirtualMCPServer, which is a MCP server of its own and calls the upstream as a
 * client (addExternalAuthConfigOptions in cmd/thv-operator/pkg/controllerutil/tokenexchange.go; pkg/vmcp/auth/converters).
 *
 * @module
 */

import { nameOf, type PresentedKind, type TokenType } from "../../catalogue/credential.ts"
import type { Provider, StageKind, StageOf } from "../../catalogue/index.ts"
import type { Flow } from "../../check/program.ts"

/** `why` the kind has to be that one, as a comment on the manifest says it. */
export type Carrier =
  | { readonly kind: "MCPServer" }
  | { readonly kind: "MCPRemoteProxy" }
  | { readonly kind: "VirtualMCPServer"; readonly why: string }

/** The providers people log in at through the flow's own server; none where callers bring tokens of an outside issuer. */
export const loginsOf = ({ stages: [identify] }: Flow): readonly Provider[] =>
  identify.kind === "identify.auth_server" ? identify.operand.value.login : []

/**
 * The token that is in the Authorization header of a MCPRemoteProxy when its outgoing stage runs: the caller's own, or, behind
 * an embedded server, the access token of the login's first provider (pkg/auth/upstreamswap, pkg/runner/middleware.go).
 */
export const shownByProxy = ({ stages: [identify] }: Flow): TokenType<PresentedKind> | undefined => {
  if (identify.kind === "identify.auth_server") return identify.operand.value.login[0].accessToken
  return identify.output.tag === "Principal" ? identify.output.token : undefined
}

/** It by its name; `nothing` where callers bring none. */
export const nameShown = (flow: Flow): string => {
  const shown = shownByProxy(flow)
  return shown === undefined ? "nothing" : nameOf(shown)
}

/** Tokens are values of the checker's making; two of one issuer and kind are the same. */
export const isSame = (one: TokenType<PresentedKind>, other: TokenType<PresentedKind> | undefined): boolean =>
  other !== undefined && nameOf(one) === nameOf(other)

/** Whether a VirtualMCPServer can be told to take the token as subject (`subjectProviderName`): access tokens of a login. */
export const isLoginToken = (token: TokenType, flow: Flow): boolean =>
  loginsOf(flow).some(({ accessToken }) => isSame(accessToken, token))

const subject = (token: TokenType, flow: Flow): string | undefined =>
  !isSame(token, shownByProxy(flow)) && isLoginToken(token, flow)
    ? `it exchanges \`${nameOf(token)}\`: a MCPRemoteProxy ignores subjectProviderName, and exchanges that of the first login`
    : undefined

const ignored = (type: string) => `a MCPRemoteProxy accepts the type ${type} and does nothing with it`

/** Why a stage needs a VirtualMCPServer, if it does. A kind that is not here needs none. */
const needs: { readonly [K in StageKind]?: (stage: StageOf<K>, flow: Flow) => string | undefined } = {
  "limit.tool_calls": () => "a MCPRemoteProxy counts no calls",
  "authorize.cedar": ({ fields: { token } }, flow) =>
    token !== undefined && !isSame(token.value, shownByProxy(flow)) && isLoginToken(token.value, flow)
      ? `its policies see \`${nameOf(token.value)}\`: a MCPRemoteProxy ignores primaryUpstreamProvider`
      : undefined,
  "aws.sts": ({ fields }, flow) => subject(fields.subject.value, flow),
  token_exchange: ({ fields }, flow) => subject(fields.subject.value, flow),
  obo: ({ fields }, flow) => subject(fields.subject.value, flow),
  xaa: () => ignored("xaa"),
  "inject.header": () => ignored("headerInjection"),
  "inject.token": ({ fields: { passthrough } }) =>
    passthrough.value === "allowed" ? undefined : ignored("upstreamInject"),
  "inject.none": () => "a MCPRemoteProxy of the type unauthenticated would pass on the token that it holds",
}

/** ToolHive has these on a MCPRemoteProxy only: there is no converter for bearerToken, and no passing on of a caller's token. */
const proxyOnly = (flow: Flow): boolean =>
  flow.stages.some(
    (stage) =>
      stage.kind === "inject.bearer" || (stage.kind === "inject.token" && stage.fields.passthrough.value === "allowed"),
  )

export const carrierOf = (flow: Flow): Carrier => {
  if (flow.stages.at(-1)?.kind === "run") return { kind: "MCPServer" }
  if (proxyOnly(flow)) return { kind: "MCPRemoteProxy" }
  if (flow.deployed.toolhive?.fields.kind?.value === "VirtualMCPServer")
    return { kind: "VirtualMCPServer", why: "the flow asks for it" }
  for (const stage of flow.stages) {
    // Keyed by the stage's own kind, which the compiler cannot follow through the union.
    const need = needs[stage.kind] as ((stage: Flow["stages"][number], flow: Flow) => string | undefined) | undefined
    const why = need?.(stage, flow)
    if (why !== undefined) return { kind: "VirtualMCPServer", why }
  }
  const { length } = loginsOf(flow)
  return length > 1
    ? { kind: "VirtualMCPServer", why: `people log in at ${length} providers, and a MCPRemoteProxy runs one` }
    : { kind: "MCPRemoteProxy" }
}

/** `subjectProviderName`, where it has an effect. `providerName` makes the name of it. */
export const subjectProvider = (token: TokenType, flow: Flow, carrier: Carrier, name: (of: string) => string) =>
  carrier.kind === "VirtualMCPServer" && isLoginToken(token, flow) ? name(token.issuer.name.value) : undefined

/**
 * The token whose claims Cedar policies see: the caller's own, or, behind an embedded server, the access token of the login's
 * first provider, as long as it can be read (resolveClaims in pkg/authz/authorizers/cedar/core.go). A virtual server can be
 * told another login. `primary` is that one.
 */
export const cedarProvider = (
  asked: TokenType<PresentedKind>,
  flow: Flow,
  { kind }: Carrier,
): { readonly token: TokenType<PresentedKind>; readonly primary: string | undefined } => {
  const [identify] = flow.stages
  const own = identify.output.tag === "Principal" ? identify.output.token : asked
  const logins = loginsOf(flow)
  const [first] = logins
  if (first === undefined) return { token: own, primary: undefined }
  const seen = ({ accessToken }: Provider): TokenType<PresentedKind> =>
    accessToken.format === "opaque" ? own : accessToken
  const chosen = kind === "VirtualMCPServer" ? logins.find((login) => nameOf(seen(login)) === nameOf(asked)) : undefined
  const provider = chosen ?? first
  return {
    token: seen(provider),
    primary: provider === first ? undefined : provider.name.value,
  }
}
