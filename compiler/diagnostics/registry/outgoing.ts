/**
 * AF12xx: what the upstream is shown: exchanged tokens, injected ones, headers.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"

const EXCHANGE = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  forward"))
const FORWARD = '  forward "https://aws-mcp.us-east-1.api.aws/mcp"\n'

/** A sound file whose flow shows its upstream something else than a signature. */
const shown = (stage: string, forward = '  forward "https://orders.example.net/mcp"\n'): string =>
  SOUND.replace(EXCHANGE, () => stage).replace(FORWARD, () => forward)

const HEADER = '  inject header { name = "X-Api-Key", value = secret("orders", key: "api-key") }\n'

const RFC8693 = `  exchange token_exchange {
    subject   = corp.id_token
    token_url = "https://idp.example.com/oauth/token"
    audience  = "orders"
    client_id = "mcp-gateway"
  }
`

const OBO = `  exchange obo {
    subject       = corp.access_token
    tenant        = "example.onmicrosoft.com"
    client_id     = "mcp-gateway"
    client_secret = secret("corp-idp", key: "client-secret")
    scopes        = ["api://orders/.default"]
  }
`

const XAA = `  exchange xaa {
    subject          = corp.id_token
    idp_token_url    = "https://idp.example.com/oauth/token"
    idp_client_id    = "mcp-gateway"
    target_token_url = "https://auth.example.net/oauth/token"
    audience         = "https://auth.example.net"
  }
`

const TOKEN = "  inject token { token = corp.access_token }\n"

export const outgoing = {
  AF1201: entry<{ readonly header: string; readonly why: string }>({
    severity: "error",
    title: "No header for a credential",
    message: ({ header, why }) => `\`${header}\` cannot carry a credential: ${why}`,
    explanation:
      "Some headers say what a request is, where it goes, how long it is or who sent it. Setting one of them would make another request of it, or be undone on the way.",
    remedy: 'Use the header the upstream documents, such as "X-Api-Key" or "Authorization".',
    example: changed([["X-Api-Key", "Host"]], [], shown(HEADER)),
  }),
  AF1202: entry<{ readonly token: string }>({
    severity: "error",
    title: "The caller's own token is passed on",
    message: ({ token }) =>
      `\`${token}\` is the token the caller came with: passing it on lets the upstream call us as them`,
    explanation:
      "The caller's token is for this flow. An upstream that gets it can use it here, in the caller's name; the MCP specification forbids passing it on (token passthrough).",
    remedy:
      "Exchange it for one of the upstream's own (`exchange token_exchange`), or show a token of a login. If the upstream is a part of the same service and is meant to have it, say `passthrough = allowed`.",
    example: changed([["corp.access_token", "gate.access_token"]], [], shown(TOKEN)),
  }),
  AF1203: entry<{ readonly token: string }>({
    severity: "error",
    title: "An ID token is no credential for an upstream",
    message: ({ token }) =>
      `\`${token}\` is an ID token: it tells us who logged in, and is no credential for an upstream`,
    explanation:
      "An ID token is for the client the person logged in at (OpenID Connect Core section 2). An upstream that takes one takes every token of every client of that provider.",
    remedy: "Show the access token, or exchange the ID token: `exchange token_exchange` or `exchange xaa`.",
    example: changed([["corp.access_token", "corp.id_token"]], [], shown(TOKEN)),
  }),
  AF1204: entry<{ readonly token: string }>({
    severity: "error",
    title: "Cross-application access begins with an ID token",
    message: ({ token }) => `\`${token}\` is no ID token, and \`exchange xaa\` begins with one`,
    explanation:
      "The identity provider gives the ID-JAG for an identity assertion: the ID token of the person's login. It does not take an access token for it.",
    remedy: "Name the ID token of a login, such as `corp.id_token`.",
    example: changed([["subject          = corp.id_token", "subject = corp.access_token"]], [], shown(XAA)),
  }),
  AF1205: entry<{ readonly token: string; readonly said: string; readonly format: string }>({
    severity: "error",
    title: "The subject is of another type",
    message: ({ token, said, format }) =>
      `\`${token}\` is ${said === "jwt" ? `${format}, not a JWT that others can read` : `no ${said}`}`,
    explanation:
      "The token endpoint reads the subject as what it is told it is (RFC 8693 section 3), and refuses it where that is wrong.",
    remedy: "Leave `subject_token_type` out: the token's own kind is said then.",
    example: changed([['oauth/token"\n', 'oauth/token"\n    subject_token_type = access_token\n']], [], shown(RFC8693)),
  }),
  AF1206: entry<{ readonly token: string; readonly issuer: string; readonly host: string }>({
    severity: "warning",
    title: "An opaque token is shown to somebody else",
    message: ({ token, issuer, host }) =>
      `\`${token}\` is opaque, and ${host} can read it only where it asks ${issuer}`,
    explanation:
      "Nobody but the issuer can read an opaque token. A token endpoint on another host has to ask the issuer what it is worth, or refuses it.",
    remedy:
      "If the provider's access tokens are JWTs, say so: `access_token = { format: jwt, audience: … }`. Else exchange the ID token.",
    example: changed(
      [
        ["corp.id_token\n    token_url", "corp.access_token\n    token_url"],
        ["https://idp.example.com/oauth", "https://sts.example.net/oauth"],
      ],
      [],
      shown(RFC8693),
    ),
  }),
  AF1207: entry<{ readonly token: string }>({
    severity: "error",
    title: "On-behalf-of begins with an access token",
    message: ({ token }) => `\`${token}\` is no access token, and Entra takes only one for on-behalf-of`,
    explanation:
      "The assertion of Entra's on-behalf-of flow is the access token with which the person came to us. Entra refuses ID tokens (AADSTS50013 and its like).",
    remedy: "Name the access token, such as `entra.access_token`.",
    example: changed([["corp.access_token", "corp.id_token"]], [], shown(OBO)),
  }),
  AF1208: entry<{ readonly token: string; readonly audience: string; readonly client: string }>({
    severity: "error",
    title: "The token is not for this application",
    message: ({ token, audience, client }) =>
      `\`${token}\` is for \`${audience}\`, and only \`${client}\` may exchange tokens that are for itself`,
    explanation:
      "In the on-behalf-of flow the audience of the assertion has to be the application that shows it: its ID, or `api://` and its ID. Entra refuses every other one (AADSTS50013).",
    remedy:
      "Ask at login for a scope of this application, and say its audience at the provider; or name the application the tokens are for.",
    example: changed(
      [["  id_token      =", '  access_token  = { format: jwt, audience: "another" }\n  id_token      =']],
      [["  id_token      =", '  access_token  = { format: jwt, audience: "api://mcp-gateway" }\n  id_token      =']],
      shown(OBO),
    ),
  }),
  AF1209: entry<{ readonly both: boolean }>({
    severity: "error",
    title: "On-behalf-of wants one target",
    message: ({ both }) =>
      both
        ? "`scopes` name the service already; the `audience` beside them would be ignored"
        : "which service the new token is for is not said: `scopes` or `audience`",
    explanation:
      "Entra finds the service in the scopes. Without any, the audience's default scope is asked for; beside scopes, an audience has no effect.",
    remedy: 'Say one of them: `scopes = ["api://orders/.default"]` or `audience = "api://orders"`.',
    example: changed(
      [["    scopes        =", '    audience      = "api://stock"\n    scopes        =']],
      [['    scopes        = ["api://orders/.default"]\n', '    audience      = "api://orders"\n']],
      shown(OBO),
    ),
  }),
  AF1210: entry<{ readonly client: string; readonly audience: string; readonly token: string }>({
    severity: "error",
    title: "The ID token was issued to another client",
    message: ({ client, audience, token }) => `\`${token}\` was issued to \`${audience}\`, and \`${client}\` shows it`,
    explanation:
      "The identity provider gives the ID-JAG only to the client that the ID token was issued to: else everybody who finds an ID token could use it.",
    remedy: "Use the client identifier of the provider people log in at.",
    example: changed([['idp_client_id    = "mcp-gateway"', 'idp_client_id    = "another"']], [], shown(XAA)),
  }),
  AF1211: entry<{ readonly host: string; readonly audience: string }>({
    severity: "warning",
    title: "The token is for another host",
    message: ({ host, audience }) => `the token is for \`${audience}\`, and is sent to \`${host}\``,
    explanation:
      "A resource that checks the audience of its tokens, as it must, refuses one that is for somebody else. Where the audience is only a name that looks like an address, all is well.",
    remedy: "Ask for a token of the upstream, or forward to the host the token is for.",
    example: changed(
      [['audience  = "orders"', 'audience  = "https://stock.example.net"']],
      [['audience  = "orders"', 'audience  = "https://orders.example.net"']],
      shown(RFC8693),
    ),
  }),
  AF1212: entry<{ readonly stage: string; readonly made: string }>({
    severity: "error",
    title: "The credential is made already",
    message: ({ stage, made }) => `\`${stage}\` comes when what the upstream is shown is made already: ${made}`,
    explanation: "A flow shows its upstream one credential. A second one would replace the first, or travel beside it.",
    remedy: "Keep the one the upstream asks for.",
    example: changed([["  inject header", "  inject none\n  inject header"]], [], shown(HEADER)),
  }),
  AF1213: entry<{ readonly token: string }>({
    severity: "error",
    title: "Nothing is passed through",
    message: ({ token }) => `\`${token}\` is a token of a login, not the caller's own: there is nothing to allow`,
    explanation:
      "`passthrough = allowed` is for the token the caller came with. Where it has no effect, it would only mislead.",
    remedy: "Leave `passthrough` out.",
    example: changed([["corp.access_token }", "corp.access_token, passthrough = allowed }"]], [], shown(TOKEN)),
  }),
} as const
