/**
 * Role rules on ToolHive decide as ours do. The reference is the runtime's own evaluator; ToolHive's is simulated as it is
 * written in pkg/auth/awssts/role_mapper.go: every mapping is evaluated, one that fails or gives no boolean is skipped, the
 * lowest priority wins, then the fallback.
 */
import { Environment } from "@marcbachmann/cel-js"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Condition, RoleRules } from "../../compiler/catalogue/role-rules.ts"
import { at } from "../../compiler/source/source.ts"
import { notPortable } from "../../compiler/targets/toolhive/cel.ts"
import { issuedScopes, ownScopes, type RoleChoice, roleChoice } from "../../compiler/targets/toolhive/role-mappings.ts"
import type * as Plan from "../../runtime/plan.ts"
import { compileRoleRules } from "../../runtime/role-rules.ts"

type Claims = Readonly<Record<string, unknown>>

const nowhere = { start: 0, end: 0 }

/** The same rules, for the target and for the runtime. */
interface Rules {
  readonly checked: RoleRules
  readonly plan: Plan.RoleRules
}

const conditionOf = (when: Plan.Condition): Condition => {
  if (when.op === "cel") return { op: "cel", expression: at(nowhere, when.expression), claims: [], constant: undefined }
  const claim = {
    name: when.claim,
    type: "string",
    presence: "sometimes",
    origin: "corp",
    declared: undefined,
  } as const
  if ("value" in when) return { op: when.op, claim, value: at(nowhere, when.value) }
  const [first, ...rest] = when.values
  return { op: when.op, claim, values: [at(nowhere, first), ...rest.map((value) => at(nowhere, value))] }
}

const decisionOf = (decision: Plan.RoleDecision) =>
  "role" in decision ? { role: at(nowhere, decision.role) } : { deny: at(nowhere, decision.deny) }

const both = (plan: Plan.RoleRules): Rules => ({
  plan,
  checked: {
    span: nowhere,
    rules: plan.rules.map(({ when, then }) => ({ span: nowhere, when: conditionOf(when), then: decisionOf(then) })),
    otherwise: { ...decisionOf(plan.otherwise), span: nowhere },
  },
})

const cel = new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false }).registerVariable(
  "claims",
  "map",
)

/** Go decodes every JSON number of a token as a double, which is what a JavaScript number is to the evaluator. */
const goValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(goValue)
  if (typeof value !== "object" || value === null) return value
  return new Map(Object.entries(value).map(([key, member]) => [key, goValue(member)]))
}

/** ToolHive's SelectRole: the role, or `undefined` for a 403. */
const onToolHive = ({ mappings, fallback }: RoleChoice, claims: Claims): string | undefined => {
  const matching = mappings.filter(({ matcher }) => {
    try {
      return cel.evaluate(matcher, { claims: goValue(claims) }) === true
    } catch {
      return false
    }
  })
  const [first] = matching.toSorted((a, b) => a.priority - b.priority)
  return first?.role.value ?? fallback?.value
}

/** Ours: the role, or `undefined` when refused, for want of a role or because a rule failed. */
const onRuntime = (plan: Plan.RoleRules, claims: Claims): string | undefined => {
  const decide = Effect.runSync(compileRoleRules(plan, "test"))
  return Result.match(decide(claims), {
    onFailure: () => undefined,
    onSuccess: ({ decision }) => ("role" in decision ? decision.role : undefined),
  })
}

const claimNames = ["email", "groups", 'it\'s "odd" \\ €', "constructor"] as const
const words = [
  "admins",
  "readers",
  "a@example.com",
  "",
  'quote " and \\ back',
  "new\nline",
  "é😀",
  "$1",
  "in claims",
] as const

const claimName = fc.constantFrom(...claimNames)
const word = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string() })
const several = fc.array(word, { minLength: 1, maxLength: 4 }) as fc.Arbitrary<[string, ...string[]]>

/** Expressions of an operator's own: ones that hold, ones that do not, and ones that fail on some claims. */
const expressions = [
  "claims.email.endsWith('@example.com')",
  "has(claims.email) && claims.email == 'a@example.com'",
  "'admins' in claims.groups",
  "claims.groups.exists(g, g.startsWith('ad'))",
  "size(claims.groups) > 1 || claims.email == ''",
  "has(claims.nothing) ? claims.nothing : false",
  "claims.email",
  "true",
  "claims.email == 'https://a' // && claims.groups",
  "'admins' in claims.groups // (",
  "false || claims['groups'][0] == 'readers'",
] as const

const condition: fc.Arbitrary<Plan.Condition> = fc.oneof(
  fc.record({
    op: fc.constantFrom("contains" as const, "equals" as const, "starts_with" as const, "ends_with" as const),
    claim: claimName,
    value: word,
  }),
  fc.record({
    op: fc.constantFrom("contains_any" as const, "contains_all" as const, "in" as const),
    claim: claimName,
    values: several,
  }),
  fc.record({ op: fc.constant("cel" as const), expression: fc.constantFrom(...expressions) }),
)

const decision: fc.Arbitrary<Plan.RoleDecision> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ role: fc.integer({ min: 0, max: 9 }).map((n) => `role-${n}`) }) },
  { weight: 2, arbitrary: fc.record({ deny: fc.constantFrom("", "no") }) },
)

const rules: fc.Arbitrary<Plan.RoleRules> = fc.record({
  rules: fc.array(fc.record({ when: condition, then: decision }), { maxLength: 6 }),
  otherwise: decision,
})

const claims: fc.Arbitrary<Claims> = fc
  .array(
    fc.tuple(
      claimName,
      fc.oneof(
        { weight: 4, arbitrary: word },
        { weight: 4, arbitrary: fc.array(word, { maxLength: 4 }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<unknown>(null, 5, 1.5, true, { admins: 1 }, [1, "admins", null], [["admins"]]),
        },
      ),
    ),
    { maxLength: 4 },
  )
  .map((entries) => Object.fromEntries(entries))

describe("role rules", () => {
  test("ToolHive picks the role that our rules pick, for any rules and claims (4000 of them)", () => {
    fc.assert(
      fc.property(rules, claims, (plan, held) => {
        const { checked } = both(plan)
        expect(onToolHive(roleChoice(checked, undefined), held)).toBe(onRuntime(plan, held))
      }),
      { numRuns: 4000 },
    )
  })

  test("with scopes asked for, ToolHive gives a role exactly to those who have them (2000 of each kind of token)", () => {
    const scope = fc.constantFrom("openid", "mcp:use", "a.b", "mcp")
    const asked = fc.uniqueArray(scope, { minLength: 1, maxLength: 3 })
    const granted = fc.array(scope, { maxLength: 4 })
    const shape = fc.constantFrom("scope", "scp string", "scp list", "both", "none")
    fc.assert(
      fc.property(rules, claims, asked, granted, shape, (plan, held, asked, granted, shape) => {
        const has = shape !== "none" && asked.every((each) => granted.includes(each))
        const wanted = has ? onRuntime(plan, held) : undefined
        const { checked } = both(plan)
        const own = onToolHive(
          roleChoice(checked, ownScopes(asked)),
          shape === "none" ? held : { ...held, scp: granted },
        )
        expect(own).toBe(wanted)
        const text = granted.join(" ")
        const stated: Claims = {
          scope: { scope: text },
          "scp string": { scp: text },
          "scp list": { scp: granted },
          both: { scope: text, scp: ["openid", "mcp:use", "a.b", "mcp"] },
          none: {},
        }[shape]
        expect(onToolHive(roleChoice(checked, issuedScopes(asked)), { ...held, ...stated })).toBe(wanted)
      }),
      { numRuns: 2000 },
    )
  })

  const role = (name: string) => ({ role: name })
  const deny = { deny: "no" }
  const equals = (value: string) => ({ op: "equals", claim: "email", value }) as const

  test("`else => role` is the fallback only where nothing has to be asked of it", () => {
    const plain = both({ rules: [{ when: equals("a"), then: role("a") }], otherwise: role("rest") }).checked
    expect(roleChoice(plain, undefined).fallback?.value).toBe("rest")
    expect(roleChoice(plain, ownScopes(["openid"]))).toMatchObject({
      fallback: undefined,
      mappings: [{ priority: 1 }, { priority: 2 }],
    })
    const refusing = both({ rules: [{ when: equals("a"), then: deny }], otherwise: role("rest") }).checked
    expect(roleChoice(refusing, undefined).fallback).toBeUndefined()
    expect(onToolHive(roleChoice(refusing, undefined), { email: "a" })).toBeUndefined()
    expect(onToolHive(roleChoice(refusing, undefined), {})).toBe("rest")
  })

  test("an expression that fails refuses, though ToolHive would skip it and go on", () => {
    const failing: Plan.RoleRules = {
      rules: [
        { when: { op: "cel", expression: "claims.absent == 'x'" }, then: role("first") },
        { when: equals("a"), then: role("second") },
      ],
      otherwise: role("rest"),
    }
    expect(onRuntime(failing, { email: "a" })).toBeUndefined()
    expect(onToolHive(roleChoice(both(failing).checked, undefined), { email: "a" })).toBeUndefined()
  })

  test("a claim's text cannot leave its string", () => {
    const value = '" || true || "'
    const one: Plan.RoleRules = { rules: [{ when: equals(value), then: role("a") }], otherwise: deny }
    const choice = roleChoice(both(one).checked, undefined)
    expect(onToolHive(choice, { email: "other" })).toBeUndefined()
    expect(onToolHive(choice, { email: value })).toBe("a")
  })

  test("the simulation can tell a wrong lowering from a right one", () => {
    const two: Plan.RoleRules = {
      rules: [
        { when: equals("a"), then: deny },
        { when: { op: "ends_with", claim: "email", value: "" }, then: role("all") },
      ],
      otherwise: deny,
    }
    const { checked } = both(two)
    const naive = roleChoice({ ...checked, rules: checked.rules.slice(1) }, undefined)
    expect(onToolHive(naive, { email: "a" })).not.toBe(onRuntime(two, { email: "a" }))
  })
})

describe("an operator's own CEL", () => {
  test.each([
    "has(claims.groups) && 'readers' in claims.groups && has(claims.email) && claims.email.endsWith('@example.com')",
    "claims.groups.exists_one(g, g.matches('^team-[0-9]+$'))",
    "size(claims.email) > 3 && claims.email.contains('@')",
    "claims.level >= 3",
    "'x' + claims.email == 'xa'",
    "timestamp('2030-01-01T00:00:00Z') > timestamp('2029-01-01T00:00:00Z')",
  ])("runs on ToolHive: %s", (expression) => {
    expect(notPortable(expression)).toBeUndefined()
  })

  test.each([
    ["claims.email.lowerAscii() == 'a'", "`lowerAscii` is no function"],
    ["claims.email.split('@').size() == 2", "`split` is no function"],
    ["claims.groups.exists(g, g.substring(0, 1) == 'a')", "`substring` is no function"],
    ["claims.email.matches('(?=a)b')", "none of RE2"],
    ["claims.email.matches('(a)\\\\1')", "none of RE2"],
    ["claims.email.matches(claims.pattern)", "not a plain string"],
    ["claims.level % 2 == 0", "a double"],
    ["claims.level + 1 > 2", "a double"],
  ])("is refused: %s", (expression, reason) => {
    expect(notPortable(expression)).toContain(reason)
  })
})
