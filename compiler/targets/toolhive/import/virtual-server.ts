/**
 * `flow … at …` from a VirtualMCPServer with one backend, which is a MCPServerEntry.
 *
 * @module
 */
import { entryName, kubernetesName } from "../names.ts"
import type { Draft } from "./draft.ts"
import { outgoingOf } from "./outgoing.ts"
import { type Resource, title } from "./resource.ts"
import { textOf, valueAt } from "./tree.ts"
import {
  askingsOf,
  canBeAnonymous,
  isKnownConfig,
  refuse,
  type ServerSource,
  typeOf,
  type Workload,
} from "./workload.ts"

const inGroup = (resource: Resource, group: Resource): boolean =>
  textOf(valueAt(resource.spec, "groupRef", "name")) === group.name &&
  (resource.namespace ?? "default") === (group.namespace ?? "default")

/** What a server is made of, or `undefined` after reporting why it cannot be carried. */
export const readVirtualServer = (draft: Draft, resource: Resource): Workload | undefined => {
  const group = draft.referred(resource, "MCPGroup", "groupRef")
  if (group === undefined) return refuse(resource, "the MCPGroup that says what is behind it is not in these files")
  const backends = draft.catalog.resources.filter((each) => each.kind !== "VirtualMCPServer" && inGroup(each, group))
  const [entry, ...more] = backends
  if (entry === undefined || more.length > 0) {
    return refuse(resource, `${backends.length} backends are behind it in these files, and a flow has one upstream`)
  }
  if (entry.kind !== "MCPServerEntry") {
    return refuse(
      resource,
      `its backend is ${title(entry)}, and the language has no word for an upstream that is run here`,
    )
  }
  const anonymous = draft.peek(resource, resource.spec, "incomingAuth", "type")?.value === "anonymous"
  const oidc = anonymous ? undefined : draft.referred(resource, "MCPOIDCConfig", "incomingAuth", "oidcConfigRef")
  if (!anonymous && oidc === undefined)
    return refuse(resource, "the MCPOIDCConfig that says who may call is not in these files")
  if (oidc !== undefined && !isKnownConfig(draft, resource, oidc)) return undefined
  const external = draft.referred(entry, "MCPExternalAuthConfig", "externalAuthConfigRef")
  if (external === undefined)
    return refuse(resource, `what ${title(entry)} is shown (externalAuthConfigRef) is not said in these files`)
  const config = draft.at(resource.spec, "authServerConfig")
  const server: ServerSource | undefined = config && { resource, config, isObject: false }
  const reference = ["incomingAuth", "oidcConfigRef"]
  const askings = askingsOf(draft, resource, reference, server)
  const outwardType = typeOf(draft, external) ?? ""
  if (anonymous && !canBeAnonymous(resource, outwardType)) return undefined
  if (anonymous) draft.text(resource, resource.spec, "incomingAuth", "type")
  const importOutgoing = outgoingOf(outwardType)
  if (importOutgoing === undefined) return refuse(resource, `the language has no word for the type ${outwardType}`)
  const outgoing = importOutgoing(draft, external, { embedded: server !== undefined, chooses: true, askings })
  if (outgoing === undefined) return refuse(resource, `what its upstream is shown (${outwardType}) is not complete`)
  draft.text(external, external.spec, "type")
  draft.text(entry, entry.spec, "groupRef", "name")
  const scopes = outgoing.scopes ?? askings.at(-1)?.scopes ?? []
  return {
    resource,
    reference,
    oidc,
    server,
    remote: entry,
    external,
    outgoing: { ...outgoing, scopes },
    others: [
      { resource: group, compiled: kubernetesName },
      { resource: entry, compiled: entryName },
    ],
  }
}
