/**
 * AF14xx: who calls: kinds of identity beside the authorization server, and what the targets make of them.
 *
 * @module
 */
import type { Example } from "./entry.ts"
import { entry } from "./entry.ts"
import { manifest } from "./import-example.ts"

/** A whole file with callers of this kind, whose upstream is shown a key of ours. */
const calling = (declared: string, identify: string, shown = SHOWN): string => `${declared}
flow orders at "https://orders.example.com/mcp" {
  identify ${identify}
${shown}  forward "https://orders.example.net/mcp"
}
`

const SHOWN = '  inject header { name = "X-Api-Key", value = secret("orders", key: "api-key") }\n'

const EXCHANGED = `  exchange token_exchange {
    subject   = corp.access_token
    token_url = "https://idp.example.com/oauth/token"
    audience  = "orders"
  }
`

const PROVIDERS = `provider corp = oidc {
  issuer       = "https://idp.example.com"
  access_token = { format: jwt }
}

provider partner = oidc {
  issuer       = "https://idp.example.org"
  access_token = { format: jwt }
}
`

const KEYS = `callers partners = api_keys {
  keys = [secret("partners", key: "api-keys")]
}
`

const INTROSPECTED = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  introspection = {
    url: "https://idp.example.com/oauth/introspect"
    client_id: "orders"
    client_secret: secret("corp-idp", key: "introspection")
  }
}
`

const WORKLOADS = `callers workloads = service_accounts {
  accounts = ["agents/runner"]
}
`

/** An example of callers; `good` is the same with one thing changed. */
const pair = (file: string, [good, bad]: readonly [string, string], more: Partial<Example> = {}): Example => ({
  ...more,
  good: file,
  bad: file.replace(good, () => bad),
})

const ANY_OF = calling(`${PROVIDERS}\ncallers staff = any_of { issuers = [corp, partner] }\n`, "staff")

export const callers = {
  AF1401: entry<{ readonly stage: string }>({
    severity: "error",
    title: "Nobody is known, and a person is needed",
    message: ({ stage }) => `\`${stage}\` needs to know who calls, and \`identify anonymous\` asks nobody`,
    explanation:
      "An exchange turns somebody's token or login into another credential. Of an anonymous caller there is neither.",
    remedy:
      "Identify the caller: by a server of ours, a provider's tokens, API keys or certificates. Or show the upstream what is the same for everybody: `inject header`, `inject bearer`, `inject none`.",
    example: {
      good: calling("", "anonymous"),
      bad: calling(PROVIDERS.slice(0, PROVIDERS.indexOf("provider partner")), "anonymous", EXCHANGED),
    },
  }),
  AF1402: entry<{ readonly provider: string }>({
    severity: "error",
    title: "A token is verified in one way",
    message: ({ provider }) => `access tokens of \`${provider}\` are JWTs: nobody is asked about them`,
    explanation:
      "A JWT is verified by its signature, and an opaque token by asking who issued it. With both said, it would be open which one counts when they disagree.",
    remedy: "Leave `introspection` out; or leave `format` out, and every token is asked about.",
    example: pair(calling(INTROSPECTED, "corp"), [
      "  introspection",
      "  access_token  = { format: jwt }\n  introspection",
    ]),
  }),
  AF1403: entry<{ readonly reason: string }>({
    severity: "error",
    title: "Not a reference to a config map",
    message: ({ reason }) => `this refers to no config map: ${reason}`,
    explanation: "A config map is referred to by its name and the key in it, as in Kubernetes.",
    remedy: 'Write `config_map("name", key: "key")`.',
    example: pair(
      calling(
        `${INTROSPECTED.replace("  introspection", '  ca            = config_map("corp-ca", key: "ca.crt")\n  introspection')}`,
        "corp",
      ),
      ['config_map("corp-ca", key: "ca.crt")', 'config_map("corp-ca")'],
    ),
  }),
  AF1404: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "A token does not say whose it is",
    message: ({ issuer }) => `access tokens of \`${issuer}\` are opaque, and nobody can tell whose they are`,
    explanation:
      "Among several issuers, a token's `iss` says which one it is of. An opaque token says nothing; it would have to be shown to each issuer in turn, also to those it is not of.",
    remedy:
      "If the provider's access tokens are JWTs, say so: `access_token = { format: jwt }`. Else give its callers a flow of their own.",
    example: pair(ANY_OF, ["  access_token = { format: jwt }\n", ""]),
  }),
  AF1405: entry<{ readonly issuer: string; readonly other: string; readonly url: string }>({
    severity: "error",
    title: "One issuer under two names",
    message: ({ issuer, other, url }) => `\`${issuer}\` and \`${other}\` are both ${url}`,
    explanation:
      "A token's `iss` says which issuer it is of. With two of one `iss`, it would be open how it is verified.",
    remedy: "Name one of them.",
    example: pair(ANY_OF, ["https://idp.example.org", "https://idp.example.com"]),
  }),
  AF1406: entry<{ readonly header: string }>({
    severity: "error",
    title: "No header for a key",
    message: ({ header }) => `\`${header}\` means something else, or is set by others on the way here`,
    explanation:
      "A key has to come through untouched, and must not be kept where it does not belong: proxies write some headers, browsers send others by themselves.",
    remedy: "Use `X-API-Key`, or `Authorization`.",
    example: pair(calling(KEYS.replace("  keys", '  header = "X-Partner-Key"\n  keys'), "partners"), [
      "X-Partner-Key",
      "Cookie",
    ]),
  }),
  AF1410: entry<{ readonly callers: string; readonly kind: string }>({
    severity: "error",
    title: "ToolHive does not know such callers",
    message: ({ callers, kind }) => `ToolHive has nothing for \`${kind}\`, so \`${callers}\` could not get in`,
    explanation:
      "A proxy of ToolHive's accepts tokens of one issuer, of the cluster it runs in, or everybody. It reads no API keys and no client certificates, and takes one MCPOIDCConfig.",
    remedy:
      "Run the flow with authflow's own runtime (`authflow run`), or identify by one provider's tokens. Several issuers are several flows.",
    example: {
      target: "toolhive",
      bad: calling(KEYS, "partners"),
      good: calling(PROVIDERS.slice(0, PROVIDERS.indexOf("provider partner")), "corp"),
    },
  }),
  AF1411: entry<{ readonly callers: string }>({
    severity: "error",
    title: "ToolHive would let in every service account",
    message: ({ callers }) =>
      `ToolHive does not look at the account: every one of the cluster would be among \`${callers}\``,
    explanation:
      "A MCPOIDCConfig has the fields `namespace` and `serviceAccount`, and nothing of ToolHive's reads them (cmd/thv-operator/pkg/oidc/resolver.go). More callers would get in than the file says.",
    remedy: "Leave `accounts` out and let the audience keep others away, or run the flow with authflow's own runtime.",
    example: pair(
      calling(WORKLOADS.replace('  accounts = ["agents/runner"]\n', ""), "workloads"),
      ["service_accounts {\n", 'service_accounts {\n  accounts = ["agents/runner"]\n'],
      { target: "toolhive" },
    ),
  }),
  AF1420: entry<{ readonly path: string; readonly object: string; readonly reason: string }>({
    severity: "error",
    title: "A field is left out on purpose",
    message: ({ path, object, reason }) => `\`${path}\` of ${object} is not carried: ${reason}`,
    explanation:
      "ToolHive has a field for it, and the language has none, because what it allows should not be, or is said in another way.",
    remedy: "Do as the message says; or keep this object as a manifest.",
    example: manifest([
      "    issuer: https://idp.example.com",
      "    issuer: https://idp.example.com\n    insecureAllowHTTP: true",
    ]),
  }),
} as const
