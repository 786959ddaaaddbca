/**
 * `authorize …` from authzConfig and authzConfigRef.
 *
 * @module
 */
import type { Expression, Stage } from "../../../../grammar/ast.ts"
import { readPolicies } from "../../../catalogue/cedar/policy.ts"
import { inFile } from "../../../catalogue/cedar/tokens.ts"
import { CLAIM, GROUP, GROUP_CLAIMS } from "../../../catalogue/cedar/vocabulary.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import { OWN_CLAIMS } from "../engine.ts"
import { authzName } from "../names.ts"
import { type Draft, originOf, quoted, quotedList, type Said } from "./draft.ts"
import { carryAll, jsonExpression } from "./json.ts"
import type { Subject } from "./outgoing.ts"
import type { Policy } from "./policy.ts"
import type { Resource } from "./resource.ts"
import { duration, from, list, type Origin, reference, stage, string, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

/** Policies as they read best in a file. */
const policies = (texts: readonly Said<string>[] | undefined): Expression | undefined =>
  texts && list(texts.map(({ value, origin }) => from(origin, string(inFile(value.trim())))))

/** The entities of a text of JSON; `undefined` where it is none, or has none. */
const entities = (draft: Draft, said: Said<string> | undefined): Expression | undefined => {
  if (said === undefined) return undefined
  try {
    const read: unknown = JSON.parse(said.value)
    const expression = Array.isArray(read) && read.length > 0 ? jsonExpression(read) : undefined
    draft.carry(said.tree)
    return expression && from(said.origin, expression)
  } catch {
    return undefined
  }
}

/** Claims that a server of ToolHive's puts into its own tokens, or any token holds. */
const KNOWN: ReadonlySet<string> = new Set([...OWN_CLAIMS, "aud", "nbf", "scope"])

type Claims = NonNullable<Policy["reads"]>["claims"]

interface Read {
  readonly policies: readonly Said<string>[] | undefined
  readonly groups: Said<string> | undefined
  readonly roles: Said<string> | undefined
  readonly groupType: Said<string> | undefined
  readonly sets: readonly Said<string>[] | undefined
}

/** Claims that policies read, beside those that every token has. */
const claimsRead = ({ policies: texts, groups, roles, groupType, sets }: Read): Claims => {
  const claims = new Map<string, { readonly type: ClaimType; readonly origin: Origin }>()
  const add = (claim: string, type: ClaimType, origin: Origin): void => {
    if (!KNOWN.has(claim) && !claims.has(claim)) claims.set(claim, { type, origin })
  }
  for (const list of [groups, roles]) if (list) add(list.value, "strings", list.origin)
  for (const { value, origin } of texts ?? []) {
    const read = readPolicies(value)
    for (const { attributes, entities } of "reason" in read ? [] : read) {
      const inGroup = entities.some(({ of, type }) => of === "principal" && type === (groupType?.value ?? GROUP))
      if (inGroup && groups === undefined && roles === undefined) add(GROUP_CLAIMS[0], "strings", origin)
      for (const { name, of } of attributes) {
        if (of === "resource" || !name.startsWith(CLAIM)) continue
        const claim = name.slice(CLAIM.length)
        const isList = new RegExp(`claim_${claim.replaceAll(/\W/g, ".")}"?\\]?\\.contains`).test(value)
        add(claim, isList ? "strings" : "string", origin)
      }
    }
  }
  for (const set of sets ?? []) add(set.value, "string", set.origin)
  return claims
}

/** Behind a server of ToolHive's, policies see the token of a login: where they read it, the file has to say so. */
const tokenOf = (
  draft: Draft,
  server: { readonly resource: Resource; readonly config: Tree } | undefined,
  claims: Claims,
): { readonly reads: NonNullable<Policy["reads"]>; readonly token: (subject: Subject) => Expression | undefined } => {
  const named = server && draft.text(server.resource, server.config, "primaryUpstreamProvider")
  const reads = { upstream: named?.value, claims }
  if (server === undefined || (claims.size === 0 && named === undefined)) return { reads, token: () => undefined }
  const token = ({ provider, upstream }: Subject) =>
    named ? from(named.origin, reference(upstream(named.value), "access_token")) : reference(provider, "access_token")
  return { reads, token }
}

const saidOf = (draft: Draft, resource: Resource, tree: Tree, keys: typeof IN_SPEC) => ({
  groups: draft.text(resource, tree, keys.groups),
  roles: draft.text(resource, tree, keys.roles),
  groupType: draft.text(resource, tree, keys.type),
})

const fieldsOf = ({ groups, roles, groupType }: Pick<Read, "groups" | "roles" | "groupType">) => ({
  groups: groups && quoted(groups),
  roles: roles && quoted(roles),
  group_type: groupType && quoted(groupType),
})

const IN_SPEC = { groups: "groupClaimName", roles: "roleClaimName", type: "groupEntityType" }
const IN_CONFIG = { groups: "group_claim_name", roles: "role_claim_name", type: "group_entity_type" }

/** From the object that carries the flow; `server` is the configuration of its embedded server. */
export const importAuthorization = (
  draft: Draft,
  resource: Resource,
  holder: Tree | undefined,
  server: { readonly resource: Resource; readonly config: Tree } | undefined,
): Policy | undefined => {
  const inline = draft.at(holder, "authzConfig")
  const at = (tree: Tree, made: Stage) => from(originOf(resource, tree), made)
  if (inline !== undefined) {
    const type = draft.text(resource, inline, "type")?.value ?? "configMap"
    const said = saidOf(draft, resource, inline, IN_SPEC)
    const common = fieldsOf(said)
    if (type === "configMap") {
      const name = draft.text(resource, inline, "configMap", "name")
      const key = draft.text(resource, inline, "configMap", "key")
      if (name === undefined) return undefined
      const fields = { config_map: quoted(name), key: key && quoted(key), ...common }
      return { stages: () => [at(inline, stage("authorize", word("toolhive"), fields))] }
    }
    const texts = draft.texts(resource, inline, "inline", "policies")
    const listed = entities(draft, draft.peek(resource, inline, "inline", "entitiesJson"))
    const { token, reads } = tokenOf(draft, server, claimsRead({ ...said, policies: texts, sets: undefined }))
    return {
      reads,
      stages: (subject) => [
        at(
          inline,
          stage("authorize", word("cedar"), {
            token: token(subject),
            policies: policies(texts),
            ...common,
            entities: listed,
          }),
        ),
      ],
    }
  }
  const referred = draft.at(holder, "authzConfigRef")
  const name = draft.text(resource, referred, "name")
  if (referred === undefined || name === undefined) return undefined
  const config = draft.catalog.find(resource, "MCPAuthzConfig", name.value)
  if (config === undefined)
    return { stages: () => [at(referred, stage("authorize", word("toolhive"), { config: quoted(name) }))] }
  return referredAuthorization(draft, config, name, server)
}

const referredAuthorization = (
  draft: Draft,
  config: Resource,
  name: Said<string>,
  server: { readonly resource: Resource; readonly config: Tree } | undefined,
): Policy | undefined => {
  const type = draft.text(config, config.spec, "type")?.value
  const held = draft.at(config.spec, "config")
  if (held === undefined || (type !== "cedarv1" && type !== "httpv1")) return undefined
  const others = [{ resource: config, compiled: () => name.value }]
  const deploy = { authz_config: quoted(name) }
  const at = (made: Stage) => from(originOf(config, held), made)
  if (type === "httpv1") {
    const fields = decisionPoint(draft, config, held)
    return { stages: () => [at(stage("authorize", word("http"), fields))], others, deploy, usual: authzName }
  }
  const texts = draft.texts(config, held, "policies")
  const listed = entities(draft, draft.peek(config, held, "entities_json"))
  const said = saidOf(draft, config, held, IN_CONFIG)
  const common = fieldsOf(said)
  const words = draft.texts(config, held, "multi_valued_claims")
  const sets = quotedList(words)
  const { token, reads } = tokenOf(draft, server, claimsRead({ ...said, policies: texts, sets: words }))
  return {
    reads,
    stages: (subject) => [
      at(
        stage("authorize", word("cedar"), {
          token: token(subject),
          policies: policies(texts),
          ...common,
          scope_claims: sets,
          entities: listed,
        }),
      ),
    ],
    others,
    deploy,
    ...(sets !== undefined && { usual: authzName }),
  }
}

const decisionPoint = (draft: Draft, config: Resource, held: Tree) => {
  const url = draft.text(config, held, "http", "url")
  const timeout = draft.number(config, held, "http", "timeout")
  const claims = draft.text(config, held, "claim_mapping")
  const isOn = (...path: readonly string[]): boolean => {
    const tree = draft.at(held, ...path)
    if (tree?.kind === "leaf" && typeof tree.value === "boolean") carryAll(draft, tree)
    return tree?.kind === "leaf" && tree.value === true
  }
  const told = [
    ...(isOn("context", "include_args") ? [word("arguments")] : []),
    ...(isOn("context", "include_operation") ? [word("operation")] : []),
  ]
  return {
    url: url && quoted(url),
    timeout: timeout && from(timeout.origin, duration(timeout.value)),
    claims: claims && from(claims.origin, word(claims.value)),
    told: told.length > 0 ? list(told) : undefined,
    verify: isOn("http", "insecure_skip_verify") ? word("off") : undefined,
  }
}
