/**
 * `exchange aws.sts` and `sign aws.sigv4` from a MCPExternalAuthConfig of type awsSts.
 *
 * @module
 */

import { OWN_CLAIMS } from "../engine.ts"
import { awsStsName } from "../names.ts"
import { type Draft, originOf, quoted } from "./draft.ts"
import type { ImportOutgoing } from "./outgoing.ts"
import type { Resource } from "./resource.ts"
import { importRoleRules } from "./role-rules.ts"
import { duration, from, map, reference, stage, string, word } from "./syntax.ts"

export const importAwsSts: ImportOutgoing = (draft: Draft, config: Resource, { embedded, chooses, askings }) => {
  const tree = draft.at(config.spec, "awsSts")
  if (tree === undefined) return undefined
  const origin = originOf(config, tree)
  const region = draft.text(config, tree, "region")
  const service = draft.text(config, tree, "service")
  const rules = importRoleRules(draft, config, tree, askings)
  const claim = draft.text(config, tree, "sessionNameClaim")
  const subject = chooses ? draft.text(config, tree, "subjectProviderName") : undefined
  const seconds = draft.number(config, tree, "sessionDuration")
  const named = claim?.value ?? "sub"
  for (const [name, { origin: read }] of embedded ? rules.reads : []) {
    // Behind the embedded server such a rule never holds, and nothing says so.
    if (!OWN_CLAIMS.has(name) && read !== undefined) read.file.report("AF1012", read.span, lacking(name))
  }
  const session = map({
    name: from(claim?.origin, reference("claims", named)),
    // ToolHive refuses a name that does not fit. Only `sub` of our own server is known to fit.
    on_invalid: embedded && named === "sub" ? undefined : word("reject"),
    duration: seconds && from(seconds.origin, duration(seconds.value)),
  })
  const mappings = draft.at(tree, "roleMappings")
  return {
    stages: ({ provider, upstream }) => [
      from(
        origin,
        stage("exchange", word("aws.sts"), {
          subject: from(subject?.origin, reference(subject ? upstream(subject.value) : provider, "access_token")),
          region: region && quoted(region),
          role: rules.role,
          session,
        }),
      ),
      from(origin, stage("sign", word("aws.sigv4"), { service: service ? quoted(service) : string("aws-mcp") })),
    ],
    compiled: awsStsName,
    token: { origin, upstream: subject?.value },
    claims: new Map([
      ...rules.reads,
      ...(named === "sub" ? [] : [[named, { type: "string", origin: claim?.origin }] as const]),
    ]),
    scopes: rules.scopes,
    equivalent: new Set(rules.equivalent && mappings !== undefined ? [mappings] : []),
  }
}

const lacking = (claim: string) => ({
  what: `a role that depends on the claim \`${claim}\``,
  reason:
    "ToolHive's embedded server puts only sub, name and email of the login into its tokens, so the mapping never holds",
})
