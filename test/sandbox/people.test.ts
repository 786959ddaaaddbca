import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Condition, Plan, RoleRules } from "../../runtime/plan.ts"
import { companyDomain, derivePeople, givenPeople } from "../../runtime/sandbox/people.ts"
import { externalOidc, thv0050, thv0050Groups } from "./plans.ts"

const role = (name: string) => ({ role: `arn:aws:iam::123456789012:role/${name}` })
const deny = { deny: "no" }

const withRules = (plan: Plan, rules: RoleRules): Plan => {
  const [flow] = plan.flows
  const stages = flow.stages.map((stage) => (stage.kind === "aws.sts" ? { ...stage, role: rules } : stage))
  return { ...plan, flows: [{ ...flow, stages: stages as never }] }
}

const rolesOf = (plan: Plan) => derivePeople(plan, companyDomain(plan)).map(({ expects }) => expects["aws_mcp"])

describe("the three people", () => {
  it.each([thv0050, thv0050Groups, externalOidc])("get admin, reader and nothing from $source", (plan) => {
    expect(rolesOf(plan)).toEqual([
      { role: expect.stringMatching(/mcp-admin$/) },
      { role: expect.stringMatching(/mcp-reader$/) },
      { deny: expect.any(String) },
    ])
  })

  it("are the same each time", () => {
    expect(derivePeople(externalOidc, "a.example")).toEqual(derivePeople(externalOidc, "a.example"))
  })

  it("have the claims every person has, and those the plan declares", () => {
    const [provider] = thv0050.providers
    if (provider === undefined) throw new Error("the plan has a provider")
    const claims = { idToken: ["department"], accessToken: ["cost_center"], userinfo: ["phone"] }
    for (const person of derivePeople({ ...thv0050, providers: [{ ...provider, claims }] }, "example.com")) {
      expect(person.claims).toMatchObject({
        sub: person.id,
        email: expect.stringMatching(new RegExp(`^${person.id}@`)),
        email_verified: true,
        department: expect.any(String),
        cost_center: expect.any(String),
        phone: expect.any(String),
      })
    }
  })

  it("take the domain of the file's own addresses, else that of its host", () => {
    expect(companyDomain(thv0050)).toBe("example.com")
    const plain = withRules(thv0050, { rules: [], otherwise: role("a") })
    expect(companyDomain({ ...plain, flows: [{ ...plain.flows[0], resource: "https://mcp.acme.test/x" }] })).toBe(
      "acme.test",
    )
  })

  it("share the one role a plan has", () => {
    const rules: RoleRules = {
      rules: [{ when: { op: "contains", claim: "groups", value: "staff" }, then: role("staff") }],
      otherwise: deny,
    }
    expect(rolesOf(withRules(thv0050Groups, rules))).toEqual([role("staff"), role("staff"), deny])
  })

  it("show the rest of the rules too: a refusal before the grant is walked around", () => {
    const rules: RoleRules = {
      rules: [
        { when: { op: "ends_with", claim: "email", value: "@example.com" }, then: { deny: "not from here" } },
        { when: { op: "contains_any", claim: "groups", values: ["x", "y"] }, then: role("one") },
        {
          when: { op: "cel", expression: "claims.groups.exists(g, g.startsWith('team-')) && size(claims.groups) == 1" },
          then: role("two"),
        },
      ],
      otherwise: deny,
    }
    expect(rolesOf(withRules(externalOidc, rules))).toEqual([role("one"), role("two"), deny])
  })

  it("fit any single rule in words", () => {
    const text = fc.stringMatching(/^[a-z][a-z0-9@.-]{0,12}$/)
    const condition: fc.Arbitrary<Condition> = fc.oneof(
      fc.record({
        op: fc.constantFrom("contains", "equals", "starts_with", "ends_with"),
        claim: fc.constantFrom("groups", "email"),
        value: text,
      }),
      fc.record({
        op: fc.constantFrom("contains_any", "contains_all", "in"),
        claim: fc.constantFrom("groups", "email"),
        values: fc.tuple(text, text),
      }),
    )
    fc.assert(
      fc.property(condition, (when) => {
        const rules: RoleRules = { rules: [{ when, then: role("one") }], otherwise: deny }
        const [ada, ravi, nora] = rolesOf(withRules(externalOidc, rules))
        expect([ada, nora]).toEqual([role("one"), deny])
        // One address has one person: a rule that names it leaves nothing for the second.
        const forOne = "claim" in when && when.claim === "email" && (when.op === "equals" || when.op === "in")
        if (!forOne) expect(ravi).toEqual(role("one"))
      }),
    )
  })

  it("fit rules that read many claims at once, among many other rules", () => {
    const expression = (n: number) =>
      `has(claims.groups) && 'g${n}' in claims.groups && has(claims.email) && claims.email.startsWith('e${n}') && has(claims.tier) && claims.tier == 't${n}'`
    const rules: RoleRules = {
      rules: Array.from({ length: 10 }, (_, n) => ({
        when: { op: "cel", expression: expression(n) },
        then: n < 6 ? deny : role(`r${n}`),
      })),
      otherwise: deny,
    }
    const [provider] = externalOidc.providers
    if (provider === undefined) throw new Error("the plan has a provider")
    const claims = { ...provider.claims, accessToken: ["groups", "email", "tier"] }
    const plan = withRules({ ...externalOidc, providers: [{ ...provider, claims }] }, rules)
    expect(rolesOf(plan)).toEqual([role("r6"), role("r7"), deny])
  })

  it("are never the same person, though the only rule names one", () => {
    const rules: RoleRules = {
      rules: [{ when: { op: "equals", claim: "sub", value: "u-1" }, then: role("one") }],
      otherwise: deny,
    }
    const people = derivePeople(withRules(externalOidc, rules), "example.com")
    expect(people.map(({ claims, expects }) => [claims.sub, expects["aws_mcp"]])).toEqual([
      ["u-1", role("one")],
      ["ravi", deny],
      ["nora", deny],
    ])
  })

  it("may be written down instead", () => {
    const [person] = givenPeople(thv0050Groups, [
      { id: "zoe", claims: { sub: "z1", email: "z@x.test", groups: ["readers"] } },
    ])
    expect(person).toMatchObject({ id: "zoe", claims: { sub: "z1" }, expects: { aws_mcp: role("mcp-reader") } })
  })
})
