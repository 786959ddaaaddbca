/**
 * What a policy may ask of a request: that it is something a request can be, and something the caller's token can say.
 *
 * @module
 */
import type { Span } from "../../../grammar/ast.ts"
import { replacement } from "../../check/evaluate.ts"
import { nearest } from "../../check/names.ts"
import type { Scope } from "../../check/scope.ts"
import type { PresentedKind, TokenType } from "../credential.ts"
import { readClaim } from "../token.ts"
import type { AttributeUse, EntityUse } from "./policy.ts"
import type { WrittenPolicy } from "./value.ts"
import { ACTIONS, ARGUMENT, CLAIM, CLAIM_SET, GROUP, METHODS, PRINCIPAL, RESOURCES } from "./vocabulary.ts"

/** What the policies of one stage have in common. */
export interface Surroundings {
  /** Whose claims they see. */
  readonly token: TokenType<PresentedKind>
  /** What the caller's groups are entities of. */
  readonly groupType: string
  /** Types of the entities that the file names beside those of the request. */
  readonly entityTypes: ReadonlySet<string>
  /** Claims whose words are a set. */
  readonly scopeClaims: readonly string[]
}

/** Whether the policy can be asked of a request of this caller, after reporting. */
export const checkPolicy = (policy: WrittenPolicy, around: Surroundings, scope: Scope): boolean => {
  let sound = true
  const report: Scope["report"] = (...problem) => {
    sound = false
    scope.report(...problem)
  }
  const broken = { ...scope, report }
  for (const each of policy.entities) checkEntity(each, policy, around, broken)
  // Behind `has` nothing is read, and what is asked for once need not be told twice.
  const read = new Map(policy.attributes.map((each) => [`${each.of} ${each.name}`, each]))
  for (const each of read.values()) checkAttribute(each, policy, around, broken)
  if (sound) warnUnguarded(policy, around, scope)
  return sound
}

const checkEntity = (
  { of, type, id, start, end, typeEnd }: EntityUse,
  { place }: WrittenPolicy,
  { groupType, entityTypes }: Surroundings,
  { report }: Scope,
): void => {
  if (type === "Action" && of === "action") {
    if (id === undefined || ACTIONS.some((each) => each === id) || entityTypes.has("Action")) return
    const meant = METHODS[id] ?? nearest(id, ACTIONS)
    const args = {
      found: `Action::"${id}"`,
      why: `the actions are ${ACTIONS.join(", ")}`,
      meant,
    }
    // The identifier is the last thing of the entity, within its quotes.
    const inside = { start: end - 1 - id.length, end: end - 1 }
    report("AF1303", place(start, end), args, replacement(place(inside.start, inside.end), meant))
    return
  }
  const known: Readonly<Record<string, readonly string[]>> = {
    principal: [PRINCIPAL, groupType],
    action: ["Action"],
    resource: RESOURCES,
  }
  if (of === undefined || known[of]?.includes(type) || entityTypes.has(type)) return
  const meant = nearest(type, known[of] ?? []) ?? known[of]?.[0]
  const why =
    of === "principal"
      ? `a caller is a ${PRINCIPAL}, in groups that are a ${groupType}`
      : of === "action"
        ? "an action is an Action"
        : `what it is done to is a ${RESOURCES.join(", a ")}`
  report("AF1303", place(start, end), { found: type, why, meant }, replacement(place(start, typeEnd), meant))
}

const checkAttribute = (
  { of, name, start, end }: AttributeUse,
  { place }: WrittenPolicy,
  { token, scopeClaims }: Surroundings,
  scope: Scope,
): void => {
  // The attributes of a tool are those that its server annotates it with, which nobody knows here.
  if (of === "resource" || (of === "context" && name.startsWith(ARGUMENT))) return
  const span = place(start, end)
  if (name.startsWith(CLAIM)) {
    const claim = name.slice(CLAIM.length)
    readClaim(token, claim, { start: span.start + CLAIM.length, end: span.end }, scope)
    return
  }
  if (name.startsWith(CLAIM_SET)) {
    const claim = name.slice(CLAIM_SET.length)
    if (scopeClaims.includes(claim)) return
    const args = {
      found: `${of}.${name}`,
      why: `\`${claim}\` is not among \`scope_claims\``,
      meant: undefined,
    }
    scope.report("AF1303", span, args)
    return
  }
  const meant = token.claims.has(name) ? `${CLAIM}${name}` : undefined
  const why = `it has the caller's claims as \`${CLAIM}…\`${of === "context" ? ` and the arguments as \`${ARGUMENT}…\`` : ""}`
  scope.report("AF1303", span, { found: `${of}.${name}`, why, meant }, replacement(span, meant))
}

/** A claim that a token may lack: reading it is an error of the engine's, which refuses whatever other policies say. */
const warnUnguarded = ({ attributes, place }: WrittenPolicy, { token }: Surroundings, scope: Scope): void => {
  const tested = new Set(attributes.filter(({ isTest }) => isTest).map(({ name }) => name))
  const told = new Set<string>()
  for (const { of, name, isTest, start, end } of attributes) {
    const claim = token.claims.get(name.slice(CLAIM.length))
    if (isTest || !name.startsWith(CLAIM) || tested.has(name) || told.has(name) || claim?.presence !== "sometimes")
      continue
    told.add(name)
    const span: Span = place(start, end)
    scope.report("AF1305", span, {
      attribute: `${of}.${name}`,
      has: `${of} has ${name}`,
    })
  }
}

/** The types of entities that are listed: `[{ uid: { type: "Team", id: "a" } }]`. */
export const defaultGroupType = GROUP
