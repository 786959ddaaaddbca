/**
 * AF133x: what the toolhive target refuses of policies, limits and webhooks, and of containers that it runs. What ToolHive would
 * have done is in each explanation.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { outgoing, running } from "./toolhive-example.ts"

const POLICY = '  authorize cedar { policies = ["permit(principal, action == Action::\\"call_tool\\", resource);"] }\n'
const DECIDE = POLICY.replace("{ ", "{ token = corp.access_token, ")
const LIMIT = "  limit tool_calls { shared = { calls: 100, per: 1m } }\n"
const ELSEWHERE =
  '  authorize toolhive { config_map = "rules", key = "cedar.json", groups = "groups", roles = "roles", group_type = "Team" }\n'
const STORE = '  deploy toolhive { session_storage = { redis: "redis.mcp.svc:6379" } }\n'
const CHANGE =
  '  mutate "https://hooks.example.com/change" { tls = { client_cert: secret("hooks", key: "tls.crt"), client_key: secret("hooks", key: "tls.key") } }\n'
const HOOK = '  validate "https://hooks.example.com/check"\n'
const IDENTIFY = "  identify gate\n"

export const toolhivePolicy = {
  AF1330: entry<{ readonly stage: string; readonly earlier: string }>({
    severity: "error",
    title: "ToolHive does this in another order",
    message: ({ stage, earlier }) => `ToolHive does \`${stage}\` before \`${earlier}\`, whatever the file says`,
    explanation:
      "The order in a ToolHive proxy is fixed: calls are counted, then changed by webhooks, then judged by webhooks, then by policies. Written in another order, the file would say what does not happen: a call that policies refuse would not count, for example.",
    remedy: "Write the stages in this order: `limit`, `mutate`, `validate`, `authorize`.",
    example: {
      target: "toolhive",
      good: outgoing("header", [IDENTIFY, `${IDENTIFY}${LIMIT}${POLICY}${STORE}`]).bad,
      bad: outgoing("header", [IDENTIFY, `${IDENTIFY}${POLICY}${LIMIT}${STORE}`]).bad,
    },
  }),
  AF1331: entry<{
    readonly stage: string
    readonly kind: string
    readonly why: string
  }>({
    severity: "error",
    title: "ToolHive has no place for this stage",
    message: ({ stage, kind, why }) => `a ${kind} has no place for \`${stage}\`: ${why}`,
    explanation:
      "ToolHive's kinds differ: a MCPServer runs a container and has everything, a MCPRemoteProxy has no limits and no webhooks, a VirtualMCPServer has no webhooks and asks no policy decision point. A field that a kind does not have is dropped without a word.",
    remedy:
      "Webhooks need a container that ToolHive runs (`run`). A policy decision point is asked before what a MCPServer or a MCPRemoteProxy can show its upstream.",
    example: {
      target: "toolhive",
      good: running(`${CHANGE}${HOOK}`),
      bad: outgoing("exchange", [IDENTIFY, `${IDENTIFY}${HOOK}`]).bad,
    },
  }),
  AF1332: entry<{ readonly asked: string; readonly shown: string }>({
    severity: "error",
    title: "ToolHive's policies see another token",
    message: ({ asked, shown }) => `ToolHive shows policies the claims of \`${shown}\`, not those of \`${asked}\``,
    explanation:
      "Behind its own authorization server ToolHive reads the claims for policies from the access token of a login, and from its own token only where that one is opaque. The principal is then the `sub` of that token. Policies on other claims would never apply, and refuse everybody.",
    remedy:
      "Say it in the file: `token = corp.access_token`. Without a server of its own, it is the token the caller brings.",
    example: {
      target: "toolhive",
      good: running(DECIDE),
      bad: running(POLICY),
    },
  }),
  AF1333: entry({
    severity: "error",
    title: "Calls are counted where all pods can see it",
    message: () => "ToolHive counts calls in Redis, and `session_storage` names none",
    explanation:
      "A limit that each pod counts for itself is as many limits as there are pods. The API server refuses limits without `sessionStorage` in Redis.",
    remedy: 'Add `deploy toolhive { session_storage = { redis: "redis.mcp.svc:6379" } }`.',
    example: {
      target: "toolhive",
      good: outgoing("header", [IDENTIFY, `${IDENTIFY}${LIMIT}${STORE}`]).bad,
      bad: outgoing("header", [IDENTIFY, `${IDENTIFY}${LIMIT}`]).bad,
    },
  }),
  AF1334: entry<{ readonly stage: string; readonly does: string }>({
    severity: "error",
    title: "A MCPServer does nothing of this",
    message: ({ stage, does }) => `\`${stage}\` has no effect on a container that ToolHive runs: ${does}`,
    explanation:
      "A MCPServer accepts every type of outgoing authentication and does nothing with most of them: headerInjection, upstreamInject and xaa are for backends of a VirtualMCPServer, bearerToken and awsSts are for a remote URL. The container would get another credential than the file says, or none.",
    remedy:
      "Exchange the token, show the login's token, or give the container its secrets with `env`. Nothing at all is shown to a container that speaks `stdio`.",
    example: {
      target: "toolhive",
      good: running(""),
      bad: running("", [
        "  inject token { token = corp.access_token }\n",
        '  inject bearer { token = secret("orders", key: "token") }\n',
      ]),
    },
  }),
  AF1335: entry<{ readonly replicas: number }>({
    severity: "error",
    title: "A container that speaks stdio is one",
    message: ({ replicas }) => `${replicas} replicas cannot share one container that speaks \`stdio\``,
    explanation: "Standard input and output belong to one proxy. ToolHive runs one replica, whatever is asked for.",
    remedy: "Leave `replicas` out, or take an image that speaks HTTP.",
    example: {
      target: "toolhive",
      good: running(
        ELSEWHERE,
        ["transport = streamable_http, port = 8080", "transport = stdio"],
        ["  inject token { token = corp.access_token }\n", "  inject none\n"],
      ),
      bad: running(
        '  deploy toolhive { replicas = 2, session_storage = { redis: "redis.mcp.svc:6379" } }\n',
        ["transport = streamable_http, port = 8080", "transport = stdio"],
        ["  inject token { token = corp.access_token }\n", "  inject none\n"],
        [
          "  login     = [corp]\n",
          '  login     = [corp]\n  storage   = { redis: "redis.mcp.svc:6379", password: secret("redis", key: "password") }\n',
        ],
      ),
    },
  }),
  AF1336: entry<{ readonly path: string; readonly served: string }>({
    severity: "error",
    title: "Nothing answers on this path",
    message: ({ path, served }) =>
      `the proxy of a container that speaks \`stdio\` answers on \`${served}\`, not on \`${path}\``,
    explanation:
      "In front of standard input and output ToolHive serves MCP itself, on one path. No field sets another.",
    remedy: "Give the flow that path, and a host of its own.",
    example: {
      target: "toolhive",
      good: running(
        "",
        ["transport = streamable_http, port = 8080", "transport = stdio"],
        ["  inject token { token = corp.access_token }\n", "  inject none\n"],
      ),
      bad: running(
        "",
        ["transport = streamable_http, port = 8080", "transport = stdio"],
        ["  inject token { token = corp.access_token }\n", "  inject none\n"],
        ["orders.example.com/mcp", "orders.example.com/orders"],
      ),
    },
  }),
  AF1337: entry<{
    readonly secret: string
    readonly first: string
    readonly second: string
  }>({
    severity: "error",
    title: "One Secret gives one variable",
    message: ({ secret, first, second }) => `\`${first}\` and \`${second}\` are both of the Secret \`${secret}\``,
    explanation:
      "A MCPServer lists the Secrets of its container by name, each once. The API server refuses two entries of one Secret.",
    remedy: "Put the second value into a Secret of its own.",
    example: {
      target: "toolhive",
      good: running(""),
      bad: running("", [
        "port = 8080",
        'port = 8080, env = { A: secret("orders", key: "a"), B: secret("orders", key: "b") }',
      ]),
    },
  }),
  AF1339: entry<{ readonly name: string; readonly stage: string }>({
    severity: "error",
    title: "A name for nothing",
    message: ({ name, stage }) => `\`${name}\` names an object that nothing makes: no flow has \`${stage}\``,
    explanation: "The object would not be written, and nothing would refer to it.",
    remedy:
      "Leave the name out. An object that is kept elsewhere is referred to with `authorize toolhive { config = … }`.",
    example: {
      target: "toolhive",
      good: running('  authorize toolhive { config = "rules" }\n'),
      bad: running('  deploy toolhive { authz_config = "rules" }\n'),
    },
  }),
  AF1338: entry<{ readonly verb: string }>({
    severity: "error",
    title: "ToolHive does this once",
    message: ({ verb }) => `ToolHive has one place for \`${verb}\` in a flow, and the first one has it`,
    explanation: "The second stage would replace the first, or be dropped.",
    remedy: "Put what both say into one stage.",
    example: {
      target: "toolhive",
      good: outgoing("header", [IDENTIFY, `${IDENTIFY}${LIMIT}${STORE}`]).bad,
      bad: outgoing("header", [IDENTIFY, `${IDENTIFY}${LIMIT}${LIMIT}${STORE}`]).bad,
    },
  }),
} as const
