/** Files that are not the examples: what the sandbox and the probe must cope with, whatever an operator writes. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import type { Plan } from "../../runtime/plan.ts"
import { type SandboxOptions, sandbox } from "../../runtime/sandbox/index.ts"
import { probe } from "../../runtime/sandbox/probe/index.ts"
import { compile } from "./running.ts"

const probed = (plan: Plan, options?: SandboxOptions) =>
  Effect.gen(function* () {
    const box = yield* sandbox(plan, options)
    yield* serve(box.plan, { listen: box.listen, drainSeconds: 1, env: {} }).pipe(Effect.provide(box.secrets))
    return { box, report: yield* probe(box) }
  }).pipe(Effect.scoped, Effect.runPromise)

const outcomes = ({ report }: Awaited<ReturnType<typeof probed>>) =>
  report.sessions.map(({ flow, person, got, steps }) => [
    flow,
    person,
    got === undefined ? steps.at(-1) : "role" in got ? got.role.split("/").at(-1) : "refused",
  ])

/** Paths in every URL, one origin for server and flow, and a flow whose callers log in at the same provider themselves. */
const mixed = `
provider corp = oidc {
  issuer        = "https://idp.acme.test/realms/staff"
  client_id     = "gateway"
  client_secret = secret("corp", key: "secret")
  scopes        = ["openid", "email", "profile", "groups", "offline_access"]
  id_token      = { claims: { groups: strings, department: string } }
  access_token  = { format: jwt, audience: "sts.amazonaws.com", claims: { groups: strings, email: string } }
}

server gate = auth_server {
  issuer    = "https://apps.acme.test/oauth2"
  login     = [corp]
  clients   = { registration: dynamic }
  tokens    = { access: 15m, refresh: 1d }
  claims    = { teams: corp.id_token.groups, unit: corp.id_token.department }
  keys      = [secret("gate", key: "signing")]
  hmac_keys = [secret("gate", key: "cookies")]
}

flow inner at "https://apps.acme.test/inner/mcp" {
  identify gate { scopes = ["inner:use"] }
  exchange aws.sts {
    subject = corp.id_token
    region  = "eu-west-1"
    role    = match claims.teams {
      when "has(claims.unit) && claims.unit == 'blocked'" => deny("blocked")
      contains_any ["ops", "sre"] => "arn:aws:iam::123456789012:role/team/ops"
      when "has(claims.teams) && claims.teams.exists(t, t.startsWith('dev-'))" => "arn:aws:iam::123456789012:role/team/dev"
      else => "arn:aws:iam::123456789012:role/everybody"
    }
    session = { name: claims.email, on_invalid: sanitize, duration: 2h }
  }
  sign aws.sigv4 { service = "execute-api" }
  forward "https://inner.execute-api.eu-west-1.amazonaws.com/prod/mcp"
}
`

describe("a plan with paths everywhere and a role for everybody", () => {
  it("runs as the file says, with people made to fit", async () => {
    const result = await probed(compile("mixed.authflow", mixed))
    expect(outcomes(result)).toEqual([
      ["inner", "ada", "ops"],
      ["inner", "ravi", "dev"],
      ["inner", "nora", "everybody"],
    ])
    expect(result.report.ok).toBe(true)
    expect(result.box.listen).toHaveLength(1)
  })

  it("runs with people somebody wrote down", async () => {
    const person = (id: string, groups: string[], department = "x") => ({
      id,
      claims: { sub: `u-${id}`, email: `${id}@acme.test`, email_verified: true, groups, department },
    })
    const result = await probed(compile("mixed.authflow", mixed), {
      people: [person("zoe", ["dev-web"]), person("max", ["ops"], "blocked")],
    })
    expect(outcomes(result)).toEqual([
      ["inner", "zoe", "dev"],
      ["inner", "max", "refused"],
    ])
    expect(result.report.ok).toBe(true)
  })

  it("does not start with two people who are one", async () => {
    const twice = { claims: { sub: "same" } }
    const people = [
      { id: "a", ...twice },
      { id: "b", ...twice },
    ]
    const started = await Effect.runPromise(
      Effect.result(Effect.scoped(sandbox(compile("mixed.authflow", mixed), { people }))),
    )
    expect(started).toMatchObject({ _tag: "Failure", failure: { _tag: "NoStandIn" } })
  })
})

describe("two flows of one issuer, one behind a server and one not", () => {
  const plan = (): Plan => {
    const compiled = compile("mixed.authflow", mixed)
    const [inner] = compiled.flows
    const outer = {
      ...inner,
      name: "outer",
      resource: "https://tools.acme.test/mcp",
      stages: inner.stages.map((stage) => {
        if (stage.kind === "identify.auth_server") {
          return {
            kind: "identify.oidc",
            provider: "corp",
            scopes: ["outer:use"],
            audience: "https://tools.acme.test/mcp",
          }
        }
        if (stage.kind !== "aws.sts") return stage
        const role = {
          rules: [
            {
              when: { op: "contains", claim: "groups", value: "ops" },
              then: { role: "arn:aws:iam::123456789012:role/outer-ops" },
            },
          ],
          otherwise: { deny: "not in ops" },
        }
        return { ...stage, subject: { issuer: "corp", kind: "access_token" }, role }
      }) as never,
    }
    return { ...compiled, flows: [inner, outer] }
  }

  it("both run, each with tokens of its own kind", async () => {
    const result = await probed(plan())
    expect(outcomes(result)).toEqual([
      ["inner", "ada", "ops"],
      ["inner", "ravi", "dev"],
      ["inner", "nora", "everybody"],
      ["outer", "ada", "outer-ops"],
      ["outer", "ravi", "refused"],
      ["outer", "nora", "refused"],
    ])
    expect(result.report.ok).toBe(true)
  })
})
