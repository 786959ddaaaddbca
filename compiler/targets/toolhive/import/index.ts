/**
 * `authflow import`: ToolHive manifests to .authflow. What comes out is compiled again and compared with what went in; every
 * difference is reported at the field of the manifest.
 *
 * @module
 */
import type { Item } from "../../../../grammar/ast.ts"
import { print } from "../../../../grammar/index.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts"
import { reporter } from "../../../diagnostics/report.ts"
import { lineStarts } from "../../../source/lines.ts"
import type { Source } from "../../../source/source.ts"
import type { Artifact } from "../../target.ts"
import { compare } from "./compare.ts"
import { Draft } from "./draft.ts"
import { type ImportedServer, importEmbeddedAuthServer } from "./embedded-auth-server.ts"
import { misfits } from "./fields.ts"
import { groupsOf } from "./groups.ts"
import { leftovers } from "./leftovers.ts"
import { masked } from "./mask.ts"
import { SourceNames } from "./names.ts"
import { importOidcConfig, importServiceAccounts, isOfCluster, issuerOf } from "./oidc-config.ts"
import { importPolicies, type Policy } from "./policy.ts"
import { readRemoteProxy } from "./remote-proxy.ts"
import { Catalog, type ManifestFile, type Resource, resourcesOf } from "./resource.ts"
import type { Kind } from "./shapes/index.ts"
import { reportSilence } from "./silence.ts"
import { file, type Origin } from "./syntax.ts"
import { readTrees, type Tree } from "./tree.ts"
import { readVirtualServer } from "./virtual-server.ts"
import { importWorkload, refuse, type ServerSource, type Workload } from "./workload.ts"

/** A manifest file. `path` is how the user named it. */
export interface Manifest {
  readonly path: string
  readonly text: string
}

export interface Import {
  /** Formatted .authflow files, one for what belongs together, named after the file it comes from. */
  readonly artifacts: readonly Artifact[]
  /** At places of the manifests, in the order of the files. */
  readonly diagnostics: readonly Diagnostic[]
  /** The manifests for showing lines of them: values of Secrets are blotted out. */
  readonly sources: readonly Source[]
}

/** AWS is shown a token for this audience, unless somebody chose another. The manifests do not say it. */
const STS_AUDIENCE = "sts.amazonaws.com"

/** Imports manifests. Never throws, whatever the text. */
export const importManifests = (manifests: readonly Manifest[]): Import => {
  const files = manifests.map(({ path, text }) => ({
    uri: path,
    text,
    lineStarts: lineStarts(text),
    ...reporter(path),
  }))
  const read = files.map((each) => ({ file: each, trees: readTrees(each, each.report) }))
  const resources = read.flatMap(({ file: each, trees }) => resourcesOf(trees, each))
  const catalog = new Catalog(resources)
  for (const { file: each, trees } of read) {
    const found = resources.some((resource) => resource.file === each)
    if (!found && each.reported.length === 0) each.report("AF1020", { start: 0, end: 0 }, { documents: trees.length })
  }
  const useless = new Set(catalog.resources.flatMap((resource) => [...misfits(resource)]))
  const taken = new Set<string>()
  const artifacts = groupsOf(catalog).flatMap((group) => importGroup(group, catalog, useless, taken) ?? [])
  const diagnostics = files.flatMap(({ reported }) =>
    reported.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end),
  )
  return { artifacts, diagnostics, sources: manifests.map(({ path, text }) => ({ uri: path, text: masked(text) })) }
}

/** Objects that belong together make one file; `undefined` when nothing of them could be carried. */
const importGroup = (
  group: readonly Resource[],
  catalog: Catalog,
  useless: ReadonlySet<Tree>,
  taken: Set<string>,
): Artifact | undefined => {
  const draft = new Draft(catalog, new SourceNames(), useless)
  for (const resource of group) reportSilence(draft, resource)
  const workloads = group.flatMap((each) => readers[each.kind]?.(draft, each) ?? [])
  const named = workloads.map((workload) => ({ workload, name: draft.names.give(workload.resource.name, "flow") }))
  const policies = new Map(workloads.map((each) => [each, importPolicies(draft, each.resource, each.server)]))
  const servers = serversOf(draft, group, workloads, policies)
  const providers = providersOf(draft, group, workloads, policies, servers)
  for (const { workload, name } of named) {
    const server = workload.server && servers.get(workload.server.config)
    const brought = workload.oidc === undefined ? "anonymous" : providers.get(workload.oidc)
    const caller = server?.name ?? brought
    const provider = [...(server?.providers.values() ?? [])][0] ?? brought
    if (caller === undefined || provider === undefined) {
      refuse(workload.resource, "the language has no word for an upstream that its people log in at")
      continue
    }
    const upstream = (wanted: string) => server?.providers.get(wanted) ?? wanted.replaceAll("-", "_")
    draft.flows.push(
      importWorkload(draft, workload, policies.get(workload) ?? [], name, { caller, provider, upstream }),
    )
  }
  const [first] = group
  const items: readonly Item[] = [
    ...draft.flows.flatMap(({ uses }) => uses),
    ...draft.declarations.values(),
    ...draft.flows.map(({ flow }) => flow),
  ]
  if (items.length > 0 && first !== undefined) {
    const made = file(items)
    const path = pathOf(first.file, taken)
    const text = print(made)
    compare(draft, { uri: path, made, text }, first)
    leftovers(draft, group)
    return { path, text }
  }
  leftovers(draft, group)
  return undefined
}

/** Kinds that carry a flow. */
const readers: { readonly [K in Kind]?: (draft: Draft, resource: Resource) => Workload | undefined } = {
  MCPServer: readRemoteProxy,
  MCPRemoteProxy: readRemoteProxy,
  VirtualMCPServer: readVirtualServer,
}

type Policies = ReadonlyMap<Workload, readonly Policy[]>

const readsOf = (policies: readonly Policy[] = []) => policies.flatMap(({ reads }) => reads ?? [])

/** Says which claims the result takes for granted. */
const tellClaims = (
  holder: string,
  claims: ReadonlyMap<string, { readonly type: ClaimType; readonly origin: Origin }>,
): void => {
  for (const [claim, { type, origin }] of claims) {
    const what = `${holder} hold the claim \`${claim}\` (${type === "strings" ? "a list of strings" : "a string"})`
    origin.file.report("AF1017", origin.span, { what })
  }
}

/** Every embedded server of the group: those that are objects, and those inside of a workload that is carried. */
const sourcesOf = (
  draft: Draft,
  group: readonly Resource[],
  workloads: readonly Workload[],
): readonly ServerSource[] => {
  const objects = group.flatMap((resource): readonly ServerSource[] => {
    const config = resource.kind === "MCPExternalAuthConfig" && draft.at(resource.spec, "embeddedAuthServer")
    return config ? [{ resource, config, isObject: true }] : []
  })
  return [...objects, ...workloads.flatMap(({ server }) => (server === undefined || server.isObject ? [] : [server]))]
}

/** Each embedded server by its configuration, with what a flow's outgoing side wants of a login's tokens. */
const serversOf = (
  draft: Draft,
  group: readonly Resource[],
  workloads: readonly Workload[],
  policies: Policies,
): ReadonlyMap<Tree, ImportedServer> => {
  const servers = new Map<Tree, ImportedServer>()
  for (const source of sourcesOf(draft, group, workloads)) {
    const wanting = workloads.find(
      ({ server, outgoing }) => server?.config === source.config && outgoing.token !== undefined,
    )
    const token = wanting?.outgoing.token
    if (token !== undefined) {
      const of = token.upstream ?? "the first upstream"
      const what = `access tokens of ${of} are JWTs for the audience ${STS_AUDIENCE}`
      token.origin.file.report("AF1017", token.origin.span, { what })
    }
    const read = workloads
      .filter(({ server }) => server?.config === source.config)
      .flatMap((workload) => readsOf(policies.get(workload)))
      .filter(({ claims }) => claims.size > 0)
    for (const { claims, upstream } of read) tellClaims(`access tokens of ${upstream ?? "the first upstream"}`, claims)
    const claims = new Map(read.flatMap((each) => [...each.claims]))
    const wanted = token ?? read[0]
    const audience = token && STS_AUDIENCE
    const server = importEmbeddedAuthServer(draft, source, wanted && { upstream: wanted.upstream, audience, claims })
    if (server === undefined) continue
    servers.set(source.config, server)
    for (const declaration of server.declarations) draft.declarations.set(declaration.name.text, declaration)
  }
  return servers
}

/** Each issuer that callers bring tokens of, with the claims that flows read of them. */
const providersOf = (
  draft: Draft,
  group: readonly Resource[],
  workloads: readonly Workload[],
  policies: Policies,
  servers: ReadonlyMap<Tree, ImportedServer>,
): ReadonlyMap<Resource, string> => {
  const providers = new Map<Resource, string>()
  for (const resource of group) {
    if (resource.kind !== "MCPOIDCConfig") continue
    const callers = workloads.filter(({ oidc }) => oidc === resource)
    const own = callers.filter(({ server }) => server !== undefined && servers.has(server.config))
    for (const { server } of own) {
      const issuer = issuerOf(draft, resource)
      const expected = server && servers.get(server.config)?.issuer
      // The issuer of the server is what the flow says.
      if (issuer !== undefined && expected !== undefined && issuer.value !== expected) {
        const reason = `the embedded server's tokens are of ${expected}, and ${issuer.value} is asked for: no token is ever accepted`
        resource.file.report("AF1012", issuer.origin.span, { what: "this issuer", reason })
      }
    }
    if (callers.length > 0 && own.length === callers.length) continue
    const claims = new Map<string, ClaimType>()
    for (const { outgoing } of callers) {
      for (const [claim, { type, origin }] of outgoing.claims) {
        if (STANDARD.has(claim)) continue
        claims.set(claim, type)
        const what = `tokens of ${resource.name} hold the claim \`${claim}\` (${type === "strings" ? "a list of strings" : "a string"})`
        origin?.file.report("AF1017", origin.span, { what })
      }
    }
    for (const read of callers.flatMap((workload) => readsOf(policies.get(workload)))) {
      const others = new Map([...read.claims].filter(([claim]) => !STANDARD.has(claim) && !claims.has(claim)))
      tellClaims(`tokens of ${resource.name}`, others)
      for (const [claim, { type }] of others) claims.set(claim, type)
    }
    const declaration = (isOfCluster(draft, resource) ? importServiceAccounts : importOidcConfig)(
      draft,
      resource,
      claims,
    )
    if (declaration === undefined) continue
    providers.set(resource, declaration.name.text)
    draft.declarations.set(declaration.name.text, declaration)
  }
  return providers
}

/** What every JWT access token may be expected to hold (RFC 9068 section 2.2). */
const STANDARD: ReadonlySet<string> = new Set([
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "jti",
  "client_id",
  "scope",
  "acr",
  "auth_time",
  "nbf",
  "amr",
])

/** `dir/gateway.yaml` makes `gateway.authflow`. */
const pathOf = ({ uri }: ManifestFile, taken: Set<string>): string => {
  const base =
    uri
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.(ya?ml|json)$/i, "")
      .replaceAll(/[^\w.-]+/g, "-") || "imported"
  let path = `${base}.authflow`
  for (let number = 2; taken.has(path); number++) path = `${base}-${number}.authflow`
  taken.add(path)
  return path
}
