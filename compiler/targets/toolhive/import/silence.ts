/**
 * What ToolHive takes without a word and does nothing with, or something else than what is written.
 *
 * @module
 */
import type { Draft } from "./draft.ts"
import { type Resource, title } from "./resource.ts"
import { textOf, valueAt } from "./tree.ts"

/** Types that a workload of its own, not a backend of a VirtualMCPServer, ignores (controllerutil/tokenexchange.go). */
const IGNORED: ReadonlySet<string> = new Set(["headerInjection", "upstreamInject", "xaa"])

export const reportSilence = (draft: Draft, resource: Resource): void => {
  if (resource.kind === "MCPOIDCConfig") reportUnread(draft, resource)
  if (resource.kind !== "MCPServer" && resource.kind !== "MCPRemoteProxy") return
  const { file, kind, spec } = resource
  const name = textOf(valueAt(spec, "externalAuthConfigRef", "name"))
  const place = valueAt(spec, "externalAuthConfigRef", "name")
  const external = name === undefined ? undefined : draft.catalog.find(resource, "MCPExternalAuthConfig", name)
  const type = textOf(valueAt(external?.spec, "type"))
  const say = (what: string, reason: string, tree = place): void => {
    if (tree !== undefined) file.report("AF1012", tree.span, { what, reason })
  }
  if (external !== undefined && type !== undefined && IGNORED.has(type)) {
    say(
      `${type} on ${title(resource)}`,
      `ToolHive carries ${type} out only for a backend of a VirtualMCPServer; a ${kind} sends requests on without it`,
    )
  }
  if (type === "awsSts" && kind === "MCPServer") {
    say(
      `awsSts on ${title(resource)}`,
      "the signature is over a remote host, which a MCPServer does not have: its proxy does not start",
    )
  }
  if (type === "obo")
    say("obo", "a public build answers EnterpriseRequired; the result says that this is the enterprise one")
  if (type === "awsSts" && valueAt(spec, "oidcConfigRef") === undefined) {
    say("awsSts without oidcConfigRef", "callers have no token to show to AWS, and every request is answered with 401")
  }
  const holder = valueAt(spec, "oidcConfigRef")
  if (
    kind === "MCPRemoteProxy" &&
    holder !== undefined &&
    (external === undefined ? name === undefined : type === "unauthenticated")
  ) {
    const embedded = valueAt(spec, "authServerRef") !== undefined
    const told =
      "the proxy passes on the Authorization header as it came: the upstream gets the caller's own token, which MCP forbids"
    if (!embedded)
      say(
        name === undefined ? "a proxy without externalAuthConfigRef" : "the type unauthenticated",
        told,
        place ?? valueAt(resource.tree, "metadata", "name"),
      )
  }
  for (const [part, field] of [
    ["tokenExchange", "subjectProviderName"],
    ["awsSts", "subjectProviderName"],
    ["embeddedAuthServer", "primaryUpstreamProvider"],
  ] as const) {
    const tree = valueAt(external?.spec, part, field)
    if (external === undefined || tree === undefined) continue
    draft.dismiss(tree)
    external.file.report("AF1012", tree.span, { what: `${part}.${field}`, reason: `a ${kind} ignores it` })
  }
}

/** Fields of a MCPOIDCConfig that nothing reads (pkg/oidc/resolver.go, pkg/auth/token.go). */
const reportUnread = (draft: Draft, { spec, file }: Resource): void => {
  const say = (path: readonly string[], reason: string): void => {
    const tree = valueAt(spec, ...path)
    if (tree === undefined) return
    draft.dismiss(tree)
    file.report("AF1012", tree.span, { what: path.join("."), reason })
  }
  const cluster = "kubernetesServiceAccount"
  for (const field of ["serviceAccount", "namespace"])
    say([cluster, field], "nothing reads it: every service account of the cluster is let in")
  if (valueAt(spec, "inline", "introspectionUrl") !== undefined) return
  for (const field of ["clientId", "clientSecretRef"])
    say(["inline", field], "it is shown to the introspection endpoint, and there is none")
}
