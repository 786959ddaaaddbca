/**
 * What becomes of each field of an OAuth 2.0 provider on ToolHive, as in toolhive-fields.test.ts, each with the source it is in.
 */
const provider = (fields: string): string => `provider github = oauth2 {
  authorization_endpoint = "https://github.com/login/oauth/authorize"
  token_endpoint         = "https://github.com/login/oauth/access_token"
${fields}}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [github]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

flow tools at "https://tools.example.com/mcp" {
  identify gate
  inject token { token = github.access_token }
  forward "https://tools.example.net/mcp"
}
`

/** One that is asked who a person is. */
export const ASKED = provider(`  client_id              = "gateway"
  client_secret          = secret("github", key: "client-secret")
  scopes                 = ["read:user", "user:email"]
  userinfo               = { endpoint: "https://api.github.com/user", subject: ["id"], name: ["login"], email: ["email"] }
`)

/** One that says it beside the token, where we register ourselves. */
export const TOLD =
  provider(`  registration           = { endpoint: "https://github.com/register", initial_access_token: secret("hub", key: "token"), software_id: "gateway", software_statement: "e30.e30.c2ln" }
  identity_from_token    = { subject: "user.id", name: "user.name", email: "user.email" }
  token_response         = { access_token: "user.token", refresh_token: "user.refresh", expires_in: "user.lifetime", scope: "user.scope" }
`)

interface Based {
  readonly base: string
}

type Change = readonly [from: string, to: string]

const gone = { base: ASKED, nothing: "a block; its own fields are below" } as const
const fact = { base: ASKED, nothing: "a fact about the provider, which no engine is told" } as const
const asked = (...lowered: Change) => ({ base: ASKED, lowered }) as const
const told = (...lowered: Change) => ({ base: TOLD, lowered }) as const

export const loginFates: Readonly<
  Record<
    string,
    Based &
      ({ readonly lowered: Change } | { readonly refused: string; readonly by: Change } | { readonly nothing: string })
  >
> = {
  "oauth2.authorization_endpoint": asked("oauth/authorize", "oauth/elsewhere"),
  "oauth2.token_endpoint": asked("oauth/access_token", "oauth/elsewhere"),
  "oauth2.issuer": {
    base: ASKED,
    refused: "AF1458",
    by: ["  client_id ", '  issuer = "https://github.com/login/oauth"\n  client_id '],
  },
  "oauth2.client_id": asked('"gateway"', '"another"'),
  "oauth2.client_secret": asked('"github", key', '"another", key'),
  "oauth2.registration": gone,
  "oauth2.registration.discovery": told(
    'endpoint: "https://github.com/register"',
    'discovery: "https://github.com/metadata"',
  ),
  "oauth2.registration.endpoint": told("github.com/register", "github.com/elsewhere"),
  "oauth2.registration.initial_access_token": told('"hub", key', '"another", key'),
  "oauth2.registration.software_id": told('software_id: "gateway"', 'software_id: "another"'),
  "oauth2.registration.software_statement": told("e30.e30.c2ln", "e30.e30.b3RoZXI"),
  "oauth2.redirect_uri": asked("  client_id ", '  redirect_uri = "https://auth.example.com/elsewhere"\n  client_id '),
  "oauth2.scopes": asked('["read:user", "user:email"]', '["read:user"]'),
  "oauth2.authorization_params": asked("  client_id ", '  authorization_params = { prompt: "x" }\n  client_id '),
  "oauth2.userinfo": gone,
  "oauth2.userinfo.endpoint": asked("api.github.com/user", "api.github.com/elsewhere"),
  "oauth2.userinfo.method": asked('subject: ["id"]', 'method: post, subject: ["id"]'),
  "oauth2.userinfo.headers": asked('subject: ["id"]', 'headers: { Accept: "x" }, subject: ["id"]'),
  "oauth2.userinfo.subject": asked('["id"]', '["node_id"]'),
  "oauth2.userinfo.name": asked('name: ["login"]', 'name: ["name"]'),
  "oauth2.userinfo.email": asked('email: ["email"]', 'email: ["mail"]'),
  "oauth2.userinfo.claims": { ...fact, nothing: "a fact about the provider; what reads it is refused (AF0803)" },
  "oauth2.identity_from_token": gone,
  "oauth2.identity_from_token.subject": told('"user.id"', '"user.sub"'),
  "oauth2.identity_from_token.name": told('"user.name"', '"user.nick"'),
  "oauth2.identity_from_token.email": told('"user.email"', '"user.mail"'),
  "oauth2.token_response": gone,
  "oauth2.token_response.access_token": told('"user.token"', '"user.access"'),
  "oauth2.token_response.refresh_token": told('"user.refresh"', '"user.again"'),
  "oauth2.token_response.expires_in": told('"user.lifetime"', '"user.seconds"'),
  "oauth2.token_response.scope": told('"user.scope"', '"user.scopes"'),
  "oauth2.access_token": gone,
  "oauth2.access_token.format": fact,
  "oauth2.access_token.issuer": fact,
  "oauth2.access_token.audience": fact,
  "oauth2.access_token.claims": fact,
  "oauth2.private_network": asked("  client_id ", "  private_network = on\n  client_id "),
}
