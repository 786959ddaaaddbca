/**
 * What becomes of the fields of exchanges, see toolhive-fields.test.ts.
 *
 * @module
 */

/** What becomes of a field: its value can be found in the manifests, or saying it is refused, or there is nothing to lower. */
export type Fate =
  | { readonly lowered: readonly [from: string, to: string] }
  | { readonly refused: string; readonly by: readonly [from: string, to: string] }
  /** A fact about the outside world that the checker needs and no engine is told; or the block that the named fields are in. */
  | { readonly nothing: string }

const REFUSED = { nothing: "the whole stage is refused (AF1610)" }
const ISSUED = { nothing: "what comes back, which the checker has to know and no engine is told" }

const issued = (stage: string) => ({
  [`${stage}.issued`]: ISSUED,
  [`${stage}.issued.format`]: ISSUED,
  [`${stage}.issued.issuer`]: ISSUED,
})

const wholly = (stage: string, fields: readonly string[]) =>
  Object.fromEntries(fields.map((field) => [`${stage}.${field}`, REFUSED]))

const withMore = (field: string): Fate => ({
  refused: "AF1611",
  by: ['audience      = "orders"\n', `audience      = "orders"\n    ${field}\n`],
})

const SESSION = "    session = {"

export const exchangeFates: Readonly<Record<string, Fate>> = {
  "token_exchange.subject": {
    refused: "AF0850",
    by: ["subject       = corp.access_token", "subject       = corp.id_token"],
  },
  "token_exchange.token_url": { lowered: ["https://idp.example.com/oauth/token", "https://idp.example.com/token"] },
  "token_exchange.audience": { lowered: ['"orders"', '"stock"'] },
  "token_exchange.scopes": { lowered: ['["orders:read"]', '["orders:read", "orders:write"]'] },
  "token_exchange.client_id": { lowered: ['"exchanger"', '"another"'] },
  "token_exchange.client_secret": { lowered: ['"exchange"', '"another"'] },
  "token_exchange.subject_token_type": {
    nothing:
      "lowered with its own kind when unsaid; the types a token may be said to be are tested in outgoing.test.ts",
  },
  "token_exchange.header": { refused: "AF0851", by: ['"orders"', '"orders"\n    header = "X-Orders-Token"'] },
  "xaa.subject": { nothing: "the ID token of a login: which one is tested in toolhive-outgoing.test.ts" },
  "xaa.idp_token_url": { lowered: ["https://idp.example.com/oauth/token", "https://idp.example.com/token"] },
  "xaa.idp_client_id": {
    lowered: ['    idp_client_id    = "mcp-gateway"\n    idp_client_secret = secret("at-idp", key: "secret")\n', ""],
  },
  "xaa.idp_client_secret": { refused: "AF0856", by: ['    idp_client_secret = secret("at-idp", key: "secret")\n', ""] },
  "xaa.target_token_url": { lowered: ["https://auth.example.net/oauth/token", "https://auth.example.net/token"] },
  "xaa.target_client_id": { lowered: ['"exchanger"', '"another"'] },
  "xaa.target_client_secret": {
    refused: "AF0856",
    by: ['    target_client_secret = secret("at-target", key: "secret")\n', ""],
  },
  "xaa.audience": {
    lowered: ['audience         = "https://auth.example.net"', 'audience = "https://auth.example.org"'],
  },
  "xaa.resource": { lowered: ['    resource         = "https://orders.example.net/mcp"\n', ""] },
  "xaa.scopes": { lowered: ['["orders:read"]', '["orders:write"]'] },
  "aws.sts.policy": {
    refused: "AF1611",
    by: [SESSION, `    policy = "{ \\"Version\\": \\"2012-10-17\\", \\"Statement\\": [] }"\n${SESSION}`],
  },
  "aws.sts.policy_arns": {
    refused: "AF1611",
    by: [SESSION, `    policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n${SESSION}`],
  },
  "token_exchange.resource": withMore('resource = "https://orders.example.net"'),
  "token_exchange.actor": withMore("actor = corp.id_token"),
  "token_exchange.requested_token_type": withMore("requested_token_type = jwt"),
  "token_exchange.client_auth": withMore("client_auth = post"),
  ...issued("token_exchange"),
  "obo.client_auth": { nothing: "the whole stage is refused but on the enterprise build (AF0854)" },
  ...issued("obo"),
  "xaa.idp_client_auth": {
    refused: "AF1611",
    by: ["    target_token_url", "    idp_client_auth = post\n    target_token_url"],
  },
  "xaa.target_client_auth": {
    refused: "AF1611",
    by: ["    target_token_url", "    target_client_auth = post\n    target_token_url"],
  },
  ...issued("xaa"),
  ...wholly("jwt_bearer", ["subject", "token_url", "client_id", "client_secret", "client_auth", "resource", "scopes"]),
  ...wholly("jwt_bearer", ["issued", "issued.format", "issued.issuer"]),
  ...wholly("client_credentials", ["token_url", "client_id", "client_secret", "client_auth", "audience", "resource"]),
  ...wholly("client_credentials", ["scopes", "issued", "issued.format", "issued.issuer"]),
}
