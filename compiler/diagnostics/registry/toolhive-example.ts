/**
 * The files that the AF08xx examples are made of: one flow that ToolHive runs, with one thing changed.
 *
 * @module
 */

import type { Example } from "./entry.ts"
import { changed as change } from "./example.ts"

const RUNS = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
  access_token  = { format: jwt, audience: "sts.amazonaws.com" }
}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
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

/** An example that is a change of it. */
export const changed = (...changes: readonly (readonly [from: string, to: string])[]): Example => ({
  ...change(changes, [], RUNS),
  target: "toolhive",
})

/** An example that has more after its end. */
export const followed = (text: string): Example => ({ target: "toolhive", good: RUNS, bad: `${RUNS}\n${text}` })
