/**
 * The file that the examples of logins are a change of: people log in at an OAuth 2.0 provider.
 *
 * @module
 */
import type { Example } from "./entry.ts"
import { changed as change } from "./example.ts"

/** A whole file without an error or warning, of which ToolHive runs everything too. */
const GITHUB = `provider github = oauth2 {
  authorization_endpoint = "https://github.com/login/oauth/authorize"
  token_endpoint         = "https://github.com/login/oauth/access_token"
  client_id              = "Iv1.0123456789abcdef"
  client_secret          = secret("github", key: "client-secret")
  scopes                 = ["read:user", "user:email"]
  userinfo               = { endpoint: "https://api.github.com/user", subject: ["id"], name: ["name", "login"] }
}

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

/** What authflow's own runtime shows the upstream, instead of the person's token. */
export const SHOWS_AWS = [
  "  inject token { token = github.access_token }\n",
  `  exchange aws.sts {
    subject = gate.access_token
    region  = "us-east-1"
    role    = match claims.email {
      ends_with "@example.com" => "arn:aws:iam::123456789012:role/mcp-reader"
      else                     => deny
    }
    session = { name: claims.sub }
  }
  sign aws.sigv4 { service = "aws-mcp" }
`,
] as const

type Change = readonly [from: string, to: string]

export const login = (bad: readonly Change[], good: readonly Change[] = []): Example => change(bad, good, GITHUB)

/** An example that only a target refuses. */
export const refusedBy = (target: "plan" | "toolhive", bad: readonly Change[], good: readonly Change[]): Example => ({
  ...login(bad, good),
  target,
})
