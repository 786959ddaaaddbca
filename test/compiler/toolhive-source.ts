/**
 * Sources for the ToolHive target's tests, and compiling them.
 *
 * @module
 */
import { analyze, registry } from "../../compiler/index.ts"
import type { Artifact } from "../../compiler/targets/target.ts"
import { toolhive } from "../../compiler/targets/toolhive/index.ts"

/** A flow behind an embedded authorization server, with every field that can be lowered. */
export const EMBEDDED = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
  id_token      = { claims: { groups: strings } }
  access_token  = { format: jwt, audience: "sts.amazonaws.com" }
}

provider corp_two = oidc {
  issuer    = "https://idp.example.org"
  client_id = "mcp-gateway"
  scopes    = ["openid"]
}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
  tokens    = { access: 1h, refresh: 7d, code: 5m }
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

flow aws_mcp at "https://mcp.example.com/mcp" {
  identify gate { scopes = ["openid", "email"] }
  exchange aws.sts {
    subject = corp.access_token
    region  = "us-east-1"
    role    = match claims.email {
      ends_with "@example.com" => "arn:aws:iam::123456789012:role/mcp-reader"
      else                     => deny
    }
    session = { name: claims.sub, duration: 1h }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://aws-mcp.us-east-1.api.aws/mcp"
}
`

/** A flow whose callers bring tokens of an outside issuer. */
export const OUTSIDE = `provider issuer = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt, claims: { groups: strings, email: string } }
}

flow aws_mcp at "https://mcp.example.com/mcp" {
  identify issuer { audience = "https://mcp.example.com/mcp", scopes = ["mcp:use"] }
  exchange aws.sts {
    subject = issuer.access_token
    region  = "us-east-1"
    role    = match claims.groups {
      contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"
      else              => deny
    }
    session = { name: claims.email, on_invalid: reject, duration: 1h }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://aws-mcp.us-east-1.api.aws/mcp"
}
`

/** Stages that show the upstream something else than a signature, with every field that can be lowered. */
export const SHOWN = {
  token_exchange: `  exchange token_exchange {
    subject       = corp.access_token
    token_url     = "https://idp.example.com/oauth/token"
    audience      = "orders"
    scopes        = ["orders:read"]
    client_id     = "exchanger"
    client_secret = secret("exchange", key: "client-secret")
  }
`,
  obo: `  exchange obo {
    subject       = corp.access_token
    tenant        = "example.onmicrosoft.com"
    client_id     = "exchanger"
    client_secret = secret("exchange", key: "client-secret")
    scopes        = ["api://orders/.default"]
  }
`,
  xaa: `  exchange xaa {
    subject          = corp.id_token
    idp_token_url    = "https://idp.example.com/oauth/token"
    idp_client_id    = "mcp-gateway"
    idp_client_secret = secret("at-idp", key: "secret")
    target_token_url = "https://auth.example.net/oauth/token"
    audience         = "https://auth.example.net"
    resource         = "https://orders.example.net/mcp"
    target_client_id = "exchanger"
    target_client_secret = secret("at-target", key: "secret")
    scopes           = ["orders:read"]
  }
`,
  "inject.bearer": '  inject bearer { token = secret("orders", key: "token") }\n',
  "inject.header": '  inject header { name = "X-Api-Key", value = secret("orders", key: "api-key") }\n',
  "inject.token": "  inject token { token = corp.access_token }\n",
  "inject.none": "  inject none\n",
} as const
export type Shown = keyof typeof SHOWN
export const shownKinds = Object.keys(SHOWN) as readonly Shown[]

const SECOND = `
provider corp_two = oidc {
  issuer       = "https://idp.example.org"
  client_id    = "mcp-gateway"
  scopes       = ["openid"]
  access_token = { format: jwt, audience: "sts.amazonaws.com" }
}
`

/** A flow behind an embedded server, of the people of one login or two, that shows its upstream what the stages make. */
export const behind = (stages: string, logins: readonly string[] = ["corp"]): string => `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
}
${logins.includes("corp_two") ? SECOND : ""}
server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [${logins.join(", ")}]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

flow orders at "https://orders.example.com/mcp" {
  identify gate
${stages}  forward "https://orders.example.net/mcp"
}
`

/** A flow whose callers bring tokens of an outside issuer, that shows its upstream what the stages make. */
export const outside = (stages: string): string => `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt }
}

flow orders at "https://orders.example.com/mcp" {
  identify corp { audience = "orders-gateway" }
${stages}  forward "https://orders.example.net/mcp"
}
`

interface Compiled {
  readonly text: string
  readonly artifacts: readonly Artifact[]
  /** Codes of the errors, of the check or of the target. */
  readonly errors: readonly string[]
  /** Explanations and remedies of those. */
  readonly explanations: string
}

export const compileForToolHive = (text: string, uri = "test.authflow"): Compiled => {
  const { program, diagnostics } = analyze({ uri, text })
  const lowered = program ? toolhive.lower(program) : { artifacts: [], diagnostics: [] }
  const errors = [...diagnostics, ...lowered.diagnostics]
    .filter(({ severity }) => severity === "error")
    .map(({ code }) => code)
  const explanations = errors.map((code) => `${registry[code].explanation} ${registry[code].remedy}`).join("\n")
  return { text, artifacts: lowered.artifacts, errors, explanations }
}

/** A server that exchanges tokens, of its own and of an outside issuer. */
export const DELEGATING = EMBEDDED.replace(
  "  tokens ",
  () => `  delegates = { agent: { secret: secret("agent", key: "s"), scopes: ["mcp:use"], audiences: ["https://mcp.example.com/mcp"] } }
  trust = { "https://login.example.net": { audience: "https://mcp.example.com/mcp", delegates: ["agent"], actors: ["chat-ui"] } }
  tokens `,
)

/** A server that keeps its state in Redis, and says all there is to say of clients. */
const storing = (where: string) =>
  EMBEDDED.replace(
    "  tokens ",
    () => `  clients   = { registration: dynamic, metadata_documents: on, metadata_cache: { size: 64, lifetime: 1m }, confidential: on, confidential_redirects: ["https://app.example.com/callback"] }
  authorization_base = "https://login.example.org"
  storage   = {
    ${where}
    username: secret("redis", key: "username")
    password: secret("redis", key: "password")
    tls:      { ca: secret("redis-ca", key: "ca.crt"), verify: true }
    timeouts: { dial: 6s, read: 4s, write: 4s }
  }
  tokens `,
  )

export const STORED = storing('redis: "redis.mcp.svc:6379"\n    cluster: true')
export const WATCHED = storing(
  `sentinel: { master: "mymaster", service: { name: "sentinel", namespace: "redis", port: 26380 }, db: 3 }
    sentinel_tls: { ca: secret("sentinel-ca", key: "s.crt"), verify: true }`,
)
