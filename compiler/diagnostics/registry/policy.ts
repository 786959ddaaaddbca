/**
 * AF130x, AF131x: policies, limits, webhooks, headers that are sent along, telemetry.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed, SOUND } from "./example.ts"
import { didYouMean } from "./names.ts"

const EXCHANGE = SOUND.slice(SOUND.indexOf("  exchange"), SOUND.indexOf("  forward"))
const AWS = '  forward "https://aws-mcp.us-east-1.api.aws/mcp"\n'
const HEADER = '  inject header { name = "X-Api-Key", value = secret("orders", key: "api-key") }\n'

/** A sound file whose flow decides who may do what before the upstream is shown anything. */
const deciding = (stage: string, forward = '  forward "https://orders.example.net/mcp"\n'): string =>
  SOUND.replace(EXCHANGE, () => `${stage}${HEADER}`).replace(AWS, () => forward)

const cedar = (policy: string, more = ""): string =>
  deciding(`  authorize cedar {
    policies = [
      "${policy}",
    ]${more}
  }
`)

const TOOLS = "permit(principal, action == Action::'call_tool', resource);"
const POLICY = cedar(TOOLS)
const LIMIT = deciding("  limit tool_calls { per_user = { calls: 60, per: 1m } }\n")
const HOOK = deciding('  validate "https://hooks.example.com/check" { tls = { ca: secret("hooks", key: "ca.crt") } }\n')
const SENT = deciding("", '  forward "https://orders.example.net/mcp" { headers = { "X-Tenant": "acme" } }\n')

const telemetry = (otlp: string): string => `${SOUND}\ndeploy toolhive { telemetry = ${otlp} }\n`
const OTLP = telemetry('{ otlp: { endpoint: "otel.example.com:4318", traces: on } }')

export const policy = {
  AF1301: entry<{ readonly reason: string }>({
    severity: "error",
    title: "This is no Cedar policy",
    message: ({ reason }) => `this is no Cedar policy: ${reason}`,
    explanation:
      "Policies are in the language of Cedar. One that it does not read keeps the proxy from starting, or refuses everybody.",
    remedy:
      "Write `permit(principal, action == Action::'call_tool', resource);`, with conditions in `when { … }` behind it.",
    example: changed([["permit(principal,", "permit(caller,"]], [], POLICY),
  }),
  AF1302: entry<{ readonly count: number }>({
    severity: "error",
    title: "A string holds one policy",
    message: ({ count }) =>
      count === 0 ? "there is no policy in this string" : `there are ${count} policies in this string`,
    explanation:
      "Each string of the list is one policy, so that messages and logs can say which. Of several in one string, the engine takes the first or none.",
    remedy: "Give each policy a string of its own.",
    example: changed([[TOOLS, TOOLS.repeat(2)]], [], POLICY),
  }),
  AF1303: entry<{
    readonly found: string
    readonly why: string
    readonly meant: string | undefined
  }>({
    severity: "error",
    title: "No request has this",
    message: ({ found, why, meant }) => `no request has \`${found}\`: ${why}${didYouMean(meant)}`,
    explanation:
      "A policy is asked of requests that look one way: callers, actions, tools, claims and arguments have names of their own. What compares with another name never applies, and what reads an attribute that is not there refuses everybody.",
    remedy: "Use the names that requests have; `docs/stages.md` lists them at `authorize cedar`.",
    example: changed([["call_tool", "tools/call"]], [], POLICY),
  }),
  AF1304: entry({
    severity: "error",
    title: "Nothing is permitted",
    message: () => "no policy permits anything, so every call is refused",
    explanation: "Cedar refuses what no policy permits. `forbid` only takes away from what another policy permits.",
    remedy: "Add a policy that permits: `permit(principal, action, resource);` for everything that is not forbidden.",
    example: changed([["permit(", "forbid("]], [], POLICY),
  }),
  AF1305: entry<{ readonly attribute: string; readonly has: string }>({
    severity: "warning",
    title: "A caller without the claim is refused everything",
    message: ({ attribute, has }) =>
      `a caller whose token lacks it is refused whatever other policies say: ask \`${has}\` before \`${attribute}\``,
    explanation:
      "Reading an attribute that is not there is an error, and with an error in any policy the call is refused, also one that another policy permits.",
    remedy: "Put `principal has claim_… &&` in front of what reads it.",
    example: changed(
      [["principal has claim_email && ", ""]],
      [],
      cedar(
        "permit(principal, action, resource) when { principal has claim_email && principal.claim_email like '*@example.com' };",
      ),
    ),
  }),
  AF1306: entry<{ readonly token: string; readonly type: string }>({
    severity: "error",
    title: "There is no claim to read groups from",
    message: ({ token, type }) => `\`${token}\` is not known to list groups, so nobody is in a \`${type}\``,
    explanation:
      "Groups are read from the claim that `groups` names, or from `groups`, `roles` or `cognito:groups`. When the token holds none of them, a policy on groups never applies.",
    remedy: "Declare the claim where the token comes from, and name it with `groups` if it has another name.",
    example: changed(
      [
        ["  id_token      = { claims: { groups: strings } }\n", ""],
        ["  claims = { groups: corp.id_token.groups }\n", ""],
      ],
      [],
      cedar("permit(principal in THVGroup::'admins', action, resource);"),
    ),
  }),
  AF1307: entry<{ readonly claim: string; readonly type: string }>({
    severity: "error",
    title: "This claim is no list",
    message: ({ claim, type }) => `\`${claim}\` is a ${type} and lists no groups`,
    explanation: "Groups and roles are read from a list of strings. Any other claim is taken for none at all.",
    remedy: "Name a claim that is declared as `strings`.",
    example: changed([['"groups"', '"email"']], [], cedar(TOOLS, '\n    groups = "groups"')),
  }),
  AF1308: entry<{ readonly token: string }>({
    severity: "error",
    title: "Nobody can read this token",
    message: ({ token }) => `\`${token}\` is opaque: policies cannot see its claims`,
    explanation: "An opaque token says nothing to anybody but its issuer.",
    remedy:
      "Let the policies see the caller's own token (leave `token` out), or say that the access tokens are JWTs: `access_token = { format: jwt }`.",
    example: changed(
      [["\n    token = corp.access_token", "\n    token = corp.access_token"]],
      [["\n    token = corp.access_token", ""]],
      cedar(TOOLS, "\n    token = corp.access_token"),
    ),
  }),
  AF1309: entry({
    severity: "error",
    title: "This is no entity",
    message: () => "an entity has a `uid` with a `type` and an `id`",
    explanation:
      "Cedar knows an entity by its type and its identifier. Without them it is not read, and nobody starts.",
    remedy: 'Write `{ uid: { type: "Team", id: "admins" }, attrs: {}, parents: [] }`.',
    example: changed(
      [['uid: { type: "Team", id: "a" }', 'id: "a"']],
      [],
      cedar(TOOLS, '\n    entities = [{ uid: { type: "Team", id: "a" }, attrs: {}, parents: [] }]'),
    ),
  }),
  AF1310: entry<{ readonly what: string }>({
    severity: "warning",
    title: "Whoever answers is believed",
    message: ({ what }) => `the certificate of ${what} is not verified: whoever answers in its place decides`,
    explanation: "Without verification, TLS keeps nobody from answering in another's name.",
    remedy: "Give the authority that signed the certificate, or leave it to the system's.",
    example: changed([["{ ca: ", "{ verify: off, ca: "]], [], HOOK),
  }),
  AF1311: entry<{ readonly what: string }>({
    severity: "error",
    title: "Nothing is limited",
    message: ({ what }) => `${what} says no limit: \`shared\` or \`per_user\` is needed`,
    explanation: "A limit is a number of calls in a time, for all callers together or for each of them.",
    remedy: "Write `per_user = { calls: 60, per: 1m }`, or leave the stage out.",
    example: changed([[" { per_user = { calls: 60, per: 1m } }", ""]], [], LIMIT),
  }),
  AF1312: entry<{ readonly said: string; readonly missing: string }>({
    severity: "error",
    title: "A certificate goes with its key",
    message: ({ said, missing }) => `\`${said}\` is of no use without \`${missing}\``,
    explanation: "ToolHive shows no certificate when the key is missing, and does not say so.",
    remedy: "Give both, or neither.",
    example: changed([["{ ca: ", '{ client_cert: secret("hooks", key: "tls.crt"), ca: ']], [], HOOK),
  }),
  AF1313: entry<{ readonly header: string; readonly other: string }>({
    severity: "error",
    title: "A header is there twice",
    message: ({ header, other }) => `\`${header}\` is \`${other}\` in other letters`,
    explanation: "Names of headers are the same in capitals and small letters. One of the two values would be lost.",
    remedy: "Keep one.",
    example: changed([['"X-Tenant": "acme"', '"X-Tenant": "acme", "x-tenant": "other"']], [], SENT),
  }),
  AF1314: entry<{ readonly stage: string; readonly made: string }>({
    severity: "error",
    title: "This comes too late",
    message: ({ stage, made }) => `\`${stage}\` has to stand before what the upstream is shown is made: ${made}`,
    explanation:
      "Whether a caller may do something is decided before anything is exchanged or signed for it. A webhook that changes a signed request breaks the signature.",
    remedy: "Move the stage up, next to `identify`.",
    example: {
      good: LIMIT,
      bad: LIMIT.replace(/( {2}limit.*\n)( {2}inject.*\n)/, (_, limit: string, inject: string) => inject + limit),
    },
  }),
  AF1315: entry<{ readonly header: string }>({
    severity: "error",
    title: "The header would destroy the signature",
    message: ({ header }) => `\`${header}\` is a part of the signature; setting it would make AWS refuse every request`,
    explanation:
      "The signature is in `Authorization` and covers the headers `X-Amz-…`. ToolHive sets headers that are sent along after it has signed.",
    remedy: "Leave the header out.",
    example: changed(
      [[AWS, AWS.replace("\n", ' { headers = { "X-Amz-Date": "today" } }\n')]],
      [[AWS, AWS.replace("\n", ' { headers = { "X-Tenant": "acme" } }\n')]],
      SOUND,
    ),
  }),
  AF1316: entry<{ readonly header: string }>({
    severity: "error",
    title: "The header would replace the credential",
    message: ({ header }) => `\`${header}\` holds what the upstream is shown already; this would replace it`,
    explanation: "Headers that are sent along are set last. The credential that the flow made would never arrive.",
    remedy: "Leave the header out, or the stage that makes the credential.",
    example: changed([['"X-Tenant": "acme"', '"X-Api-Key": "acme"']], [], SENT),
  }),
  AF1317: entry({
    severity: "error",
    title: "Telemetry that says nothing",
    message: () => "`telemetry` says neither what is told nor the name of an object that does",
    explanation: "Nothing would be sent or served.",
    remedy: "Add `otlp` or `prometheus`, or the `name` of a MCPTelemetryConfig.",
    example: changed(
      [['{ otlp: { endpoint: "otel.example.com:4318", traces: on } }', '{ service: "orders" }']],
      [],
      OTLP,
    ),
  }),
  AF1318: entry({
    severity: "error",
    title: "Nothing is sent to the collector",
    message: () => "neither `traces` nor `metrics` are on, so nothing is sent there",
    explanation: "ToolHive refuses an endpoint that nothing is sent to, and only when the object is there already.",
    remedy: "Turn `traces` or `metrics` on.",
    example: changed([[", traces: on", ""]], [], OTLP),
  }),
  AF1319: entry({
    severity: "error",
    title: "A signature needs a host that is known",
    message: () => "a container that is started here has no address of AWS's, and a signature covers the host",
    explanation:
      "A signed request is for one host. What is run beside the proxy is at an address of the cluster's own, which AWS would never see; ToolHive does not start with both.",
    remedy: "Let the flow end in `forward` to AWS's own address, or show the container something else.",
    example: changed([[AWS, '  run "ghcr.io/example/server:1.0.0"\n']], [], SOUND),
  }),
} as const
