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

/** An example whose server says more. */
export const serving = (bad: string, good: string): Example => {
  const saying = (fields: string) => RUNS.replace("  keys      =", () => `${fields}\n  keys      =`)
  return { target: "toolhive", good: saying(good), bad: saying(bad) }
}

/** An example that says something of where the flow runs; `good` is what the right one says, if anything. */
export const deployed = (bad: string, good?: string): Example => {
  const saying = (words: string) =>
    RUNS.replace("  identify gate", () => `  deploy toolhive { ${words} }\n\n  identify gate`)
  return { target: "toolhive", good: good === undefined ? RUNS : saying(good), bad: saying(bad) }
}

const STAGES = {
  exchange: `  exchange token_exchange {
    subject   = corp.access_token
    token_url = "https://idp.example.com/oauth/token"
    audience  = "orders"
  }
`,
  credentials: `  exchange client_credentials {
    token_url     = "https://idp.example.com/oauth/token"
    client_id     = "mcp-gateway"
    client_secret = secret("corp-idp", key: "client-secret")
  }
`,
  twice: `  exchange token_exchange {
    subject   = corp.access_token
    token_url = "https://idp.example.com/oauth/token"
    audience  = "stock"
  }
  exchange token_exchange {
    subject   = exchanged
    token_url = "https://idp.example.com/oauth/token"
    audience  = "orders"
  }
`,
  header: '  inject header { name = "X-Api-Key", value = secret("orders", key: "api-key") }\n',
  bearer: '  inject bearer { token = secret("orders", key: "token") }\n',
  token: "  inject token { token = corp.access_token }\n",
  obo: `  exchange obo {
    subject       = corp.access_token
    tenant        = "example.onmicrosoft.com"
    client_id     = "mcp-gateway"
    client_secret = secret("corp-idp", key: "client-secret")
    scopes        = ["api://orders/.default"]
  }
`,
  xaa: `  exchange xaa {
    subject          = corp.id_token
    idp_token_url    = "https://idp.example.com/oauth/token"
    idp_client_id    = "mcp-gateway"
    idp_client_secret = secret("corp-idp", key: "client-secret")
    target_token_url = "https://auth.example.net/oauth/token"
    audience         = "https://auth.example.net"
  }
`,
} as const

/** A flow that shows its upstream something else than a signature. */
const upstream = (stage: keyof typeof STAGES): string => `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

flow orders at "https://orders.example.com/mcp" {
  identify gate
${STAGES[stage]}  forward "https://orders.example.net/mcp"
}
`

/** An example that is a change of it; of a stage that ToolHive never runs, the flow as it is, and one that it does run. */
export const outgoing = (
  stage: keyof typeof STAGES,
  ...changes: readonly (readonly [from: string, to: string])[]
): Example => ({
  target: "toolhive",
  good: upstream(changes.length > 0 ? stage : "exchange"),
  bad: changes.reduce((text, [from, to]) => text.replace(from, () => to), upstream(stage)),
})

/** A flow whose upstream is a container that ToolHive runs; `stages` come behind `identify`. */
export const running = (stages: string, ...changes: readonly (readonly [from: string, to: string])[]): string =>
  changes.reduce(
    (text, [from, to]) => text.replace(from, () => to),
    upstream("token")
      .replace(
        'scopes        = ["openid", "email", "offline_access"]',
        (scopes) => `${scopes}
  access_token  = { format: jwt }`,
      )
      .replace("  identify gate\n", () => `  identify gate\n${stages}`)
      .replace(
        '  forward "https://orders.example.net/mcp"\n',
        () => '  run "ghcr.io/example/orders:1.0.0" { transport = streamable_http, port = 8080 }\n',
      ),
  )
