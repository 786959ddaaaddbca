/**
 * AF16xx: exchanges, and chains of several.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"
import { outgoing as toolhiveExample } from "./toolhive-example.ts"

const EXCHANGE = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  forward"))
const FORWARD = '  forward "https://aws-mcp.us-east-1.api.aws/mcp"\n'

/** A sound file whose flow exchanges as the stages say. */
const through = (stages: string, forward = '  forward "https://orders.example.net/mcp"\n'): string =>
  SOUND.replace(EXCHANGE, () => stages).replace(FORWARD, () => forward)

const FIRST = `  exchange token_exchange {
    subject   = corp.id_token
    token_url = "https://idp.example.com/oauth/token"
    audience  = "https://sts.example.net"
    issued    = { format: jwt, issuer: "https://idp.example.com/exchanged" }
  }
`

const SECOND = `  exchange token_exchange {
    subject   = exchanged
    token_url = "https://sts.example.net/token"
    audience  = "https://orders.example.net"
  }
`

/** Two exchanges in a row. */
const TWICE = through(`${FIRST}${SECOND}`)

/** The exchanged token is what AWS is shown. */
const FOR_AWS = SOUND.replace("  exchange aws.sts", () => `${FIRST}  exchange aws.sts`).replace(
  "    subject = corp.id_token\n    region",
  () => "    subject = exchanged\n    region",
)

const JWT_BEARER = through(`  exchange jwt_bearer {
    subject   = corp.id_token
    token_url = "https://auth.example.net/oauth/token"
    client_id = "mcp-gateway"
  }
`)

export const exchanges = {
  AF1601: entry({
    severity: "error",
    title: "No token was made before",
    message: () => "`exchanged` is the token of the stage before this one, and that one makes none",
    explanation:
      "In a chain of exchanges each stage can be shown the token that the one right before it made. The first exchange of a flow begins with a token of the caller.",
    remedy: "Name a token of the caller, such as `corp.access_token`, or put an exchange before this stage.",
    example: changed([["    subject   = corp.id_token", "    subject   = exchanged"]], [], TWICE),
  }),
  AF1602: entry<{ readonly subject: string | undefined }>({
    severity: "error",
    title: "A token is made and not used",
    message: ({ subject }) =>
      `the stage before makes a token, and this one begins with ${subject === undefined ? "none" : `\`${subject}\``}`,
    explanation:
      "A flow is a chain: what a stage makes is what the next one takes. A token that nobody takes costs a request to somebody else's server and shows the person's login there for nothing.",
    remedy: "Write `subject = exchanged`, or take the stage before out.",
    example: changed([["subject   = exchanged", "subject   = corp.id_token"]], [], TWICE),
  }),
  AF1603: entry<{ readonly stage: string }>({
    severity: "error",
    title: "The exchanged token cannot be verified by others",
    message: ({ stage }) => `\`exchange ${stage}\` is to verify the exchanged token, and nothing says that it is a JWT`,
    explanation:
      "AWS and Google verify a token by its issuer's published keys. What an exchange gives is taken to be opaque unless the file says what it is.",
    remedy: 'Say it at the exchange that makes the token: `issued = { format: jwt, issuer: "https://…" }`.',
    example: changed([["format: jwt, issuer", "issuer"]], [], FOR_AWS),
  }),
  AF1604: entry({
    severity: "error",
    title: "A token for nobody in particular",
    message: () => "who the new token is for is not said: `audience` or `resource`",
    explanation:
      "A token without an audience is good at every resource of its issuer: whoever is shown it can use it everywhere, in the person's name.",
    remedy: "Say `audience`, by the name the token endpoint knows, or `resource`, a URL; or both.",
    example: changed([['    audience  = "https://orders.example.net"\n', ""]], [], TWICE),
  }),
  AF1605: entry<{ readonly why: string }>({
    severity: "error",
    title: "Not a session policy",
    message: ({ why }) => `this is no session policy: ${why}`,
    explanation:
      "A session policy is a policy document of IAM: JSON with `Version` and `Statement`, of at most 2048 characters. AWS refuses every request whose policy is none.",
    remedy: "Write it as IAM shows it, on one line; for a long one, name managed policies in `policy_arns`.",
    example: changed(
      [["    region  =", '    policy  = "Allow"\n    region  =']],
      [["    region  =", '    policy  = "{ \\"Version\\": \\"2012-10-17\\", \\"Statement\\": [] }"\n    region  =']],
    ),
  }),
  AF1606: entry<{ readonly token: string }>({
    severity: "error",
    title: "The grant is no JWT",
    message: ({ token }) => `\`${token}\` is opaque, and a JWT bearer grant is a JWT`,
    explanation:
      "The authorization server that takes the grant verifies it by its issuer's keys (RFC 7523 section 3). It can make nothing of a token that only its issuer can read.",
    remedy: "Name an ID token, or say of the provider that its access tokens are JWTs.",
    example: changed([["subject   = corp.id_token", "subject   = corp.access_token"]], [], JWT_BEARER),
  }),
  AF1610: entry<{ readonly stage: string }>({
    severity: "error",
    title: "ToolHive has no such exchange",
    message: ({ stage }) => `ToolHive has nothing that does \`exchange ${stage}\``,
    explanation:
      "A MCPExternalAuthConfig is of one of nine types, and none of them is this one. Left out, requests would reach the upstream with another credential, or none.",
    remedy: "Run this flow with authflow's own runtime, or see whether the upstream takes `exchange token_exchange`.",
    example: toolhiveExample("credentials"),
  }),
  AF1611: entry<{ readonly field: string }>({
    severity: "error",
    title: "ToolHive's exchange has no place for this",
    message: ({ field }) => `ToolHive has no place for \`${field}\` of this exchange, and would do without`,
    explanation:
      "ToolHive's tokenExchange says audience, scopes and a client with a secret that is sent as HTTP Basic authentication does. Its awsSts says a role and a session. What else an exchange can say has no field there.",
    remedy: "Leave it out, if the token endpoint does without; or run this flow with authflow's own runtime.",
    example: toolhiveExample("exchange", [
      'audience  = "orders"',
      'audience  = "orders"\n    actor     = gate.access_token',
    ]),
  }),
  AF1612: entry({
    severity: "error",
    title: "ToolHive exchanges once",
    message: () => "ToolHive exchanges once on the way to an upstream, and this is a second time",
    explanation:
      "A MCPRemoteProxy or MCPServerEntry refers to one MCPExternalAuthConfig. Of two exchanges in a row only one would be done, and the upstream would be shown the wrong token.",
    remedy: "Run this flow with authflow's own runtime, or have the token endpoint give the upstream's token at once.",
    example: toolhiveExample("twice"),
  }),
} as const
