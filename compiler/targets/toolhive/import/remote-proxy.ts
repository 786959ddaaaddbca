/**
 * `flow … at …` from a MCPRemoteProxy.
 *
 * @module
 */
import type { Expression, Param } from "../../../../grammar/ast.ts"
import { REFRESH_SCOPE, REGISTRATION_SCOPES } from "../engine.ts"
import { kubernetesName, oidcConfigName } from "../names.ts"
import { issuedScopes, ownScopes } from "../role-mappings.ts"
import type { Carried, Counterpart, Draft, Said } from "./draft.ts"
import { originOf, provenance, quoted, quotedList } from "./draft.ts"
import { noOutgoing, type Outgoing, outgoingOf } from "./outgoing.ts"
import { type Resource, title } from "./resource.ts"
import type { Asking } from "./role-rules.ts"
import { flow, from, param, reference, stage, string } from "./syntax.ts"

/** A proxy that can be carried: what it refers to is there and has its words. */
export interface ReadProxy {
  readonly resource: Resource
  readonly oidc: Resource
  readonly server: Resource | undefined
  readonly external: Resource | undefined
  readonly outgoing: Outgoing
}

/** What the flow's declarations are called. */
export interface Identity {
  /** What `identify` names. */
  readonly caller: string
  /** The provider whose access token the outgoing side is shown. */
  readonly provider: string
}

const typeOf = (draft: Draft, config: Resource | undefined): string | undefined =>
  config && draft.peek(config, config.spec, "type")?.value

const without = (scopes: readonly Said<string>[], taken: readonly string[]): readonly Said<string>[] =>
  scopes.filter(({ value }) => !taken.includes(value))

/** Scopes that the flow can ask for such that the target advertises those of the reference. */
const askings = (draft: Draft, proxy: Resource, server: Resource | undefined): readonly Asking[] => {
  const advertised = draft.texts(proxy, proxy.spec, "oidcConfigRef", "scopes") ?? []
  const values = (scopes: readonly Said<string>[]) => scopes.map(({ value }) => value)
  if (server === undefined) {
    const scopes = without(advertised, [REFRESH_SCOPE])
    return [
      { scopes, guard: issuedScopes(values(scopes)) },
      { scopes, guard: undefined },
    ]
  }
  // Behind its own server the target adds the scopes that registration hands out: what was asked for stands first.
  const prefixes = advertised.map((_, index) => advertised.slice(0, advertised.length - index))
  const baseline = draft.texts(server, server.spec, "embeddedAuthServer", "baselineClientScopes") ?? []
  const asked = new Set(values(without(baseline, [REFRESH_SCOPE])))
  const plain = advertised.filter(
    ({ value }) => asked.has(value) || !REGISTRATION_SCOPES.some((each) => each === value),
  )
  return [
    ...prefixes.map((scopes) => ({ scopes, guard: ownScopes(values(scopes)) })),
    { scopes: without(plain, [REFRESH_SCOPE]), guard: undefined },
  ]
}

/** What a proxy is made of, or `undefined` after reporting why it cannot be carried. */
export const readRemoteProxy = (draft: Draft, resource: Resource): ReadProxy | undefined => {
  const refuse = (reason: string): undefined => {
    resource.file.report("AF1011", resource.span, { object: title(resource), reason })
  }
  const referred = (field: string, kind: Resource["kind"]) => ({
    field,
    isSaid: draft.at(resource.spec, field) !== undefined,
    found: draft.referred(resource, kind, field),
  })
  const external = referred("externalAuthConfigRef", "MCPExternalAuthConfig")
  const own = referred("authServerRef", "MCPExternalAuthConfig")
  const oidc = referred("oidcConfigRef", "MCPOIDCConfig")
  const dangling = [external, own, oidc].find(({ isSaid, found }) => isSaid && found === undefined)
  if (dangling !== undefined) return refuse(`what its ${dangling.field} names is not in these files`)
  if (oidc.found === undefined) {
    return refuse("it has no oidcConfigRef: it takes every caller, and the language has no word for that")
  }
  const type = typeOf(draft, oidc.found)
  if (type !== "inline") return refuse(`the language has no word for callers by a MCPOIDCConfig of type ${type}`)
  const legacy = typeOf(draft, external.found) === "embeddedAuthServer"
  const server = own.found ?? (legacy ? external.found : undefined)
  if (server !== undefined && typeOf(draft, server) !== "embeddedAuthServer") {
    return refuse(`its authServerRef names ${title(server)}, which is no embeddedAuthServer`)
  }
  const outward = legacy ? undefined : external.found
  const incoming = { embedded: server !== undefined, askings: askings(draft, resource, server) }
  const outwardType = typeOf(draft, outward) ?? "unauthenticated"
  // A proxy does with the type unauthenticated what it does without any: see silence.ts.
  const none = outwardType === "unauthenticated"
  const importOutgoing = none ? undefined : outgoingOf(outwardType)
  if (!none && importOutgoing === undefined) return refuse(`the language has no word for the type ${outwardType}`)
  const outgoing = outward === undefined || none ? noOutgoing(incoming) : importOutgoing?.(draft, outward, incoming)
  if (outgoing === undefined) return refuse(`what its upstream is shown (${outwardType}) is not complete`)
  if (outward !== undefined && !none) draft.text(outward, outward.spec, "type")
  const scopes = outgoing.scopes ?? incoming.askings.at(-1)?.scopes ?? []
  return { resource, oidc: oidc.found, server, external: outward, outgoing: { ...outgoing, scopes } }
}

/** The flow's URL: the manifest says it, or a parameter has to. */
const urlOf = (
  draft: Draft,
  { resource }: ReadProxy,
): { readonly url: Expression; readonly param: Param | undefined } => {
  const said = draft.text(resource, resource.spec, "oidcConfigRef", "resourceUrl")
  if (said !== undefined) return { url: quoted(said), param: undefined }
  const name = draft.names.give(`${resource.name}-host`, "url")
  const remote = URL.parse(draft.peek(resource, resource.spec, "remoteUrl")?.value ?? "")
  const what = `the host that ${title(resource)} is reached at (it has no resourceUrl) has to be said: --param ${name}=…`
  resource.file.report("AF1017", resource.span, { what })
  return {
    url: from(originOf(resource, resource.spec), string("https://", { param: name }, remote?.pathname ?? "/")),
    param: param(name, "hostname", `The public host of ${title(resource)}, which the manifest does not say.`),
  }
}

/** The flow of a proxy. */
export const importRemoteProxy = (draft: Draft, proxy: ReadProxy, name: string, identity: Identity): Carried => {
  const { resource, oidc, server, external, outgoing } = proxy
  const { url, param: needed } = urlOf(draft, proxy)
  const audience = draft.text(resource, resource.spec, "oidcConfigRef", "audience")
  const remote = draft.text(resource, resource.spec, "remoteUrl")
  const identifies = {
    // Behind its own server the audience is the flow's URL; another one is found when the two are compared.
    audience: server === undefined && audience ? quoted(audience) : undefined,
    scopes: quotedList(outgoing.scopes),
  }
  const stages = [
    from(
      originOf(resource, draft.at(resource.spec, "oidcConfigRef") ?? resource.spec),
      stage("identify", reference(identity.caller), identifies),
    ),
    ...outgoing.stages({ provider: identity.provider }),
    from(remote?.origin, stage("forward", remote ? quoted(remote) : string())),
  ]
  const counterparts: readonly Counterpart[] = [
    { resource, compiled: kubernetesName(name) },
    { resource: oidc, compiled: oidcConfigName(name) },
    ...(server ? [{ resource: server, compiled: kubernetesName(identity.caller) }] : []),
    ...(external && outgoing.compiled ? [{ resource: external, compiled: outgoing.compiled(name) }] : []),
  ]
  return {
    flow: from({ file: resource.file, span: resource.span }, flow(name, url, provenance(resource), stages)),
    uses: needed === undefined ? [] : [needed],
    counterparts,
    equivalent: outgoing.equivalent,
  }
}
