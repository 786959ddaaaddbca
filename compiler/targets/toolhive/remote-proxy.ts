/**
 * A flow as a MCPRemoteProxy: what listens, who may call, and where the request goes.
 *
 * @module
 */
import type { StageOf } from "../../catalogue/index.ts"
import type { Flow, Forward, Identify } from "../../check/program.ts"
import type { Carrier } from "./carrier.ts"
import { type Context, isSaid } from "./context.ts"
import { API_VERSION, blockedHost, PROXY_PORT, REGISTRATION_SCOPES, RESERVED_PATHS } from "./engine.ts"
import { type Field, field, type Manifest, mapping } from "./manifest.ts"
import { kubernetesName, oidcConfigName, proxyNameProblem } from "./names.ts"
import { secretRef } from "./secret-ref.ts"
import { splitHeaders } from "./telemetry.ts"

type ForwardTo = Extract<Forward, { readonly kind: "forward" }>

const refuseForward = (
  { operand, fields, span }: ForwardTo,
  flow: Flow,
  carrier: Carrier,
  { report }: Context,
): void => {
  const remote = new URL(operand.value)
  const isPrivateAllowed = flow.deployed.toolhive?.fields.allow_private_endpoint?.value ?? false
  const blocked = blockedHost(remote.hostname, isPrivateAllowed)
  if (blocked !== undefined) report("AF0812", operand.span, { host: remote.hostname, why: blocked })
  // The path is signed as it came in and replaced by the remote URL's only afterwards (pkg/auth/awssts/middleware.go,
  // pkg/transport/proxy/transparent), where the query of the remote URL is added as well.
  const incoming = new URL(flow.url.value).pathname
  if (isSignedByProxy(flow, carrier)) {
    if (remote.pathname !== incoming || incoming.includes("%"))
      report("AF0813", operand.span, { flow: incoming, forward: remote.pathname })
    if (remote.search !== "") report("AF0814", operand.span, { query: remote.search })
  }
  if (isSaid(fields.timeout.span, { start: span.start, end: operand.span.end }))
    report("AF0815", fields.timeout.span, {})
}

export const refuseResource = (flow: Flow, { report }: Context): void => {
  const [identify] = flow.stages
  const { name, url } = flow
  const { pathname } = new URL(url.value)
  const reserved = RESERVED_PATHS.find((path) => pathname === path || pathname.startsWith(`${path}/`))
  if (reserved !== undefined) report("AF0825", url.span, { path: pathname, reserved })
  if (identify.kind === "identify.auth_server") {
    // Clients that parse the resource as a URL send it with the slash; ToolHive compares strings (server/audience.go).
    if (pathname === "/" && !url.value.endsWith("/")) report("AF0826", url.span, { url: url.value })
  }
  const problem = proxyNameProblem(kubernetesName(name.value))
  if (problem !== undefined) report("AF0819", name.span, { what: "flow", name: name.value, problem })
}

/** Only a proxy signs a request before it is addressed; a virtual server signs what it sends. */
const isSignedByProxy = (flow: Flow, carrier: Carrier): boolean =>
  carrier.kind === "MCPRemoteProxy" && flow.stages.some(({ kind }) => kind === "aws.sigv4")

/** Fields that `forward` makes: of the proxy, or of the virtual server's entry. */
export const forwardFields = (forward: ForwardTo, flow: Flow, carrier: Carrier, context: Context): readonly Field[] => {
  refuseForward(forward, flow, carrier, context)
  const remark = isSignedByProxy(flow, carrier)
    ? "\nRequests are signed for the path they come in on and sent to this one: the two are equal."
    : ""
  return mapping(
    field("remoteUrl", forward.operand.value, `${context.origin(forward.span)}${remark}`),
    field("transport", "streamable-http"),
    field("proxyPort", carrier.kind === "MCPRemoteProxy" ? PROXY_PORT : undefined),
    headerForward(forward, context),
  ).fields
}

/** Headers that are sent along; ToolHive sets them last. */
const headerForward = ({ fields: { headers } }: ForwardTo, { origin }: Context): readonly Field[] => {
  if (headers === undefined) return []
  const { plain, secret } = splitHeaders(headers.value)
  const secrets = secret.map(([name, ref]) =>
    mapping(field("headerName", name), field("valueSecretRef", secretRef(ref))),
  )
  return field(
    "headerForward",
    mapping(
      field("addPlaintextHeaders", plain),
      field("addHeadersFromSecret", secrets.length > 0 ? secrets : undefined),
    ),
    origin(headers.span),
  )
}

/** The secrets among them. */
export const forwardSecrets = ({ fields: { headers } }: ForwardTo) =>
  splitHeaders(headers?.value).secret.map(([, ref]) => ref)

/** Callers of whom a MCPOIDCConfig can be made. */
export type Identifying = StageOf<"identify.auth_server" | "identify.oidc" | "identify.service_accounts">

/** Scopes that the flow asks for. */
export const scopesOf = ({ fields }: Identify): readonly string[] =>
  "scopes" in fields ? fields.scopes.value.map(({ value }) => value) : []

/** Whose tokens are accepted, for whom. */
export const oidcConfigReference = (identify: Identifying, flow: Flow, { origin }: Context): readonly Field[] => {
  const { audience } = identify.fields
  const resource = flow.url.value
  const asked = scopesOf(identify)
  const reference = (supported: readonly string[], remark: string) =>
    field(
      "oidcConfigRef",
      mapping(
        field("name", oidcConfigName(flow.name.value)),
        field("resourceUrl", resource, origin(flow.url.span)),
        field("audience", audience?.value ?? resource, audience && origin(audience.span)),
        field("scopes", supported.length > 0 ? supported : undefined, remark),
      ),
    )
  if (identify.kind === "identify.service_accounts") return reference([], "")
  const { scopes } = identify.fields
  if (identify.kind === "identify.oidc") return reference(asked, `${origin(scopes.span)}; advertised, not checked`)
  return reference(
    [...new Set([...asked, ...REGISTRATION_SCOPES])],
    `${origin(scopes.span)}; advertised, not checked. A client that registers without naming scopes is given\n${REGISTRATION_SCOPES.join(", ")}, so these have to be here as well.`,
  )
}

/** Fields of the proxy that `identify` makes. */
export const identifyFields = (identify: Identifying, flow: Flow, context: Context): readonly Field[] => {
  const { origin } = context
  const reference = oidcConfigReference(identify, flow, context)
  if (identify.kind !== "identify.auth_server") return reference
  return mapping(
    field(
      "replicas",
      identify.operand.value.fields.storage ? undefined : 1,
      "Logins and tokens are held in the memory of this one pod: a restart logs everybody out.",
    ),
    field(
      "authServerRef",
      mapping(field("kind", "MCPExternalAuthConfig"), field("name", kubernetesName(identify.operand.value.name.value))),
      origin(identify.span),
    ),
    reference,
  ).fields
}

/** The proxy of these fields. */
export const remoteProxy = (flow: Flow, fields: readonly Field[], context: Context): Manifest => {
  return {
    comment: `The proxy, ${context.origin(flow.span)}`,
    apiVersion: API_VERSION,
    kind: "MCPRemoteProxy",
    name: kubernetesName(flow.name.value),
    spec: { fields },
  }
}
