/** Plans as the compiler lowers the three examples to, written by hand so that the sandbox is tested without the compiler. */
import type { Flow, Plan } from "../../runtime/plan.ts"

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`

const signed = (region: string): readonly [Flow["stages"][number], Flow["stages"][number]] => [
  { kind: "aws.sigv4", service: "aws-mcp", region, maxBody: 1024 * 1024 },
  { kind: "forward", url: `https://aws-mcp.${region}.api.aws/mcp`, timeout: 30 },
]

const gate = {
  name: "gate",
  kind: "auth_server",
  issuer: "https://auth.example.com",
  login: ["corp"],
  redirectUri: "https://auth.example.com/oauth/callback",
  registration: "dynamic",
  tokens: { access: 3600, refresh: 604_800, code: 60 },
  claims: [],
  keys: [
    { name: "gate-keys", key: "2026" },
    { name: "gate-keys", key: "2025" },
  ],
  hmacKeys: [{ name: "gate-hmac", key: "current" }],
} as const

export const thv0050: Plan = {
  version: 1,
  source: "examples/thv-0050.authflow",
  providers: [
    {
      name: "corp",
      kind: "oidc",
      issuer: "https://idp.example.com",
      client: {
        id: "mcp-gateway",
        secret: { name: "corp-idp", key: "client-secret" },
        scopes: ["openid", "email", "offline_access"],
      },
      accessToken: { format: "jwt", audience: "sts.amazonaws.com" },
      algorithms: ["RS256"],
      claims: { idToken: [], accessToken: [], userinfo: [] },
    },
  ],
  servers: [gate],
  flows: [
    {
      name: "aws_mcp",
      resource: "https://mcp.example.com/mcp",
      stages: [
        {
          kind: "identify.auth_server",
          server: "gate",
          scopes: ["openid", "email"],
          audience: "https://mcp.example.com/mcp",
        },
        {
          kind: "aws.sts",
          subject: { issuer: "corp", kind: "access_token" },
          region: "us-east-1",
          role: {
            rules: [
              { when: { op: "equals", claim: "email", value: "ada@example.com" }, then: { role: role("mcp-admin") } },
              { when: { op: "ends_with", claim: "email", value: "@example.com" }, then: { role: role("mcp-reader") } },
            ],
            otherwise: { deny: "no AWS role for people outside example.com" },
          },
          session: { nameClaim: "sub", onInvalid: "reject", duration: 3600 },
        },
        ...signed("us-east-1"),
      ],
    },
  ],
}

export const thv0050Groups: Plan = {
  version: 1,
  source: "examples/thv-0050-groups.authflow",
  providers: [
    {
      name: "corp",
      kind: "oidc",
      issuer: "https://idp.example.com",
      client: {
        id: "mcp-gateway",
        secret: { name: "corp-idp", key: "client-secret" },
        scopes: ["openid", "email", "groups", "offline_access"],
      },
      accessToken: { format: "opaque" },
      algorithms: ["RS256"],
      claims: { idToken: ["groups"], accessToken: [], userinfo: [] },
    },
  ],
  servers: [{ ...gate, claims: [{ claim: "groups", provider: "corp", from: "id_token", source: "groups" }] }],
  flows: [
    {
      name: "aws_mcp",
      resource: "https://mcp.example.com/aws",
      stages: [
        {
          kind: "identify.auth_server",
          server: "gate",
          scopes: ["mcp:use"],
          audience: "https://mcp.example.com/aws",
        },
        {
          kind: "aws.sts",
          subject: { issuer: "corp", kind: "id_token" },
          region: "us-east-1",
          role: {
            rules: [
              { when: { op: "contains", claim: "groups", value: "admins" }, then: { role: role("mcp-admin") } },
              { when: { op: "contains", claim: "groups", value: "readers" }, then: { role: role("mcp-reader") } },
            ],
            otherwise: { deny: "no group of yours has a role here" },
          },
          session: { nameClaim: "email", onInvalid: "reject", duration: 3600 },
        },
        ...signed("us-east-1"),
      ],
    },
  ],
}

export const externalOidc: Plan = {
  version: 1,
  source: "examples/external-oidc.authflow",
  providers: [
    {
      name: "corp",
      kind: "oidc",
      issuer: "https://idp.example.com",
      accessToken: { format: "jwt" },
      algorithms: ["RS256"],
      claims: { idToken: [], accessToken: ["groups", "email"], userinfo: [] },
    },
  ],
  servers: [],
  flows: [
    {
      name: "aws_mcp",
      resource: "https://mcp.example.com/mcp",
      stages: [
        {
          kind: "identify.oidc",
          provider: "corp",
          scopes: ["mcp:use"],
          audience: "https://mcp.example.com/mcp",
        },
        {
          kind: "aws.sts",
          subject: { issuer: "corp", kind: "access_token" },
          region: "eu-central-1",
          role: {
            rules: [
              { when: { op: "contains", claim: "groups", value: "admins" }, then: { role: role("mcp-admin") } },
              {
                when: {
                  op: "cel",
                  expression:
                    "has(claims.groups) && 'readers' in claims.groups && has(claims.email) && claims.email.endsWith('@example.com')",
                },
                then: { role: role("mcp-reader") },
              },
            ],
            otherwise: { deny: "no role" },
          },
          session: { nameClaim: "email", onInvalid: "reject", duration: 1800 },
        },
        ...signed("eu-central-1"),
      ],
    },
  ],
}
