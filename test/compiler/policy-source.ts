/**
 * Flows that say all there is to say of who may call what, and how often.
 *
 * @module
 */

const PROVIDER = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
  access_token  = { format: jwt, claims: { groups: strings, teams: strings, tier: string, scp: string } }
}
`

const SERVER = `
server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}
`

/** A policy as a string of the language. */
export const policy = (text: string): string => JSON.stringify(text)

export const TOOLS = 'permit(principal, action == Action::"call_tool", resource == Tool::"search");'

/** A flow of callers of an outside issuer, whose `stages` decide who may what. */
export const policed = (
  stages: string,
  end = '  inject header { name = "X-Api-Key", value = secret("orders", key: "key") }\n  forward "https://orders.example.net/mcp"\n',
): string =>
  `${PROVIDER}
flow orders at "https://orders.example.com/mcp" {
  identify corp { audience = "orders-gateway" }
${stages}${end}}
`

export const cedar = (...policies: readonly string[]): string =>
  policed(`  authorize cedar {\n    policies = [${policies.map(policy).join(", ")}]\n  }\n`)

/** A container that ToolHive runs, with everything that can be said of one. */
export const CONTAINER = `${PROVIDER}${SERVER}
flow orders at "https://orders.example.com/mcp" {
  deploy toolhive {
    session_storage = { redis: "redis.mcp.svc:6379" }
    webhook_config  = "hooks"
    authz_config    = "rules"
    telemetry = {
      name: "otel"
      service: "orders"
      otlp: {
        endpoint: "otel.example.com:4318"
        insecure: false
        ca: { config_map: "otel-ca", key: "ca.crt" }
        headers: { "X-Tenant": "acme", "X-Api-Key": secret("otel", key: "api-key") }
        traces: on
        sampling: "0.1"
        metrics: on
        attributes: { "deployment.environment": "prod" }
        legacy_attributes: off
      }
      prometheus: on
    }
  }
  identify gate
  limit tool_calls {
    shared   = { calls: 1000, per: 1m }
    per_user = { calls: 60, per: 2m }
    tools    = { search: { per_user: { calls: 5, per: 10s } } }
  }
  mutate "https://hooks.example.com/change" {
    name       = "change"
    timeout    = 4s
    on_failure = pass
    hmac       = secret("change", key: "hmac")
    tls        = { ca: secret("change", key: "ca.crt"), client_cert: secret("change", key: "tls.crt"), client_key: secret("change", key: "tls.key"), verify: on }
  }
  validate "https://hooks.example.com/check" {
    name       = "check"
    timeout    = 5s
    on_failure = pass
    hmac       = secret("check", key: "hmac")
    tls        = { ca: secret("check", key: "ca.crt"), client_cert: secret("check", key: "tls.crt"), client_key: secret("check", key: "tls.key"), verify: on }
  }
  authorize cedar {
    token        = corp.access_token
    policies     = [${policy(TOOLS)}]
    groups       = "groups"
    roles        = "teams"
    group_type   = "Team"
    scope_claims = ["scp"]
    entities     = [{ uid: { type: "Team", id: "a" }, attrs: { big: true }, parents: [] }]
  }
  inject token { token = corp.access_token }
  run "ghcr.io/example/orders:1.0.0" {
    transport = streamable_http
    port      = 8080
    args      = ["--read-only", "--read-only"]
    env       = { LOG_LEVEL: "info", API_KEY: secret("orders", key: "api-key") }
  }
}
`

/** A container that speaks stdio. */
export const STDIO = CONTAINER.replace(
  "transport = streamable_http\n    port      = 8080",
  "transport = stdio\n    clients = sse",
).replace("inject token { token = corp.access_token }", "inject none")

const DECISION_POINT = `  authorize http {
    url     = "https://policy.example.com"
    timeout = 7s
    claims  = standard
    told    = [operation]
    verify  = on
  }
`

/** A policy decision point in front of a remote server. */
export const ASKING = policed(
  DECISION_POINT,
  `  exchange token_exchange { subject = corp.access_token, token_url = "https://idp.example.com/token", audience = "orders" }
  forward "https://orders.example.net/mcp" { headers = { "X-Tenant": "acme", "X-Region": secret("orders", key: "region") } }
`,
)

/** What is decided by an object that is kept elsewhere. */
export const ELSEWHERE = policed(
  '  authorize toolhive { config_map = "rules", key = "cedar.json", groups = "groups", roles = "teams", group_type = "Team" }\n',
)
export const REFERRED = policed('  authorize toolhive { config = "rules" }\n')
