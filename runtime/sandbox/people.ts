/**
 * The three people of a sandbox, made to fit the plan: whatever its rules read, Ada gets the first role they grant, Ravi the
 * next one that is another, and Nora none. The same plan always gives the same people.
 *
 * @module
 */
import type { Condition, Flow, Plan, RoleDecision } from "../plan.ts"
import type { Person, PersonClaims } from "./person.ts"
import { type Claims, type Decided, decide, roleRules, sourceClaim, visibleClaims } from "./role-decision.ts"

/** A person somebody wrote down, to take the place of the derived ones. */
export interface GivenPerson {
  readonly id: string
  readonly claims: PersonClaims
}

/** People as given: what the rules decide for them is worked out, their claims are left as they are. */
export const givenPeople = (plan: Plan, given: readonly GivenPerson[]): readonly Person[] =>
  given.map(({ id, claims }) => introduce(plan, id, claims))

/** Ada, Ravi and Nora, with addresses in `domain`. */
export const derivePeople = (plan: Plan, domain: string): readonly Person[] => {
  const people: Person[] = []
  for (const character of characters) {
    people.push(introduce(plan, character.id, tailor(plan, character, domain, people)))
  }
  return people
}

interface Character {
  readonly id: string
  readonly name: string
  /**
   * How far this is what the person is there to show, at most as much as it can be in the flow. `roles` are those the rules
   * grant, in order, without repeats.
   */
  readonly worth: (decided: Decided, roles: readonly string[]) => number
  readonly most: (roles: readonly string[]) => number
}

const characters: readonly Character[] = [
  {
    id: "ada",
    name: "Ada Adeyemi",
    worth: ({ decision }, roles) => (roleOf(decision) === roles[0] ? 2 : 0),
    most: () => 2,
  },
  {
    id: "ravi",
    name: "Ravi Rao",
    // Where there is one role only, sharing it with Ada is worth less than another flow's second role.
    worth: ({ decision }, roles) => (roleOf(decision) === (roles[1] ?? roles[0]) ? (roles.length > 1 ? 2 : 1) : 0),
    most: (roles) => (roles.length > 1 ? 2 : 1),
  },
  { id: "nora", name: "Nora Nowak", worth: ({ by }) => (by === "otherwise" ? 2 : 0), most: () => 2 },
]

const roleOf = (decision: RoleDecision): string | undefined => ("role" in decision ? decision.role : undefined)

const introduce = (plan: Plan, id: string, claims: PersonClaims): Person => {
  const expects: Record<string, RoleDecision> = {}
  for (const flow of plan.flows) {
    const rules = roleRules(flow)
    if (rules !== undefined) expects[flow.name] = decide(rules, visibleClaims(plan, flow)(claims)).decision
  }
  const roles = distinct(Object.values(expects).flatMap((decision) => roleOf(decision)?.split("/").at(-1) ?? []))
  return { id, about: roles.length > 0 ? roles.join(", ") : "no role", claims, expects }
}

/** How many combinations of claim values are tried before the best one so far is taken. */
const MAX_TRIES = 10_000

/** The first combination of likely claim values that shows what the person is there to show in as many flows as can be. */
const tailor = (
  plan: Plan,
  { id, name, worth, most }: Character,
  domain: string,
  others: readonly Person[],
): PersonClaims => {
  const base = baseClaims(plan, id, name, domain)
  const goals = plan.flows.flatMap((flow) => {
    const rules = roleRules(flow)
    if (rules === undefined) return []
    const roles = distinct(
      [...rules.rules.map(({ then }) => then), rules.otherwise].flatMap((then) => roleOf(then) ?? []),
    )
    const visible = visibleClaims(plan, flow)
    const reached = (claims: Claims): number => {
      const decided = decide(rules, visible(claims))
      // Nobody is there to show a rule that breaks.
      return decided.by === "failed rule" ? 0 : worth(decided, roles)
    }
    return [{ reached, most: most(roles) }]
  })
  const all = goals.reduce((sum, goal) => sum + goal.most, 0)

  let best = { claims: base, reached: -1 }
  let tries = 0
  for (const chosen of attempts(plan, id, base)) {
    const claims: PersonClaims = { ...base, ...chosen }
    // Nobody is somebody else: a rule for one address or one subject has one person at most.
    const taken = others.some((other) => sameValue(other, claims, "sub") || sameValue(other, claims, "email"))
    const reached = taken ? -1 : goals.reduce((sum, goal) => sum + goal.reached(claims), 0)
    if (reached > best.reached) best = { claims, reached }
    if (best.reached === all || ++tries >= MAX_TRIES) break
  }
  return best.claims
}

const sameValue = (other: Person, claims: PersonClaims, claim: string): boolean =>
  claims[claim] !== undefined && other.claims[claim] === claims[claim]

const baseClaims = (plan: Plan, id: string, name: string, domain: string): PersonClaims => {
  const declared = plan.providers.flatMap(({ claims }) => [
    ...claims.idToken,
    ...claims.accessToken,
    ...claims.userinfo,
  ])
  const named = plan.flows.flatMap(({ stages }) =>
    stages.flatMap((stage) => (stage.kind === "aws.sts" ? [stage.session.nameClaim] : [])),
  )
  // Unknown claims get the person's name: every one is a string that also serves as a role session name.
  const others = Object.fromEntries([...declared, ...named].map((claim) => [claim, id]))
  return { ...others, sub: id, name, email: `${id}@${domain}`, email_verified: true, groups: [] }
}

/**
 * The domain of the company in the file, which has to be the plan as it was compiled, with its public URLs: that of the
 * addresses its rules name, else what the flow's host is in.
 */
export const companyDomain = (plan: Plan): string => {
  for (const text of plan.flows.flatMap(conditions).flatMap(literals)) {
    const domain = /@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(text)?.[1]
    if (domain !== undefined) return domain
  }
  const labels = new URL(plan.flows[0].resource).hostname.split(".")
  return /\.[a-z]+$/i.test(labels.join(".")) ? labels.slice(labels.length > 2 ? 1 : 0).join(".") : "example.com"
}

/** What might do: first the values that one condition hints at, as most rules ask for little, then all of them together. */
function* attempts(plan: Plan, id: string, base: PersonClaims): Generator<Record<string, unknown>> {
  const rules = plan.flows.flatMap((flow) =>
    (roleRules(flow)?.rules ?? []).map(({ when, then }) => ({ flow, when, then })),
  )
  // Rules that grant come before those that refuse: they are what the people are for.
  const all = rules
    .toSorted((a, b) => Number("deny" in a.then) - Number("deny" in b.then))
    .map(({ flow, when }) => [flow, when] as const)
  for (const one of all) yield* combinations(candidates(plan, id, base, [one]))
  yield* combinations(candidates(plan, id, base, all))
}

/** Values worth trying, by claim of the provider, likeliest first: the base value, then what the conditions hint at. */
const candidates = (
  plan: Plan,
  id: string,
  base: PersonClaims,
  read: ReadonlyArray<readonly [Flow, Condition]>,
): ReadonlyMap<string, readonly unknown[]> => {
  const byClaim = new Map<string, unknown[]>()
  for (const [flow, condition] of read.flatMap(([flow, whole]) => parts(whole).map((part) => [flow, part] as const))) {
    for (const seen of claimsRead(condition)) {
      const claim = sourceClaim(plan, flow, seen)
      const values = byClaim.get(claim) ?? [base[claim], ...(claim === "email" ? [`${id}@elsewhere.test`] : [])]
      byClaim.set(claim, values)
      values.push(...hints(condition, id, Array.isArray(base[claim])))
    }
  }
  // An absent claim is the last thing to try: it satisfies nothing.
  for (const [claim, values] of byClaim) if (claim !== "sub") values.push(undefined)
  return new Map([...byClaim].map(([claim, values]) => [claim, withoutRepeats(values)]))
}

/** A CEL expression by its terms: what is compared with a claim mostly stands beside it. */
const parts = (condition: Condition): readonly Condition[] =>
  condition.op === "cel"
    ? condition.expression.split(/&&|\|\|/).map((expression) => ({ op: "cel", expression }))
    : [condition]

const withoutRepeats = (values: readonly unknown[]): readonly unknown[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
]

const conditions = (flow: Flow): readonly Condition[] => roleRules(flow)?.rules.map(({ when }) => when) ?? []

/** `list`: the claim is one by its base value, so lists are likelier than texts. */
const hints = (condition: Condition, id: string, list: boolean): readonly unknown[] => {
  switch (condition.op) {
    case "contains":
      return [[condition.value]]
    case "equals":
      return [condition.value]
    case "starts_with":
      return [`${condition.value}${id}`, condition.value]
    case "ends_with":
      return [`${id}${condition.value}`, condition.value]
    case "contains_any":
    case "contains_all":
      return [[...condition.values]]
    case "in":
      return condition.values
    case "cel": {
      const found = literals(condition)
      const texts = found.flatMap((text) => [text, `${id}${text}`, `${text}${id}`])
      const lists = [...found.map((text) => [text]), ...(found.length > 1 ? [[...found]] : [])]
      return list ? [...lists, ...texts, true, false] : [...texts, ...lists, true, false]
    }
  }
}

const literals = (condition: Condition): readonly string[] => {
  switch (condition.op) {
    case "cel":
      return [...condition.expression.matchAll(/"([^"\\]*)"|'([^'\\]*)'/g)].map(([, a, b]) => a ?? b ?? "")
    case "contains_any":
    case "contains_all":
    case "in":
      return condition.values
    default:
      return [condition.value]
  }
}

const claimsRead = (condition: Condition): readonly string[] =>
  condition.op === "cel"
    ? distinct(
        [...condition.expression.matchAll(/\bclaims(?:\.([A-Za-z_]\w*)|\[(?:"([^"\\]+)"|'([^'\\]+)')\])/g)].flatMap(
          ([, a, b, c]) => a ?? b ?? c ?? [],
        ),
      )
    : [condition.claim]

/** Every way to choose one value for each claim; the last claim varies fastest. */
function* combinations(choices: ReadonlyMap<string, readonly unknown[]>): Generator<Record<string, unknown>> {
  const [first, ...others] = [...choices]
  if (first === undefined) {
    yield {}
    return
  }
  const [claim, values] = first
  for (const value of values) {
    for (const rest of combinations(new Map(others))) yield { [claim]: value, ...rest }
  }
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)]
