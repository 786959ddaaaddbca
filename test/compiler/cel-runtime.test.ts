/** CEL in role rules gives the same in the compiler's evaluation and in the runtime. */
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evaluateCel } from "../../compiler/analysis/trace/cel.ts"
import { compileRoleRules } from "../../runtime/role-rules.ts"

describe("what is said of a rule is what becomes of one", () => {
  it("rules in CEL give the same on 3000 sets of claims, also where they fail", () => {
    const expressions = [
      "has(claims.a) && claims.a == 'x'",
      "claims.a == 'x'",
      "'x' in claims.list",
      "claims.n % 2 == 0",
      "claims.n > 1.5",
      "claims.n == 1",
      "size(claims.list) > 1",
      "claims.list.exists(each, each.startsWith('x'))",
      "claims.o.inner == 'x'",
      "has(claims.o.inner) || claims.flag",
      "claims.flag",
      "claims.a.matches('^x+$')",
      "claims.missing == claims.a",
      "'a' in claims",
      "claims['a'] == 'x' ? true : has(claims.n)",
      "claims.n / 0 == 1",
    ]
    const decide = new Map(
      expressions.map((expression) => [
        expression,
        Effect.runSync(
          compileRoleRules(
            { rules: [{ when: { op: "cel", expression }, then: { role: "yes" } }], otherwise: { deny: "no" } },
            "test",
          ),
        ),
      ]),
    )
    const value = fc.oneof(fc.constantFrom<unknown>("x", "xx", "y", 1, 2, 1.5, 0, true, false, null), fc.jsonValue())
    const claims = fc.dictionary(
      fc.constantFrom("a", "n", "flag", "list", "o", "constructor", "__proto__"),
      fc.oneof(
        value,
        fc.array(fc.constantFrom("x", "xy", "z"), { maxLength: 3 }),
        fc.record({ inner: value }, { requiredKeys: [] }),
      ),
    )
    const kinds = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom(...expressions), claims, (expression, given) => {
        const result = decide.get(expression)?.(given)
        const runtime = result === undefined || Result.isFailure(result) ? "failed" : String(result.success.rule === 0)
        const mine = evaluateCel(expression, given)
        kinds.add(runtime)
        expect(typeof mine === "boolean" ? String(mine) : "failed").toBe(runtime)
      }),
      { numRuns: 3000 },
    )
    expect([...kinds].sort()).toEqual(["failed", "false", "true"])
  })
})
