/**
 * `authorize cedar`: which calls a caller may make, as Cedar policies. One that permits has to apply, and none that forbids.
 *
 * @module
 */
import type { Scope } from "../check/scope.ts"
import type { Located } from "../source/source.ts"
import { checkPolicy, defaultGroupType } from "./cedar/check.ts"
import { cedarPolicy } from "./cedar/value.ts"
import { GROUP_CLAIMS } from "./cedar/vocabulary.ts"
import type { StageConstruct } from "./construct.ts"
import { nameOf, type PresentedKind, type TokenType } from "./credential.ts"
import { optional, required, withDefault } from "./field.ts"
import { readClaim, tokenName } from "./token.ts"
import { list, pattern, text } from "./values.ts"
import { isVerbatimMap, type Verbatim, verbatimMap } from "./verbatim.ts"

/** Cedar's IDENT, without a namespace. */
const entityType = pattern(
  "a Cedar entity type",
  /^(?!(?:true|false|if|then|else|in|is|like|has|__cedar)$)[A-Za-z_]\w{0,62}$/,
  "it is one word of at most 63 letters, digits and `_`",
)

const fields = {
  policies: required(list(cedarPolicy, { min: 1, key: ({ text }) => text }), {
    doc: "Cedar policies, one a string; strings within them stand in `'`. The caller is the principal (`Client`), the actions are `call_tool`, `get_prompt`, `read_resource`, `list_tools`, `list_prompts` and `list_resources`, and claims are attributes such as `principal.claim_email`.",
    example: `["permit(principal, action == Action::'call_tool', resource == Tool::'search');"]`,
  }),
  token: optional(tokenName, {
    doc: "The token whose claims the policies see. The one the caller brings when unsaid.",
    example: "corp.access_token",
  }),
  groups: optional(text, {
    doc: 'The claim that lists the caller\'s groups, for `principal in THVGroup::"admins"`. `groups`, `roles` or `cognito:groups` when unsaid.',
    example: '"groups"',
  }),
  roles: optional(text, {
    doc: "The claim that lists the caller's roles, which are groups as well.",
    example: '"roles"',
  }),
  group_type: optional(entityType, {
    doc: "What groups are entities of. `THVGroup` when unsaid.",
    example: '"Team"',
  }),
  scope_claims: withDefault(list(text, { max: 20 }), [], {
    doc: "Claims that list words, as one string or as a list, which policies see as a set: `principal.claimset_scope`.",
    example: '["scope"]',
  }),
  entities: withDefault(list(verbatimMap, { key: (entity) => JSON.stringify(plainOf(entity)) }), [], {
    doc: "Entities beside those of the request, in Cedar's JSON form: which team is in which.",
    example: '[{ uid: { type: "Team", id: "admins" }, attrs: {}, parents: [] }]',
  }),
}

/** The value as JSON has it. */
export const plainOf = (value: Verbatim): unknown => {
  if (typeof value !== "object") return value
  if (!isVerbatimMap(value)) return value.map(plainOf)
  return Object.fromEntries([...value.entries].map(([key, { value: inner }]) => [key, plainOf(inner)]))
}

const uidOf = (entity: unknown): { readonly type: string } | undefined => {
  const { uid } = entity as { readonly uid?: unknown }
  if (typeof uid === "string") return { type: uid.split("::").slice(0, -1).join("::") }
  const { type, id } = (uid ?? {}) as {
    readonly type?: unknown
    readonly id?: unknown
  }
  return typeof type === "string" && typeof id === "string" ? { type } : undefined
}

export const authorizeCedar: StageConstruct<"authorize.cedar", string, typeof fields, "Principal", "Principal"> = {
  verb: "authorize",
  kind: "authorize.cedar",
  doc: "Refuses calls that Cedar policies do not permit, and leaves them out of what is listed.",
  operand: { by: "kind", name: "cedar" },
  fields,
  consumes: ["Principal"],
  produces: "Principal",
  type: ({ fields: { policies, token, groups, roles, group_type, scope_claims, entities }, input, operand }, scope) => {
    const seen = token?.value ?? input.token
    if (!canBeRead(token, scope)) return undefined
    const types = entities.value.map(({ value, span }) => {
      const uid = uidOf(plainOf(value))
      if (uid === undefined) scope.report("AF1309", span, {})
      return uid?.type
    })
    const around = {
      token: seen,
      groupType: group_type?.value ?? defaultGroupType,
      entityTypes: new Set(types.filter((type) => type !== undefined)),
      scopeClaims: scope_claims.value.map(({ value }) => value),
    }
    const sound = [
      ...policies.value.map(({ value }) => checkPolicy(value, around, scope)),
      ...[groups, roles].map((claim) => claim === undefined || isList(claim, seen, scope)),
      ...scope_claims.value.map(({ value, span }) => readClaim(seen, value, span, scope) !== undefined),
      ...types.map((type) => type !== undefined),
      permitsAnything(policies, scope),
      hasGroups(policies, seen, groups ?? roles, around.groupType, scope),
    ]
    return sound.includes(false) || operand.value === "" ? undefined : input
  },
}

const canBeRead = (token: Located<TokenType<PresentedKind>> | undefined, scope: Scope): boolean => {
  if (token?.value.format !== "opaque") return true
  scope.report("AF1308", token.span, { token: nameOf(token.value) })
  return false
}

/** Whether the claim is one of the token's that can list groups, after reporting. */
const isList = ({ value, span }: Located<string>, token: TokenType<PresentedKind>, scope: Scope): boolean => {
  const claim = readClaim(token, value, span, scope)
  if (claim === undefined || claim.type === "strings") return claim !== undefined
  scope.report("AF1307", span, { claim: value, type: claim.type })
  return false
}

/** Cedar refuses what no policy permits. */
const permitsAnything = (
  policies: Located<readonly Located<{ readonly effect: "permit" | "forbid" }>[]>,
  scope: Scope,
): boolean => {
  if (policies.value.some(({ value }) => value.effect === "permit")) return true
  scope.report("AF1304", policies.span, {})
  return false
}

/** A policy on groups, and no claim that they could be read from. */
const hasGroups = (
  policies: Located<readonly Located<Parameters<typeof checkPolicy>[0]>[]>,
  token: TokenType<PresentedKind>,
  named: Located<string> | undefined,
  groupType: string,
  scope: Scope,
): boolean => {
  if (named !== undefined || GROUP_CLAIMS.some((claim) => token.claims.get(claim)?.type === "strings")) return true
  for (const { value: policy } of policies.value) {
    const use = policy.entities.find(({ of, type }) => of === "principal" && type === groupType)
    if (use === undefined) continue
    scope.report("AF1306", policy.place(use.start, use.end), {
      token: nameOf(token),
      type: groupType,
    })
    return false
  }
  return true
}
