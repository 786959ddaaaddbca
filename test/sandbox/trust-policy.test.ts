import { describe, expect, it } from "vitest"
import type { Plan } from "../../runtime/plan.ts"
import { iamAccount } from "../../runtime/sandbox/trust-policy.ts"
import { externalOidc, thv0050, thv0050Groups } from "./plans.ts"

describe("the IAM configuration of a plan", () => {
  it("is the trust policy IAM wants for the access token's audience", () => {
    const { oidcProviders, roles } = iamAccount(thv0050)
    expect(oidcProviders).toEqual([
      {
        arn: "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
        issuer: "https://idp.example.com",
        clientIds: ["sts.amazonaws.com"],
      },
    ])
    expect(roles.map(({ arn }) => arn)).toEqual([
      "arn:aws:iam::123456789012:role/mcp-admin",
      "arn:aws:iam::123456789012:role/mcp-reader",
    ])
    expect(roles[0]?.trustPolicy).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/idp.example.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "idp.example.com:aud": "sts.amazonaws.com" } },
        },
      ],
    })
  })

  it("expects the client id in an ID token, and the flow's audience in a token the caller brings", () => {
    expect(iamAccount(thv0050Groups).oidcProviders[0]?.clientIds).toEqual(["mcp-gateway"])
    expect(iamAccount(externalOidc).oidcProviders[0]?.clientIds).toEqual(["https://mcp.example.com/mcp"])
  })

  it("joins the audiences of flows that share a role, as alternatives", () => {
    const [flow] = externalOidc.flows
    const stages = flow.stages.map((stage) =>
      stage.kind === "identify.oidc" ? { ...stage, audience: "https://mcp.example.com/b" } : stage,
    )
    const other = { ...flow, name: "b", resource: "https://mcp.example.com/b", stages: stages as never }
    const { roles } = iamAccount({ ...externalOidc, flows: [flow, other] })
    expect(roles[0]?.trustPolicy.Statement).toHaveLength(1)
    expect(roles[0]?.trustPolicy.Statement[0]?.Condition).toEqual({
      StringEquals: { "idp.example.com:aud": ["https://mcp.example.com/mcp", "https://mcp.example.com/b"] },
    })
  })

  it("raises the session length only for the plan that asks for more than IAM's hour", () => {
    expect(iamAccount(externalOidc).roles.map(({ maxSessionDuration }) => maxSessionDuration)).toEqual([3600, 3600])
    const [flow] = thv0050.flows
    const stages = flow.stages.map((stage) =>
      stage.kind === "aws.sts" ? { ...stage, session: { ...stage.session, duration: 7200 } } : stage,
    )
    const plan: Plan = { ...thv0050, flows: [{ ...flow, stages: stages as never }] }
    expect(iamAccount(plan).roles[0]?.maxSessionDuration).toBe(7200)
  })

  it("trusts nothing where the audience is not known", () => {
    const [flow] = thv0050.flows
    const stages = flow.stages.map((stage) =>
      stage.kind === "aws.sts" ? { ...stage, subject: { issuer: "gate", kind: "id_token" as const } } : stage,
    )
    expect(iamAccount({ ...thv0050, flows: [{ ...flow, stages: stages as never }] })).toEqual({
      oidcProviders: [],
      roles: [],
    })
  })
})
