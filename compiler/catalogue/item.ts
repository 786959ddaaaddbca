/**
 * Words that items and clauses begin with, each with its doc: what the grammar knows and no construct stands for.
 *
 * @module
 */

export interface WordDoc {
  readonly doc: string
  /** A whole one, as written in a file. */
  readonly example: string
}

export const items = {
  import: {
    doc: "Takes params, constants, providers and servers of another file. The path starts from this file's folder.",
    example: 'import { corp } from "./identity.authflow"',
  },
  param: {
    doc: "A value that whoever compiles the file gives: on the command line, or by an environment.",
    example: 'param domain: hostname = "example.com"',
  },
  const: {
    doc: "A name for a value. It means what would stand in its place.",
    example: 'const region = "us-east-1"',
  },
  env: {
    doc: "Values of params for one environment, taken with `--env NAME`.",
    example: 'env prod { domain = "example.com" }',
  },
  provider: {
    doc: "Who people log in at, or whose tokens callers present.",
    example: 'provider corp = oidc { issuer = "https://idp.example.com" }',
  },
  server: {
    doc: "An authorization server of our own, which MCP clients talk OAuth to.",
    example: 'server gate = auth_server { issuer = "https://auth.example.com", login = [corp] }',
  },
  callers: {
    doc: "Who may call where nobody logs in: workloads of a cluster, holders of keys or certificates, tokens of several issuers.",
    example: 'callers partners = api_keys { keys = [secret("partners", key: "api-keys")] }',
  },
  deploy: {
    doc: "What one engine is told of where and how flows run. It changes nothing of who gets in.",
    example: 'deploy toolhive { namespace = "mcp" }',
  },
  flow: {
    doc: "The way of a request to one upstream, top to bottom: who calls, what is exchanged, how it is signed, where it goes.",
    example: 'flow tools at "https://mcp.example.com/tools" { … }',
  },
  test: {
    doc: "A caller, and what has to come of it. `authflow test` runs it without a network.",
    example: 'test "nobody comes in without a token" { expect tools.status == 401 }',
  },
} as const satisfies Readonly<Record<string, WordDoc>>

/** What stands in a test. */
export const clauses = {
  given: {
    doc: "What the caller brings: `claims` of its token, the `scopes` it was granted, `headers` of the request.",
    example: 'given claims { groups: ["readers"] }',
  },
  expect: {
    doc: "What is to be seen of the caller's way through a flow.",
    example: "expect tools.decision == allow",
  },
} as const satisfies Readonly<Record<string, WordDoc>>

/** What may be given. */
export const givens = {
  claims: { doc: "Claims of the caller's token.", example: '{ groups: ["readers"], email: "rob@example.com" }' },
  scopes: { doc: "The scopes that were granted. Those that the flow asks for when unsaid.", example: '["mcp:use"]' },
  headers: { doc: "Headers of the request.", example: '{ "x-tenant": "a" }' },
} as const satisfies Readonly<Record<string, WordDoc>>

/** Functions that stand where a value does. */
export const functions = {
  secret: {
    doc: "A reference to a secret: the name of a Kubernetes Secret, and a key in it. A file never holds a secret itself.",
    example: 'secret("corp-idp", key: "client-secret")',
  },
  config_map: {
    doc: "A reference to a file that is no secret: the name of a Kubernetes ConfigMap, and a key in it.",
    example: 'config_map("corp-ca", key: "ca.crt")',
  },
  deny: {
    doc: "No role for this caller, who is told why with status 403.",
    example: 'deny("no group of yours has a role here")',
  },
} as const satisfies Readonly<Record<string, WordDoc>>
