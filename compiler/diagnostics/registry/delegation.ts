/**
 * AF1553 to AF1567: delegate clients and trusted issuers of an authorization server.
 *
 * @module
 */
import { entry } from "./entry.ts"
import { changed } from "./example.ts"
import { serving } from "./toolhive-example.ts"

const FLOW = "https://mcp.example.com/mcp"
const AGENT = `agent: { secret: secret("agent", key: "s"), scopes: ["mcp:use"], audiences: ["${FLOW}"] }`

const saying = (fields: string): readonly [string, string] => ["  login  = [corp]\n", `  login  = [corp]\n${fields}`]
const trusting = (issuer: string, delegates = AGENT): readonly [string, string] =>
  saying(`  delegates = { ${delegates} }\n  trust = { "https://login.example.net": { ${issuer} } }\n`)
const exchanging = (more: string): readonly [string, string] =>
  trusting(`audience: "${FLOW}", delegates: ["agent"], ${more}`)

/** All that ToolHive can be told of an issuer. */
const EVERYTHING =
  `jwks: "https://login.example.net/keys", private_network: true, audience: "api://gateway", delegates: ["agent"], ` +
  `actor_claim: "appid", actors: ["chat-ui"], actor_matches: "claims.tier == 'internal'", may_act: true, ` +
  `assertions: { max_age: 5m, audiences: ["https://auth.example.com"], subjects: { job: ["${FLOW}"] } }`

const GOOD = exchanging('actors: ["chat-ui"]')
const toolhive = (fields: string): string => `  delegates = { ${AGENT} }\n${fields}`

export const delegation = {
  AF1553: entry<{ readonly client: string }>({
    severity: "error",
    title: "A client is there twice",
    message: ({ client }) => `\`${client}\` is a known client and a delegate client`,
    explanation:
      "A client identifier stands for one registration. People log in through a known client; a delegate client has no people of its own and exchanges their tokens.",
    remedy: "Give one of the two another identifier.",
    example: changed(
      [
        saying(
          `  clients = { known: { agent: { redirect_uris: ["https://agent.example.com/cb"] } } }\n  delegates = { ${AGENT} }\n`,
        ),
      ],
      [
        saying(
          `  clients = { known: { web: { redirect_uris: ["https://agent.example.com/cb"] } } }\n  delegates = { ${AGENT} }\n`,
        ),
      ],
    ),
  }),
  AF1554: entry({
    severity: "error",
    title: "All clients, and some of them",
    message: () => "`*` stands for all delegate clients, and others are named beside it",
    explanation: "With all of them allowed, the names say nothing. Whoever reads them takes the list for a short one.",
    remedy: "Name the clients and leave `*` out, or write `*` alone.",
    example: changed([trusting(`audience: "${FLOW}", delegates: ["*", "agent"], actors: ["chat-ui"]`)], [GOOD]),
  }),
  AF1555: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "Any client, by an outside issuer's word",
    message: ({ issuer }) => `\`may_act\` of \`${issuer}\` could name any delegate client`,
    explanation:
      "`may_act` lets an outside issuer say which of our clients may act for a person, and nothing else is asked then. With `*` it could say so of each of them, also of one that was never meant to.",
    remedy: "Name in `delegates` the clients that it may name.",
    example: changed([trusting(`audience: "${FLOW}", delegates: ["*"], may_act: true`)], [exchanging("may_act: true")]),
  }),
  AF1556: entry<{ readonly claim: string }>({
    severity: "error",
    title: "This claim names no app",
    message: ({ claim }) => `\`${claim}\` does not say which app a token was issued to`,
    explanation:
      "The claim is compared with the apps in `actors`. One that says who the person is, or whom the token is for, would let a person pass as an app.",
    remedy:
      "Write the claim that this issuer uses: mostly `azp`, `appid` of Entra's older tokens, `cid` of Okta, `client_id`.",
    example: changed(
      [exchanging('actor_claim: "sub", actors: ["chat-ui"]')],
      [exchanging('actor_claim: "cid", actors: ["chat-ui"]')],
    ),
  }),
  AF1557: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "Keys on a private network have to be named",
    message: ({ issuer }) => `\`${issuer}\` would say where on our private network its keys are`,
    explanation:
      "Without `jwks`, the issuer's own metadata says which address is asked. On a private network that would let the issuer choose which of our machines we call.",
    remedy: "Add `jwks` with the URL of its keys, or leave `private_network` out.",
    example: changed(
      [exchanging('actors: ["chat-ui"], private_network: true')],
      [exchanging('actors: ["chat-ui"], private_network: true, jwks: "https://login.example.net/keys"')],
    ),
  }),
  AF1558: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "An issuer is trusted for nothing",
    message: ({ issuer }) => `nothing of \`${issuer}\` is taken`,
    explanation:
      "An outside issuer is trusted with one thing or several: tokens that are exchanged (`audience`), assertions of workloads (`assertions`), identity assertions of people (`id_jag`). None of these is said.",
    remedy: "Say what it is trusted with, or leave it out.",
    example: changed([trusting('jwks: "https://login.example.net/keys"')], [GOOD]),
  }),
  AF1559: entry<{ readonly issuer: string; readonly said: string; readonly missing: string }>({
    severity: "error",
    title: "Half of an exchange",
    message: ({ issuer, said, missing }) =>
      `\`${said}\` is about exchanging tokens of \`${issuer}\`, and that needs \`${missing}\`, too`,
    explanation:
      "Tokens of an outside issuer are exchanged only where the file says which tokens (`audience`) and which of our clients may (`delegates`). Any client that is permitted has to be so by name, or by `*`.",
    remedy: "Add the field, or leave out what is said of exchanging tokens.",
    example: changed([trusting(`audience: "${FLOW}", actors: ["chat-ui"]`)], [GOOD]),
  }),
  AF1560: entry<{ readonly client: string; readonly meant: string | undefined }>({
    severity: "error",
    title: "There is no such delegate client",
    message: ({ client, meant }) =>
      `\`${client}\` is none of the clients in \`delegates\`${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`,
    explanation:
      "Only a delegate client can exchange tokens or bring identity assertions. One that is not declared would never come.",
    remedy: "Declare it in `delegates`, or write the one that was meant.",
    example: changed([trusting(`audience: "${FLOW}", delegates: ["agnet"], actors: ["chat-ui"]`)], [GOOD]),
  }),
  AF1561: entry<{ readonly resource: string; readonly server: string; readonly flows: readonly string[] }>({
    severity: "warning",
    title: "No flow is there",
    message: ({ resource, server, flows }) =>
      `\`${resource}\` is no flow behind \`${server}\`, which has ${flows.map((each) => `\`${each}\``).join(", ")}`,
    explanation:
      "A server issues tokens for the flows that identify their callers with it. For another URL every request would be refused.",
    remedy: "Write the URL of the flow as the flow has it.",
    example: changed(
      [saying(`  delegates = { ${AGENT.replace(FLOW, "https://mcp.example.com/other")} }\n`)],
      [saying(`  delegates = { ${AGENT} }\n`)],
    ),
  }),
  AF1562: entry({
    severity: "error",
    title: "ToolHive's delegated tokens live 15 minutes",
    message: () => "ToolHive has no field for the lifetime of delegated tokens: they live 15 minutes",
    explanation: "ToolHive's runtime has a setting for it; its Kubernetes resources do not pass it on.",
    remedy: "Leave `delegated` out. Or run this flow with `authflow run`, which can do it.",
    example: serving(toolhive("  tokens    = { delegated: 5m }"), toolhive("  tokens    = { delegated: 15m }")),
  }),
  AF1563: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "ToolHive takes no identity assertions",
    message: ({ issuer }) => `ToolHive's server takes no identity assertions (ID-JAG) of \`${issuer}\``,
    explanation:
      "ToolHive's JWT bearer grant takes assertions of subjects that are named one by one, with no client. It does not know the identity assertions of cross-application access, and would refuse each.",
    remedy:
      "Leave `id_jag` out and let clients exchange access tokens. Or run this flow with `authflow run`, which can do it.",
    example: serving(
      toolhive('  trust     = { "https://login.example.net": { id_jag: { clients: ["agent"], max_age: 3m } } }'),
      toolhive(`  trust     = { "https://login.example.net": { ${EVERYTHING} } }`),
    ),
  }),
  AF1564: entry<{ readonly what: string; readonly count: number; readonly max: number }>({
    severity: "error",
    title: "Too many for ToolHive",
    message: ({ what, count, max }) => `ToolHive's server takes ${max} ${what}, and these are ${count}`,
    explanation: "The API server refuses a resource with more.",
    remedy: "Leave some out, or use two servers. Or run this flow with `authflow run`, which has no such bound.",
    example: serving(
      `  delegates = { ${Array.from({ length: 11 }, (_, at) => AGENT.replace("agent:", `agent${at}:`)).join(", ")} }`,
      toolhive(""),
    ),
  }),
  AF1566: entry<{ readonly audience: string }>({
    severity: "error",
    title: "An assertion's audience is a flow",
    message: ({ audience }) =>
      `\`${audience}\` is a flow, and an assertion for it would be one for the authorization server`,
    explanation:
      "An assertion names who is to take it: the authorization server. If a flow's own URL were accepted there, any token for the flow could be shown as an assertion.",
    remedy: "Name the server: its issuer, or leave `audiences` out for the token endpoint.",
    example: changed(
      [trusting(`assertions: { max_age: 5m, audiences: ["${FLOW}"], subjects: { job: ["${FLOW}"] } }`)],
      [
        trusting(
          `assertions: { max_age: 5m, audiences: ["https://auth.example.com"], subjects: { job: ["${FLOW}"] } }`,
        ),
      ],
    ),
  }),
  AF1567: entry<{ readonly issuer: string }>({
    severity: "error",
    title: "Nobody's token may be exchanged",
    message: ({ issuer }) => `nothing says whose tokens of \`${issuer}\` may be exchanged, so none are`,
    explanation:
      "Which apps' tokens may be exchanged is said by `actors`, `actor_matches` or `may_act`. Without any of them every exchange is refused.",
    remedy: "Name the apps in `actors`, or describe them with `actor_matches`.",
    example: changed(
      [trusting(`audience: "${FLOW}", delegates: ["agent"]`)],
      [exchanging(`actor_matches: "claims.tier == 'internal'"`)],
    ),
  }),
} as const
