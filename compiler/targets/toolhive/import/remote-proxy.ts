/**
 * `flow … at …` from a MCPRemoteProxy, or from a MCPServer, whose proxy is the same in front of a container.
 *
 * @module
 */
import type { Draft } from "./draft.ts"
import { type Incoming, noOutgoing, type Outgoing, outgoingOf } from "./outgoing.ts"
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

/** What a proxy is made of, or `undefined` after reporting why it cannot be carried. */
export const readRemoteProxy = (draft: Draft, resource: Resource): Workload | undefined => {
  const referred = (field: string, kind: Resource["kind"]) => ({
    field,
    isSaid: draft.at(resource.spec, field) !== undefined,
    found: draft.referred(resource, kind, field),
  })
  const external = referred("externalAuthConfigRef", "MCPExternalAuthConfig")
  const own = referred("authServerRef", "MCPExternalAuthConfig")
  const oidc = referred("oidcConfigRef", "MCPOIDCConfig")
  const dangling = [external, own, oidc].find(({ isSaid, found }) => isSaid && found === undefined)
  if (dangling !== undefined) return refuse(resource, `what its ${dangling.field} names is not in these files`)
  if (oidc.found !== undefined && !isKnownConfig(draft, resource, oidc.found)) return undefined
  const legacy = typeOf(draft, external.found) === "embeddedAuthServer"
  const holder = own.found ?? (legacy ? external.found : undefined)
  const config = draft.at(holder?.spec, "embeddedAuthServer")
  if (holder !== undefined && (typeOf(draft, holder) !== "embeddedAuthServer" || config === undefined)) {
    return refuse(resource, `its authServerRef names ${title(holder)}, which is no embeddedAuthServer`)
  }
  const server: ServerSource | undefined = holder && config && { resource: holder, config, isObject: true }
  const outward = legacy ? undefined : external.found
  const reference = ["oidcConfigRef"]
  const askings = askingsOf(draft, resource, reference, server)
  const incoming = { embedded: server !== undefined, chooses: false, askings }
  const outwardType = typeOf(draft, outward) ?? "unauthenticated"
  if (oidc.found === undefined && !canBeAnonymous(resource, typeOf(draft, outward) ?? "no externalAuthConfigRef"))
    return undefined
  // A proxy does with the type unauthenticated what it does without any: see silence.ts.
  const none = outwardType === "unauthenticated"
  const importOutgoing = none ? undefined : outgoingOf(outwardType)
  if (!none && importOutgoing === undefined)
    return refuse(resource, `the language has no word for the type ${outwardType}`)
  const kept = draft.at(config, "disableUpstreamTokenInjection")
  const isShown = !isStdio(resource) && !(kept?.kind === "leaf" && kept.value === true)
  const passed = isShown ? noOutgoing(incoming) : unshown(draft, resource, incoming)
  const outgoing = outward === undefined || none ? passed : importOutgoing?.(draft, outward, incoming)
  if (outgoing === undefined) return refuse(resource, `what its upstream is shown (${outwardType}) is not complete`)
  if (outward !== undefined && !none) draft.text(outward, outward.spec, "type")
  const scopes = outgoing.scopes ?? askings.at(-1)?.scopes ?? []
  return {
    resource,
    reference,
    oidc: oidc.found,
    server,
    remote: resource,
    external: outward,
    outgoing: { ...outgoing, scopes },
    others: [],
  }
}

/** Nothing that travels in a header arrives at a container that speaks stdio. */
const isStdio = ({ kind, spec }: Resource): boolean =>
  kind === "MCPServer" && (textOf(valueAt(spec, "transport")) ?? "stdio") === "stdio"

/** A container that is shown nothing, and no object that says so. */
const unshown = (draft: Draft, resource: Resource, incoming: Incoming): Outgoing | undefined => {
  const shown = outgoingOf("unauthenticated")?.(draft, resource, incoming)
  return shown && { ...shown, compiled: undefined }
}
