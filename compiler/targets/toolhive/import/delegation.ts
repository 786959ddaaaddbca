/**
 * `delegates` and `trust` from `delegateClients` and `trustedIssuers`.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import { type Draft, originOf, quoted, quotedList, type Said } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import type { Resource } from "./resource.ts"
import { duration, from, map, word } from "./syntax.ts"
import { type Tree, textOf, valueAt } from "./tree.ts"

type Fields = Readonly<Record<string, Expression | undefined>>

const items = (tree: Tree | undefined): readonly Tree[] => (tree?.kind === "sequence" ? tree.items : [])

const flag = (said: Said<boolean> | undefined): Expression | undefined =>
  said === undefined ? undefined : from(said.origin, word(String(said.value)))

const seconds = (draft: Draft, resource: Resource, tree: Tree | undefined, field: string): Expression | undefined => {
  const said = draft.peek(resource, tree, field)
  const length = said && goSeconds(said.value)
  if (said === undefined || length === undefined || !Number.isInteger(length)) return undefined
  draft.carry(said.tree)
  return from(said.origin, duration(length))
}

/** A map by what an item is called; `undefined` when there is none. */
const byName = (
  draft: Draft,
  resource: Resource,
  trees: readonly Tree[],
  called: string,
  read: (tree: Tree) => Fields | undefined,
): Expression | undefined => {
  const entries = trees.flatMap((tree) => {
    const fields = textOf(valueAt(tree, called)) === undefined ? undefined : read(tree)
    if (fields === undefined) return []
    const name = draft.text(resource, tree, called)
    return name === undefined ? [] : [[name.value, from(originOf(resource, tree), map(fields))] as const]
  })
  return entries.length === 0 ? undefined : map(Object.fromEntries(entries))
}

export const importDelegates = (draft: Draft, resource: Resource, config: Tree): Expression | undefined =>
  byName(draft, resource, items(draft.at(config, "delegateClients")), "clientId", (tree) => ({
    secret: draft.secret(resource, draft.at(tree, "clientSecretRef")),
    scopes: quotedList(draft.texts(resource, tree, "scopes")),
    audiences: quotedList(draft.texts(resource, tree, "audiences")),
  }))

export const importTrust = (draft: Draft, resource: Resource, config: Tree): Expression | undefined => {
  const delegates = items(draft.at(config, "delegateClients")).map((each) => textOf(valueAt(each, "clientId")))
  return byName(draft, resource, items(draft.at(config, "trustedIssuers")), "issuerUrl", (tree) => {
    const named = items(valueAt(tree, "allowedDelegateClients")).map(textOf)
    // Clients that registered by themselves, with keys: there is no word for them, and without them it is another trust.
    if (named.some((each) => each !== "*" && !delegates.includes(each))) return undefined
    // Keys over plain HTTP are never fetched here.
    if (valueAt(tree, "insecureAllowHTTP") !== undefined) return undefined
    const text = (field: string) => {
      const said = draft.text(resource, tree, field)
      return said && quoted(said)
    }
    const grant = draft.at(tree, "jwtBearerGrant")
    return {
      jwks: text("jwksUrl"),
      private_network: flag(draft.boolean(resource, tree, "allowPrivateIPs")),
      audience: text("expectedAudience"),
      delegates: quotedList(draft.texts(resource, tree, "allowedDelegateClients")),
      actor_claim: text("actorClaim"),
      actors: quotedList(draft.texts(resource, tree, "allowedActors")),
      actor_matches: text("actorMatcher"),
      may_act: flag(draft.boolean(resource, tree, "allowMayAct")),
      assertions: grant && from(originOf(resource, grant), map(assertions(draft, resource, grant))),
    }
  })
}

const assertions = (draft: Draft, resource: Resource, grant: Tree): Fields => {
  const subjects = items(draft.at(grant, "subjectBindings")).flatMap((tree) => {
    const subject = draft.text(resource, tree, "subject")
    const resources = quotedList(draft.texts(resource, tree, "allowedResources"))
    return subject === undefined || resources === undefined ? [] : [[subject.value, resources] as const]
  })
  return {
    max_age: seconds(draft, resource, grant, "maxAssertionAge"),
    audiences: quotedList(draft.texts(resource, grant, "acceptedAudiences")),
    subjects: map(Object.fromEntries(subjects)),
  }
}
