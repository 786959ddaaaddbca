/**
 * `server … = auth_server` and its `provider`s from a MCPExternalAuthConfig of type embeddedAuthServer.
 *
 * @module
 */
import type { Declaration, Expression } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { importDelegates, importTrust } from "./delegation.ts"
import { type Draft, originOf, provenance, quoted } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import type { Resource } from "./resource.ts"
import { importServerOptions } from "./server-options.ts"
import { declaration, duration, from, list, map, reference, string, word } from "./syntax.ts"
import { type Tree, textOf, valueAt } from "./tree.ts"
import { importUpstreamProvider, saysWho } from "./upstream-provider.ts"
import type { ServerSource } from "./workload.ts"

/** A server with the providers that people log in at. */
export interface ImportedServer {
  readonly name: string
  readonly issuer: string | undefined
  /** By the name of the upstream. */
  readonly providers: ReadonlyMap<string, string>
  readonly declarations: readonly Declaration[]
}

/** What a flow wants of a login's access tokens, which its upstream is shown, or its policies see. */
export interface UpstreamToken {
  /** The name of the upstream; the first one when unsaid. */
  readonly upstream: string | undefined
  readonly audience: string | undefined
  readonly claims: ReadonlyMap<string, { readonly type: ClaimType }>
}

const accessToken = ({ audience, claims }: UpstreamToken): Expression =>
  map({
    format: word("jwt"),
    audience: audience === undefined ? undefined : string(audience),
    claims:
      claims.size > 0
        ? map(Object.fromEntries([...claims].map(([claim, { type }]) => [claim, word(type)])))
        : undefined,
  })

const lifetime = (draft: Draft, resource: Resource, tree: Tree | undefined, field: string): Expression | undefined => {
  const said = draft.peek(resource, tree, field)
  const seconds = said && goSeconds(said.value)
  if (said === undefined || seconds === undefined || !Number.isInteger(seconds)) return undefined
  draft.carry(said.tree)
  return from(said.origin, duration(seconds))
}

const secrets = (draft: Draft, resource: Resource, tree: Tree | undefined): Expression | undefined => {
  if (tree?.kind !== "sequence" || tree.items.length === 0) return undefined
  return from(originOf(resource, tree), list(tree.items.flatMap((item) => draft.secret(resource, item) ?? [])))
}

/** `undefined` when no upstream can be carried: people could not log in. */
export const importEmbeddedAuthServer = (
  draft: Draft,
  { resource, config, isObject }: ServerSource,
  token: UpstreamToken | undefined,
): ImportedServer | undefined => {
  const upstreams = draft.at(config, "upstreamProviders")
  if (upstreams?.kind !== "sequence") return undefined
  // Without one of them a login would be another one.
  if (!upstreams.items.map((each) => saysWho(resource, each)).every(Boolean)) return undefined
  if (isObject) draft.text(resource, resource.spec, "type")
  const name = draft.names.give(isObject ? resource.name : `${resource.name}-server`, "server")
  const own = textOf(valueAt(config, "issuer"))
  const imported = upstreams.items.map((tree, index) => {
    const upstream = textOf(valueAt(tree, "name")) ?? ""
    const wanted = token !== undefined && (token.upstream === undefined ? index === 0 : token.upstream === upstream)
    const shown = wanted ? accessToken(token) : undefined
    return { upstream, provider: importUpstreamProvider(draft, resource, tree, own, shown) }
  })
  const providers = imported.flatMap(({ provider }) => provider ?? [])
  const issuer = draft.text(resource, config, "issuer")
  const tokens = draft.at(config, "tokenLifespans")
  const lifetimes = {
    access: lifetime(draft, resource, tokens, "accessTokenLifespan"),
    refresh: lifetime(draft, resource, tokens, "refreshTokenLifespan"),
    code: lifetime(draft, resource, tokens, "authCodeLifespan"),
  }
  const said = Object.values(lifetimes).some((each) => each !== undefined)
  // What the flows ask for makes this list; another one is found when the two are compared.
  draft.texts(resource, config, "baselineClientScopes")
  const server = declaration("server", name, "auth_server", provenance(resource), {
    issuer: issuer && quoted(issuer),
    login: from(originOf(resource, upstreams), list(providers.map((provider) => reference(provider.name.text)))),
    delegates: importDelegates(draft, resource, config),
    trust: importTrust(draft, resource, config),
    tokens: tokens && said ? from(originOf(resource, tokens), map(lifetimes)) : undefined,
    keys: secrets(draft, resource, draft.at(config, "signingKeySecretRefs")),
    hmac_keys: secrets(draft, resource, draft.at(config, "hmacSecretRefs")),
    ...importServerOptions(draft, resource, config),
  })
  return {
    name,
    issuer: issuer?.value,
    providers: new Map(
      imported.flatMap(({ upstream, provider }) => (provider ? [[upstream, provider.name.text] as const] : [])),
    ),
    declarations: [...providers, from({ file: resource.file, span: resource.span }, server)],
  }
}
