/**
 * The files that the AF08xx examples are made of: one flow that ToolHive runs, with one thing changed.
 *
 * @module
 */

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

/** An example whose `bad` file differs from the good one by these replacements, in order. */
export const changed = (...changes: readonly (readonly [from: string, to: string])[]) => ({
  target: "toolhive" as const,
  good: RUNS,
  bad: changes.reduce((text, [from, to]) => text.replaceAll(from, to), RUNS),
})

/** An example whose `bad` file is the good one with more after its end. */
export const followed = (text: string) => ({ target: "toolhive" as const, good: RUNS, bad: `${RUNS}\n${text}` })
