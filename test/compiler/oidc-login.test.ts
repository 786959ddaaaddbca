import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { analyze, targets } from "../../compiler/index.ts"
import { compileForToolHive, EMBEDDED } from "./toolhive-source.ts"

const saying = (fields: string): string => EMBEDDED.replace("  id_token ", () => `  ${fields}\n  id_token `)

const errorsOf = (source: string, target: "plan" | "toolhive") => {
  const { program, diagnostics } = analyze({ uri: "test.authflow", text: source })
  const all = [...diagnostics, ...(program ? targets[target].lower(program).diagnostics : [])]
  return all.filter(({ severity }) => severity === "error")
}

interface Embedded {
  readonly spec: {
    readonly embeddedAuthServer?: { readonly upstreamProviders: readonly { readonly oidcConfig: object }[] }
  }
}

describe("logging in at an OpenID Connect provider", () => {
  test("is told the claim that says who a person is, and the provider's own parameters", () => {
    const source = saying(
      'subject_claim = "email"\n  authorization_params = { access_type: "offline", prompt: "consent" }',
    )
    const { artifacts, errors } = compileForToolHive(source)
    expect(errors).toEqual([])
    const server = parseAllDocuments(artifacts[0]?.text ?? "")
      .map((each) => each.toJS() as Embedded)
      .find(({ spec }) => spec.embeddedAuthServer)
    expect(server?.spec.embeddedAuthServer?.upstreamProviders[0]?.oidcConfig).toMatchObject({
      subjectClaim: "email",
      additionalAuthorizationParams: { access_type: "offline", prompt: "consent" },
    })
  })

  test.each([
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "Nonce",
  ])("sets %s itself", (name) => {
    const source = saying(`authorization_params = { ${name}: "x" }`)
    const [problem, ...others] = errorsOf(source, "toolhive")
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF0525")
    expect(source.slice(problem?.span.start, problem?.span.end)).toBe(name)
  })

  test.each([
    ["a claim its ID tokens are not known to hold", 'subject_claim = "oid"', "AF0507"],
    ["a claim that is a list", 'subject_claim = "groups"', "AF0526"],
    ["what is no name of a claim", 'subject_claim = "https://example.com/id"', "AF0312"],
    ["no parameters", "authorization_params = {}", "AF0310"],
    [
      "more parameters than ToolHive takes",
      `authorization_params = { ${Array.from({ length: 17 }, (_, i) => `p${i}: "x"`).join(", ")} }`,
      "AF0310",
    ],
  ])("takes not %s", (_, fields, code) => {
    expect(errorsOf(saying(fields), "toolhive").map((each) => each.code)).toEqual([code])
  })

  test("is for providers that we are registered at", () => {
    const source = EMBEDDED.replace(
      "provider corp_two",
      'provider other = oidc {\n  issuer = "https://idp.example.net"\n  subject_claim = "sub"\n}\n\nprovider corp_two',
    )
    const [problem] = errorsOf(source, "toolhive")
    expect(problem?.code).toBe("AF0302")
    expect(problem?.notes.join(" ")).toContain("`subject_claim` is for logging people in")
  })

  test.each([
    ["subject_claim", 'subject_claim = "email"', { subjectClaim: "email" }],
    ["authorization_params", 'authorization_params = { prompt: "login" }', { client: { params: { prompt: "login" } } }],
    [
      "redirect_uri",
      'redirect_uri = "https://auth.example.com/corp"',
      { client: { redirectUri: "https://auth.example.com/corp" } },
    ],
    [
      "the userinfo endpoint",
      'userinfo = { endpoint: "https://idp.example.com/people/me", subject: ["id"] }',
      {
        userinfo: {
          endpoint: "https://idp.example.com/people/me",
          method: "GET",
          headers: {},
          subject: ["id"],
          name: ["name"],
          email: ["email"],
        },
      },
    ],
  ])("authflow's own runtime is told %s", (_, fields, lowered) => {
    const { program } = analyze({ uri: "test.authflow", text: saying(fields) })
    const { plan } = program === undefined ? { plan: undefined } : targets.plan.lowerPlan(program)
    expect(plan?.providers[0]).toMatchObject(lowered)
  })
})
