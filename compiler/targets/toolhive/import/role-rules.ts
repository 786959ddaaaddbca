/**
 * `role = match …` from the role mappings of an awsSts configuration.
 *
 * What the target wrote itself is read back exactly: the rules are made, lowered again and compared. Of other mappings each
 * becomes one rule in the order in which ToolHive prefers them.
 *
 * @module
 */
import type { Expression } from "../../../../grammar/ast.ts"
import type { ClaimType } from "../../../catalogue/claims.ts"
import type { Condition, RoleRules } from "../../../catalogue/role-rules.ts"
import { at } from "../../../source/source.ts"
import { conditionCel, roleChoice } from "../role-mappings.ts"
import { claimsOf, conditionOf, one, raw } from "./conditions.ts"
import type { Draft, Said } from "./draft.ts"
import type { Resource } from "./resource.ts"
import { arm, from, list, match, type Origin, reference, string, word } from "./syntax.ts"
import type { Tree } from "./tree.ts"

interface Mapping {
  readonly origin: Origin
  readonly claim: Said<string> | undefined
  readonly matcher: Said<string> | undefined
  readonly role: Said<string>
  readonly priority: number
}

/** A rule with where it comes from. */
interface Rule {
  readonly origin: Origin | undefined
  readonly when: Condition
  /** `undefined`: refuses. */
  readonly role: string | undefined
}

interface Rules {
  readonly rules: readonly Rule[]
  readonly otherwise: string | undefined
}

/** A way the flow's scopes can have been asked for by each mapping. */
export interface Asking {
  readonly scopes: readonly Said<string>[]
  /** CEL that each mapping begins with, if it does. */
  readonly guard: string | undefined
}

export interface ImportedRules {
  readonly role: Expression | undefined
  /** The scopes that the mappings ask for. */
  readonly scopes: readonly Said<string>[]
  /** Claims that are read, with the type that their use suggests, and where the first use is. */
  readonly reads: ReadonlyMap<string, { readonly type: ClaimType; readonly origin: Origin | undefined }>
  /** The mappings decide as the rules do, whatever they are lowered to. */
  readonly equivalent: boolean
}

const NOWHERE = { start: 0, end: 0 }

/** The mappings as ToolHive prefers them: lowest priority first, ties in their order, those without one last. */
const mappingsOf = (draft: Draft, resource: Resource, tree: Tree | undefined): readonly Mapping[] => {
  if (tree?.kind !== "sequence") return []
  draft.carry(tree)
  return tree.items
    .flatMap((item): readonly Mapping[] => {
      const role = draft.text(resource, item, "roleArn")
      if (role === undefined) return []
      return [
        {
          origin: { file: resource.file, span: item.span },
          claim: draft.text(resource, item, "claim"),
          matcher: draft.text(resource, item, "matcher"),
          role,
          priority: draft.number(resource, item, "priority")?.value ?? Number.POSITIVE_INFINITY,
        },
      ]
    })
    .toSorted((a, b) => (a.priority === b.priority ? 0 : a.priority - b.priority))
}

const roleRulesOf = ({ rules, otherwise }: Rules): RoleRules => ({
  span: NOWHERE,
  rules: rules.map(({ when, role }) => ({
    span: NOWHERE,
    when,
    then: role === undefined ? { deny: at(NOWHERE, "") } : { role: at(NOWHERE, role) },
  })),
  otherwise: {
    span: NOWHERE,
    ...(otherwise === undefined ? { deny: at(NOWHERE, "") } : { role: at(NOWHERE, otherwise) }),
  },
})

/** The index of the parenthesis that closes the one at `start`, skipping string literals. */
const closing = (text: string, start: number): number | undefined => {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const character = text[index]
    if (character === '"' || character === "'") {
      for (index++; index < text.length && text[index] !== character; index++) if (text[index] === "\\") index++
    } else if (character === "(") depth++
    else if (character === ")" && --depth === 0) return index
  }
  return undefined
}

const AND = " && "

/** In parentheses where the target puts them. */
const operand = (expression: string): string => (/\|\||\?/.test(expression) ? `(${expression})` : expression)

const unwrapped = (expression: string): string =>
  expression.startsWith("(") && closing(expression, 0) === expression.length - 1 ? expression.slice(1, -1) : expression

/** `!(condition) && rest`, in parentheses where the target puts them: what stands after a rule that refuses. */
const denial = (text: string): { readonly condition: string; readonly rest: string } | undefined => {
  const wrapped = text.startsWith("(!(")
  if (!wrapped && !text.startsWith("!(")) return undefined
  const end = closing(text, wrapped ? 0 : 1)
  const inside = wrapped ? text.slice(1, end) : text.slice(0, end === undefined ? 0 : end + 1)
  if (end === undefined || closing(inside, 1) !== inside.length - 1) return undefined
  const rest = text.slice(end + 1)
  if (rest !== "" && !rest.startsWith(AND)) return undefined
  return { condition: inside.slice(2, -1), rest: rest.slice(AND.length) }
}

/** The condition that is written exactly so. */
const written = (expression: string): Condition => {
  const condition = conditionOf(expression)
  if (conditionCel(condition) === expression) return condition
  // Behind a comment of the operator's the target puts a line break.
  return raw(expression.includes("//") ? expression.replace(/\n$/, "") : expression)
}

/** What the target's own mappings say, or `undefined` when they are not the target's own. */
const readBack = (
  mappings: readonly Mapping[],
  fallback: string | undefined,
  guard: string | undefined,
): Rules | undefined => {
  const guards = guard === undefined ? [] : [guard]
  const rules: Rule[] = []
  let otherwise = fallback
  for (const [index, { matcher, role, origin }] of mappings.entries()) {
    if (matcher === undefined) return undefined
    const asked = guards.length === 1 ? guards.join("") : guards.map(operand).join(AND)
    let rest = matcher.value
    if (rest === asked) {
      if (index !== mappings.length - 1) return undefined
      otherwise = role.value
      break
    }
    const prefix = guards.map((each) => operand(each) + AND).join("")
    if (!rest.startsWith(prefix)) return undefined
    rest = rest.slice(prefix.length)
    for (let denied = denial(rest); denied !== undefined; denied = denial(rest)) {
      const when = written(denied.condition)
      rules.push({ origin: undefined, when, role: undefined })
      guards.push(`!(${conditionCel(when)})`)
      rest = denied.rest
    }
    if (rest === "") {
      if (index !== mappings.length - 1) return undefined
      otherwise = role.value
      break
    }
    const when = written(unwrapped(rest))
    rules.push({ origin, when, role: role.value })
    if (when.op === "cel") guards.push(`(${conditionCel(when)}) || !(${conditionCel(when)})`)
  }
  const found = { rules, otherwise }
  const { mappings: again, fallback: role } = roleChoice(roleRulesOf(found), guard)
  const same =
    role?.value === fallback &&
    again.length === mappings.length &&
    again.every((each, index) => {
      const mapping = mappings[index]
      return each.matcher === mapping?.matcher?.value && each.role.value === mapping.role.value
    })
  return same ? found : undefined
}

/** One rule for each mapping. */
const byHand = (mappings: readonly Mapping[], fallback: string | undefined, roleClaim: string): Rules => ({
  rules: mappings.map(({ claim, matcher, role, origin }) => ({
    origin,
    when: claim !== undefined ? one("contains", roleClaim, claim.value) : conditionOf(matcher?.value ?? "false"),
    role: role.value,
  })),
  otherwise: fallback,
})

const claimIn = (condition: Condition): string | undefined =>
  condition.op === "cel" ? undefined : `${condition.claim.type} ${condition.claim.name}`

/** The claim and type that most rules compare: what the `match` is on. */
const scrutineeOf = (rules: readonly Rule[]): string | undefined => {
  const counts = new Map<string, number>()
  for (const { when } of rules) {
    const key = claimIn(when)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}

const decision = (role: string | undefined): Expression => (role === undefined ? word("deny") : string(role))

const armOf = ({ when, role, origin }: Rule, scrutinee: string | undefined) => {
  const inWords = when.op !== "cel" && claimIn(when) === scrutinee
  const operandOf = (): Expression => {
    if (when.op === "cel") return string(when.expression.value)
    if (!inWords) return string(conditionCel(when))
    return "value" in when ? string(when.value.value) : list(when.values.map(({ value }) => string(value)))
  }
  return from(origin, arm(inWords ? when.op : "when", operandOf(), decision(role)))
}

const readsOf = (rules: readonly Rule[]): ImportedRules["reads"] => {
  const reads = new Map<string, { readonly type: ClaimType; readonly origin: Origin | undefined }>()
  // What a comparison in words needs is sure; what an expression suggests is a guess.
  for (const { when, origin } of rules.toSorted((a, b) => Number(a.when.op === "cel") - Number(b.when.op === "cel"))) {
    const claims = when.op === "cel" ? claimsOf(when.expression.value) : new Map([[when.claim.name, when.claim.type]])
    for (const [name, type] of claims) if (!reads.has(name)) reads.set(name, { type, origin })
  }
  return reads
}

/** The rules. `askings` are the ways the scopes can be asked for, likeliest first; the last is the plain one. */
export const importRoleRules = (
  draft: Draft,
  resource: Resource,
  sts: Tree | undefined,
  askings: readonly Asking[],
): ImportedRules => {
  const tree = draft.at(sts, "roleMappings")
  const mappings = mappingsOf(draft, resource, tree)
  const fallback = draft.text(resource, sts, "fallbackRoleArn")
  const roleClaim = mappings.some(({ claim }) => claim !== undefined)
    ? draft.text(resource, sts, "roleClaim")
    : undefined
  const exact = askings
    .map((asking) => ({ asking, rules: readBack(mappings, fallback?.value, asking.guard) }))
    .find(({ rules }) => rules !== undefined)
  const asking = exact?.asking ?? askings.at(-1)
  const found = exact?.rules ?? byHand(mappings, fallback?.value, roleClaim?.value ?? "groups")
  const scrutinee = scrutineeOf(found.rules)
  // A comparison of another claim, or of the same one as another type, can only be said in CEL.
  const rules = found.rules.map((rule) =>
    rule.when.op === "cel" || claimIn(rule.when) === scrutinee ? rule : { ...rule, when: raw(conditionCel(rule.when)) },
  )
  const equivalent =
    exact === undefined &&
    asking?.guard === undefined &&
    // A rule in CEL that cannot be evaluated refuses, and a mapping is skipped: the rules after it tell the difference.
    rules.every(({ when }, index) => when.op !== "cel" || index === rules.length - 1)
  const [, name] = scrutinee?.split(/ (.*)/s) ?? []
  const role =
    rules.length === 0
      ? fallback && from(fallback.origin, string(fallback.value))
      : from(
          tree && { file: resource.file, span: tree.span },
          match(name === undefined ? undefined : reference("claims", name), [
            ...rules.map((rule) => armOf(rule, scrutinee)),
            from(fallback?.origin, arm("else", undefined, decision(found.otherwise))),
          ]),
        )
  return { role, scopes: asking?.scopes ?? [], reads: readsOf(found.rules), equivalent }
}
