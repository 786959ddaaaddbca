/**
 * The file that most examples are a change of: one that is right.
 *
 * @module
 */
import type { Example } from "./entry.ts"

/** A whole file without an error or warning. */
export const SOUND = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email"]
  id_token      = { claims: { groups: strings } }
}

server gate = auth_server {
  issuer = "https://auth.example.com"
  login  = [corp]
  claims = { groups: corp.id_token.groups }
  keys   = [secret("gate-keys", key: "2026")]
}

flow aws at "https://mcp.example.com/mcp" {
  identify gate { scopes = ["mcp:use"] }
  exchange aws.sts {
    subject = corp.id_token
    region  = "us-east-1"
    role    = match claims.groups {
      contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"
      else              => deny
    }
    session = { name: claims.sub }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://aws-mcp.us-east-1.api.aws/mcp"
}
`

/** A whole file whose callers bring tokens of an outside issuer. */
export const OUTSIDE = `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt, claims: { groups: strings, email: string } }
}

flow aws at "https://mcp.example.com/mcp" {
  identify corp
  exchange aws.sts {
    subject = corp.access_token
    region  = "us-east-1"
    role    = match claims.groups {
      contains "admins" => "arn:aws:iam::123456789012:role/mcp-admin"
      else              => deny
    }
    session = { name: claims.sub, on_invalid: reject }
  }
  sign aws.sigv4 { service = "aws-mcp" }
  forward "https://aws-mcp.us-east-1.api.aws/mcp"
}
`

/** What is imported from: parameters and a provider. */
export const IDENTITY = `param domain: hostname = "example.com"

${SOUND.slice(0, SOUND.indexOf("server gate")).replace("idp.example.com", "idp.${domain}").trimEnd()}
`

/** A whole file that imports its provider from `identity.authflow`. */
export const IMPORTING = `import { corp } from "./identity.authflow"\n\n${SOUND.slice(SOUND.indexOf("server gate"))}`

type Change = readonly [from: string, to: string]

/** Replaces the first occurrence of each `from`; the tests find out where one does not occur. */
const change = (file: string, changes: readonly Change[]): string =>
  changes.reduce((text, [from, to]) => text.replace(from, () => to), file)

/** An example that is a change of a sound file; the good one is that file, or another change of it. */
export const changed = (bad: readonly Change[], good: readonly Change[] = [], file: string = SOUND): Example => ({
  bad: change(file, bad),
  good: change(file, good),
})
