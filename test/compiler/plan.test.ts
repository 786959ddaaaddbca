import { readFileSync } from "node:fs"
import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Analysis, analyze, format, targets } from "../../compiler/index.ts"
import { PLAN_VERSION, Plan } from "../../runtime/plan.ts"
import { exampleText, runBy } from "../examples.ts"
import { runnable } from "./well-typed.ts"

const EXAMPLES = new URL("../../examples/", import.meta.url)

/** Without the warning of a flow that passes its caller's token on to another host, which generated ones do by name. */
const codes = ({ diagnostics }: Analysis) =>
  diagnostics.filter(({ code }) => code !== "AF1211").map(({ code, message }) => `${code} ${message}`)

/** The plan as the runtime reads it: the artifact's text, decoded. */
const planOf = (text: string, uri = "test.authflow") => {
  const analysis = analyze({ uri, text })
  expect(codes(analysis), text).toEqual([])
  if (analysis.program === undefined) throw new Error("no program, and no diagnostic that says why")
  const { artifacts, diagnostics } = targets.plan.lower(analysis.program)
  expect(diagnostics).toEqual([])
  expect(artifacts.map(({ path }) => path)).toEqual(["plan.json"])
  const json = artifacts[0]?.text ?? ""
  return { json, plan: Schema.decodeUnknownSync(Plan)(JSON.parse(json)) }
}

describe("the plan target", () => {
  for (const name of runBy("plan")) {
    it(`lowers examples/${name} to a plan the runtime reads`, () => {
      const text = exampleText(name)
      const { plan, json } = planOf(text, name)
      expect(plan.version).toBe(PLAN_VERSION)
      expect(plan.source).toBe(name)
      for (const { stages } of plan.flows) {
        expect(stages[0].kind).toMatch(/^identify\./)
        expect(stages.at(-1)?.kind).toBe("forward")
      }
      expect(planOf(text, name).json).toBe(json)
    })
  }

  it("says in the plan what the file says", () => {
    const { plan } = planOf(readFileSync(new URL("thv-0050-groups.authflow", EXAMPLES), "utf8"))
    expect(plan.providers[0]).toEqual({
      name: "corp",
      kind: "oidc",
      issuer: "https://idp.example.com",
      client: {
        id: "mcp-gateway",
        secret: { name: "corp-idp", key: "client-secret" },
        scopes: ["openid", "email", "groups", "offline_access"],
      },
      accessToken: { format: "opaque" },
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      claims: { idToken: ["groups"], accessToken: [], userinfo: [] },
    })
    expect(plan.servers[0]).toEqual({
      name: "gate",
      kind: "auth_server",
      issuer: "https://auth.example.com",
      login: ["corp"],
      redirectUri: "https://auth.example.com/oauth/callback",
      registration: "dynamic",
      tokens: { access: 3600, refresh: 604800, code: 600, delegated: 900 },
      claims: [{ claim: "groups", provider: "corp", from: "id_token", source: "groups" }],
      keys: [{ name: "gate-keys", key: "2026" }],
      hmacKeys: [{ name: "gate-hmac", key: "current" }],
    })
    expect(plan.flows[0]?.stages).toEqual([
      { kind: "identify.auth_server", server: "gate", scopes: ["mcp:use"], audience: "https://mcp.example.com/aws" },
      {
        kind: "aws.sts",
        subject: { issuer: "corp", kind: "id_token" },
        region: "us-east-1",
        role: {
          rules: [
            {
              when: { op: "contains", claim: "groups", value: "admins" },
              then: { role: "arn:aws:iam::123456789012:role/mcp-admin" },
            },
            {
              when: { op: "contains", claim: "groups", value: "readers" },
              then: { role: "arn:aws:iam::123456789012:role/mcp-reader" },
            },
          ],
          otherwise: { deny: "no group of yours has a role here" },
        },
        session: { nameClaim: "email", onInvalid: "reject", duration: 3600 },
      },
      { kind: "aws.sigv4", service: "aws-mcp", region: "us-east-1", maxBody: 8388608 },
      { kind: "forward", url: "https://aws-mcp.us-east-1.api.aws/mcp", timeout: 60 },
    ])
  })

  it("lowers every well-typed program to a plan that decodes, and the formatter does not change it", () => {
    fc.assert(
      fc.property(runnable, (text) => {
        const { json, plan } = planOf(text)
        expect(plan.flows.length).toBe(text.match(/^flow /gm)?.length)
        const formatted = format(text)
        expect(formatted.problems).toEqual([])
        expect(planOf(formatted.text).json).toBe(json)
      }),
      { numRuns: 300 },
    )
  })

  it("never holds a secret's value, only where it is", () => {
    const { json } = planOf(readFileSync(new URL("thv-0050.authflow", EXAMPLES), "utf8"))
    expect(JSON.parse(json).providers[0].client.secret).toEqual({ name: "corp-idp", key: "client-secret" })
  })
})
