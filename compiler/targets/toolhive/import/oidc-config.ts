/**
 * `provider … = oidc` or `callers … = service_accounts` from a MCPOIDCConfig: the issuer whose tokens callers bring.
 *
 * @module
 */
import type { Declaration, Expression } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { CLUSTER_ISSUER } from "../../../catalogue/service-accounts.ts"
import { type Draft, originOf, provenance, quoted, type Said } from "./draft.ts"
import { type Resource, title } from "./resource.ts"
import { call, declaration, from, map, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** Tokens of the cluster's own service accounts. */
export const isOfCluster = (draft: Draft, resource: Resource): boolean =>
  draft.peek(resource, resource.spec, "type")?.value === "kubernetesServiceAccount"

/** The issuer of a configuration of type inline; it counts as carried. */
export const issuerOf = (draft: Draft, resource: Resource): Said<string> | undefined => {
  if (draft.peek(resource, resource.spec, "type")?.value !== "inline") return undefined
  draft.text(resource, resource.spec, "type")
  return draft.text(resource, resource.spec, "inline", "issuer")
}

const optional = (said: Said<string> | undefined): Expression | undefined => said && quoted(said)

/** Fields that say what the language does not let be said, and why. */
const UNSAID: Readonly<Record<string, string>> = {
  insecureAllowHTTP:
    "authflow asks an issuer over https only; over http anybody on the way can put in keys of their own",
  jwksAuthTokenPath:
    "it is a path inside of ToolHive's pod; tokens of the cluster itself are `callers … = service_accounts`",
  protectedResourceAllowPrivateIP:
    "ToolHive does the same for it as for jwksAllowPrivateIP: say `allow_private_issuer`",
}

/** Reports what is set and is left out on purpose. */
const reportUnsaid = (draft: Draft, resource: Resource): void => {
  for (const [field, reason] of Object.entries(UNSAID)) {
    const tree = draft.at(resource.spec, "inline", field)
    if (tree === undefined || (tree.kind === "leaf" && tree.value === false)) continue
    leaveOut(draft, resource, `spec.inline.${field}`, tree, reason)
  }
}

const leaveOut = (draft: Draft, resource: Resource, path: string, tree: Tree, reason: string): void => {
  draft.dismiss(tree)
  resource.file.report("AF1420", tree.span, { path, object: title(resource), reason })
}

/** `config_map("name", key: "key")` of a caBundleRef. */
const caOf = (draft: Draft, resource: Resource): Expression | undefined => {
  const tree = draft.at(resource.spec, "inline", "caBundleRef", "configMapRef")
  const [name, key] = [draft.text(resource, tree, "name"), draft.text(resource, tree, "key")]
  if (tree === undefined || name === undefined || key === undefined) return undefined
  return from(
    originOf(resource, tree),
    call("config_map", { value: quoted(name) }, { name: "key", value: quoted(key) }),
  )
}

/** `claims` are those that the flows read of the issuer's tokens. */
export const importOidcConfig = (
  draft: Draft,
  resource: Resource,
  claims: ReadonlyMap<string, ClaimType>,
): Declaration | undefined => {
  const issuer = issuerOf(draft, resource)
  if (issuer === undefined) return undefined
  reportUnsaid(draft, resource)
  const inline = (field: string) => draft.text(resource, resource.spec, "inline", field)
  const introspection = inline("introspectionUrl")
  const asked = introspection && {
    url: quoted(introspection),
    client_id: optional(inline("clientId")),
    client_secret: draft.secret(resource, draft.at(resource.spec, "inline", "clientSecretRef")),
  }
  const types: Record<string, Expression> = Object.fromEntries([...claims].map(([name, type]) => [name, word(type)]))
  const known = { format: asked ? undefined : word("jwt"), claims: claims.size > 0 ? map(types) : undefined }
  return from(
    { file: resource.file, span: resource.span },
    declaration("provider", draft.names.give(resource.name, "provider"), "oidc", provenance(resource), {
      issuer: quoted(issuer),
      jwks_url: optional(inline("jwksUrl")),
      ca: caOf(draft, resource),
      introspection: asked && map(asked),
      access_token: known.format || known.claims ? map(known) : undefined,
    }),
  )
}

/** The tokens of a cluster's service accounts, every one of them: ToolHive does not look at the account. */
export const importServiceAccounts = (draft: Draft, resource: Resource): Declaration => {
  draft.text(resource, resource.spec, "type")
  const block = "kubernetesServiceAccount"
  const issuer = draft.text(resource, resource.spec, block, "issuer")
  const asked = draft.at(resource.spec, block, "introspectionUrl")
  if (asked) {
    const reason = "a cluster has no introspection endpoint (RFC 7662); its tokens are JWTs, verified by its keys"
    leaveOut(draft, resource, `spec.${block}.introspectionUrl`, asked, reason)
  }
  const cluster = draft.at(resource.spec, block)
  if (cluster) draft.carry(cluster)
  const auth = draft.at(resource.spec, block, "useClusterAuth")
  const within = auth?.kind === "leaf" && typeof auth.value === "boolean" ? auth : undefined
  if (within) draft.carry(within)
  return from(
    { file: resource.file, span: resource.span },
    declaration("callers", draft.names.give(resource.name, "callers"), "service_accounts", provenance(resource), {
      issuer: issuer?.value === CLUSTER_ISSUER ? undefined : optional(issuer),
      jwks_url: optional(draft.text(resource, resource.spec, block, "jwksUrl")),
      in_cluster: within?.value === false ? from(originOf(resource, within), word("false")) : undefined,
    }),
  )
}
