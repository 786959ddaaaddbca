/** Role rules: what each condition means. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as FastCheck from "fast-check"
import type { Condition, RoleRules } from "../../runtime/plan.ts"
import { compileRoleRules } from "../../runtime/role-rules.ts"

const rules = (...conditions: readonly Condition[]): RoleRules => ({
  rules: conditions.map((when, at) => ({ when, then: { role: `role-${at}` } })),
  otherwise: { deny: "nobody" },
})

/** `applies`, `not`, or `failed`. */
const outcome = (when: Condition, claims: Readonly<Record<string, unknown>>) =>
  Effect.map(compileRoleRules(rules(when), "role"), (decide) => {
    const result = decide(claims)
    if (Result.isFailure(result)) return "failed"
    return result.success.rule === 0 ? "applies" : "not"
  })

describe("conditions", () => {
  const groups = { groups: ["readers", "writers"], email: "ada@example.com", level: 3, admin: "yes" }
  const cases: ReadonlyArray<readonly [Condition, Readonly<Record<string, unknown>>, "applies" | "not" | "failed"]> = [
    [{ op: "contains", claim: "groups", value: "readers" }, groups, "applies"],
    [{ op: "contains", claim: "groups", value: "reader" }, groups, "not"],
    // A string is no list: "contains" is not a substring test.
    [{ op: "contains", claim: "email", value: "ada" }, groups, "not"],
    [{ op: "contains", claim: "absent", value: "x" }, groups, "not"],
    [{ op: "contains_any", claim: "groups", values: ["x", "writers"] }, groups, "applies"],
    [{ op: "contains_any", claim: "groups", values: ["x"] }, groups, "not"],
    [{ op: "contains_all", claim: "groups", values: ["readers", "writers"] }, groups, "applies"],
    [{ op: "contains_all", claim: "groups", values: ["readers", "x"] }, groups, "not"],
    [{ op: "equals", claim: "email", value: "ada@example.com" }, groups, "applies"],
    [{ op: "equals", claim: "level", value: "3" }, groups, "not"],
    [{ op: "equals", claim: "groups", value: "readers" }, { groups: ["readers"] }, "not"],
    [{ op: "in", claim: "admin", values: ["no", "yes"] }, groups, "applies"],
    [{ op: "starts_with", claim: "email", value: "ada@" }, groups, "applies"],
    [{ op: "ends_with", claim: "email", value: "@example.com" }, groups, "applies"],
    [{ op: "ends_with", claim: "email", value: "@example.com" }, { email: "ada@example.com.evil.example" }, "not"],
    // What every object inherits is no claim.
    [{ op: "starts_with", claim: "constructor", value: "" }, {}, "not"],
    [{ op: "cel", expression: "claims.level > 2 && claims.level % 2 == 1" }, groups, "applies"],
    [{ op: "cel", expression: "claims.exp > 1700000000" }, { exp: 1_800_000_000 }, "applies"],
    [{ op: "cel", expression: "claims.ratio < 0.5" }, { ratio: 0.25 }, "applies"],
    [{ op: "cel", expression: "claims.org.teams.exists(t, t == 'a')" }, { org: { teams: ["a"] } }, "applies"],
    [{ op: "cel", expression: "has(claims.groups) && 'x' in claims.groups" }, {}, "not"],
    [{ op: "cel", expression: "'x' in claims.groups" }, {}, "failed"],
    [{ op: "cel", expression: "claims.groups" }, groups, "failed"],
    [{ op: "cel", expression: "has(claims.constructor)" }, {}, "not"],
  ]
  for (const [when, claims, expected] of cases) {
    it.effect(`${JSON.stringify(when)} of ${JSON.stringify(claims)}: ${expected}`, () =>
      Effect.map(outcome(when, claims), (actual) => assert.strictEqual(actual, expected)),
    )
  }

  it.effect("an expression that does not compile, or is no boolean, is refused when the plan is loaded", () =>
    Effect.gen(function* () {
      for (const expression of ["claims.", "1 + 1", "nobody == 1", "claims.x.nope()", "'a'"]) {
        const failure = yield* Effect.flip(
          compileRoleRules(rules({ op: "cel", expression }), "flows[0].stages[1].role"),
        )
        assert.strictEqual(failure.path, "flows[0].stages[1].role.rules[0]", expression)
        assert.include(failure.detail, "CEL")
      }
    }),
  )
})

describe("rules", () => {
  it.effect("the first that applies decides, and one that fails refuses instead of being skipped", () =>
    Effect.gen(function* () {
      const failing: Condition = { op: "cel", expression: "'x' in claims.absent" }
      const first = yield* compileRoleRules(rules({ op: "equals", claim: "a", value: "1" }, failing), "role")
      assert.isTrue(Result.isSuccess(first({ a: "1" })))
      assert.isTrue(Result.isFailure(first({ a: "2" })))
    }),
  )

  it("the decision is the first satisfied condition's, whatever the claims", () => {
    const value = FastCheck.constantFrom("a", "b", "c")
    const condition: FastCheck.Arbitrary<Condition> = FastCheck.oneof(
      FastCheck.record({ op: FastCheck.constant("contains" as const), claim: FastCheck.constant("list"), value }),
      FastCheck.record({ op: FastCheck.constant("equals" as const), claim: FastCheck.constant("text"), value }),
    )
    const claims = FastCheck.record({ list: FastCheck.array(value), text: value }, { requiredKeys: [] })
    FastCheck.assert(
      FastCheck.property(FastCheck.array(condition, { maxLength: 5 }), claims, (all, given) => {
        const decide = Effect.runSync(compileRoleRules(rules(...all), "role"))
        const expected = all.findIndex((when) =>
          when.op === "contains"
            ? (given.list ?? []).includes(when.value as "a")
            : when.op === "equals" && given.text === when.value,
        )
        const result = decide(given)
        assert.isTrue(Result.isSuccess(result))
        if (Result.isSuccess(result)) assert.strictEqual(result.success.rule, expected === -1 ? undefined : expected)
      }),
    )
  })
})
