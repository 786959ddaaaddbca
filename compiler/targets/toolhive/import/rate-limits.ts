/**
 * `limit tool_calls` from rateLimiting.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import { type Draft, originOf } from "./draft.ts"
import { goSeconds } from "./go-duration.ts"
import type { Policy } from "./policy.ts"
import type { Resource } from "./resource.ts"
import { duration, from, map, number, stage, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

const bucket = (draft: Draft, resource: Resource, tree: Tree | undefined): Expression | undefined => {
  const calls = draft.number(resource, tree, "maxTokens")
  const period = draft.peek(resource, tree, "refillPeriod")
  const seconds = period && goSeconds(period.value)
  if (tree === undefined || calls === undefined || period === undefined || seconds === undefined) return undefined
  draft.carry(period.tree)
  const per = from(period.origin, duration(seconds))
  return from(originOf(resource, tree), map({ calls: from(calls.origin, number(calls.value)), per }))
}

export const importRateLimits = (draft: Draft, resource: Resource, holder: Tree | undefined): Policy | undefined => {
  const limits = draft.at(holder, "rateLimiting")
  if (limits === undefined) return undefined
  const both = (tree: Tree) => ({
    shared: bucket(draft, resource, draft.at(tree, "shared")),
    per_user: bucket(draft, resource, draft.at(tree, "perUser")),
  })
  const listed = draft.at(limits, "tools")
  const tools = (listed?.kind === "sequence" ? listed.items : []).flatMap((tool) => {
    const name = draft.text(resource, tool, "name")
    return name === undefined ? [] : [[name.value, from(originOf(resource, tool), map(both(tool)))] as const]
  })
  const fields = { ...both(limits), tools: tools.length > 0 ? map(Object.fromEntries(tools)) : undefined }
  return { stages: () => [from(originOf(resource, limits), stage("limit", word("tool_calls"), fields))] }
}
