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
