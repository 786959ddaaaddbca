/**
 * What carries a flow, whichever kind it is: who may call, which server they log in at, where requests go and what the
 * upstream is shown.
 *
 * @module
 */
import type { Expression, Param, Stage } from "../../../../grammar/ast.ts"
import { REFRESH_SCOPE, REGISTRATION_SCOPES } from "../engine.ts"
import { kubernetesName, oidcConfigName } from "../names.ts"
import { issuedScopes, ownScopes } from "../role-mappings.ts"
import { deploymentOf } from "./deployment.ts"
import {
  type Carried,
  type Counterpart,
  type Draft,
  originOf,
  provenance,
  quoted,
  quotedList,
  type Said,
} from "./draft.ts"
import type { Outgoing, Subject } from "./outgoing.ts"
import { deployedNames, type Policy } from "./policy.ts"
import { type Resource, title } from "./resource.ts"
import type { Asking } from "./role-rules.ts"
import { importRun } from "./run.ts"
import { flow, from, param, reference, stage, string, word } from "./syntax.ts"
import { headersOf } from "./telemetry.ts"
import { type Tree, valueAt } from "./tree.ts"

/** An embedded server: the object that holds it, and its configuration in that object. */
export interface ServerSource {
  readonly resource: Resource
  readonly config: Tree
  /** It is an object of its own, which keeps its name. */
  readonly isObject: boolean
}

export interface Workload {
  /** The object that the flow is named after. */
  readonly resource: Resource
  /** Where in it the reference to the MCPOIDCConfig is. */
  readonly reference: readonly string[]
  /** `undefined`: everybody is taken. */
  readonly oidc: Resource | undefined
  readonly server: ServerSource | undefined
  /** The object that says where requests go. */
  readonly remote: Resource
  readonly external: Resource | undefined
  readonly outgoing: Outgoing
  /** Objects beside those above, with what the target calls them. */
  readonly others: readonly { readonly resource: Resource; readonly compiled: (flow: string) => string }[]
}

/** What the flow's declarations are called. */
export interface Identity extends Subject {
  /** What `identify` names. */
  readonly caller: string
}

export const typeOf = (draft: Draft, config: Resource | undefined): string | undefined =>
  config && draft.peek(config, config.spec, "type")?.value

/** A cluster's tokens have no scopes, and of everybody none are asked. */
const takesScopes = (draft: Draft, oidc: Resource | undefined): boolean => typeOf(draft, oidc) === "inline"

/** What the upstream can be shown when nobody is known: the same for everybody. */
const FOR_EVERYBODY: ReadonlySet<string> = new Set(["bearerToken", "headerInjection", "unauthenticated"])

/** Whether a workload without a MCPOIDCConfig can be carried, after reporting. */
export const canBeAnonymous = (resource: Resource, outward: string): boolean => {
  if (FOR_EVERYBODY.has(outward)) return true
  refuse(resource, `it takes every caller, and what its upstream is shown (${outward}) is made of a caller's token`)
  return false
}

/** Whether the type of a MCPOIDCConfig has a word in the language, after reporting. */
export const isKnownConfig = (draft: Draft, resource: Resource, oidc: Resource): boolean => {
  const type = typeOf(draft, oidc)
  if (type === "inline" || type === "kubernetesServiceAccount") return true
  refuse(resource, `ToolHive has no MCPOIDCConfig of type ${type}`)
  return false
}

/** Reports why a workload is not carried. */
export const refuse = (resource: Resource, reason: string): undefined => {
  resource.file.report("AF1011", resource.span, { object: title(resource), reason })
}

const without = (scopes: readonly Said<string>[], taken: readonly string[]): readonly Said<string>[] =>
  scopes.filter(({ value }) => !taken.includes(value))

const values = (scopes: readonly Said<string>[]) => scopes.map(({ value }) => value)

/** Scopes that the flow can ask for such that the target advertises those of the reference, likeliest first. */
export const askingsOf = (
  draft: Draft,
  resource: Resource,
  reference: readonly string[],
  server: ServerSource | undefined,
): readonly Asking[] => {
  const advertised = draft.texts(resource, resource.spec, ...reference, "scopes") ?? []
  if (server === undefined) {
    const scopes = without(advertised, [REFRESH_SCOPE])
    return [
      { scopes, guard: issuedScopes(values(scopes)) },
      { scopes, guard: undefined },
    ]
  }
  // Behind its own server the target adds the scopes that registration hands out: what was asked for stands first.
  const prefixes = advertised.map((_, index) => advertised.slice(0, advertised.length - index))
  const baseline = draft.texts(server.resource, server.config, "baselineClientScopes") ?? []
  const asked = new Set(values(without(baseline, [REFRESH_SCOPE])))
  const given: readonly string[] = REGISTRATION_SCOPES
  const plain = advertised.filter(({ value }) => asked.has(value) || !given.includes(value))
  return [
    ...prefixes.map((scopes) => ({ scopes, guard: ownScopes(values(scopes)) })),
    { scopes: without(plain, [REFRESH_SCOPE]), guard: undefined },
  ]
}

/** The flow's URL: the manifest says it, or a parameter has to. */
const urlOf = (
  draft: Draft,
  { resource, reference: path, remote }: Workload,
): { readonly url: Expression; readonly param: Param | undefined } => {
  const said = draft.text(resource, resource.spec, ...path, "resourceUrl")
  if (said !== undefined) return { url: quoted(said), param: undefined }
  const name = draft.names.give(`${resource.name}-host`, "url")
  const forward = URL.parse(draft.peek(remote, remote.spec, "remoteUrl")?.value ?? "")
  const what = `the host that ${title(resource)} is reached at (it has no resourceUrl); say it with --param ${name}=…`
  resource.file.report("AF1017", resource.span, { what })
  return {
    url: from(
      { file: resource.file, span: resource.span },
      string("https://", { param: name }, forward?.pathname ?? "/"),
    ),
    param: param(name, "hostname", `The public host of ${title(resource)}, which the manifest does not say.`),
  }
}

/** Where requests go, and the headers that are sent along. */
const importForward = (draft: Draft, remote: Resource): Stage => {
  const url = draft.text(remote, remote.spec, "remoteUrl")
  const headers = headersOf(
    draft,
    remote,
    draft.at(remote.spec, "headerForward", "addPlaintextHeaders"),
    draft.at(remote.spec, "headerForward", "addHeadersFromSecret"),
    { name: "headerName", ref: "valueSecretRef" },
  )
  return from(url?.origin, stage("forward", url ? quoted(url) : string(), { headers }))
}

/** The flow of a workload. */
export const importWorkload = (
  draft: Draft,
  workload: Workload,
  policies: readonly Policy[],
  name: string,
  identity: Identity,
): Carried => {
  const { resource, reference: path, oidc, server, remote, external, outgoing, others } = workload
  const { url, param: needed } = urlOf(draft, workload)
  const audience = draft.text(resource, resource.spec, ...path, "audience")
  const identifies = {
    // Behind its own server the audience is the flow's URL; another one is found when the two are compared.
    audience: server === undefined && audience ? quoted(audience) : undefined,
    scopes: takesScopes(draft, oidc) ? quotedList(outgoing.scopes) : undefined,
  }
  const deployed = deploymentOf(draft, workload, {
    ...(outgoing.enterprise && { enterprise: word("true") }),
    ...deployedNames(policies, name),
  })
  const stages = [
    ...(deployed === undefined ? [] : [deployed]),
    from(
      originOf(resource, valueAt(resource.spec, ...path) ?? resource.spec),
      stage("identify", reference(identity.caller), identifies),
    ),
    ...policies.flatMap((policy) => policy.stages(identity)),
    ...outgoing.stages(identity),
    resource.kind === "MCPServer" ? importRun(draft, resource) : importForward(draft, remote),
  ]
  const counterparts: readonly Counterpart[] = [
    { resource, compiled: kubernetesName(name) },
    ...(oidc === undefined ? [] : [{ resource: oidc, compiled: oidcConfigName(name) }]),
    ...(server?.isObject ? [{ resource: server.resource, compiled: kubernetesName(identity.caller) }] : []),
    ...(external && outgoing.compiled ? [{ resource: external, compiled: outgoing.compiled(name) }] : []),
    ...[...others, ...policies.flatMap((policy) => policy.others ?? [])].map((other) => ({
      resource: other.resource,
      compiled: other.compiled(name),
    })),
  ]
  return {
    flow: from({ file: resource.file, span: resource.span }, flow(name, url, provenance(resource), stages)),
    uses: needed === undefined ? [] : [needed],
    counterparts,
    equivalent: outgoing.equivalent,
  }
}
