/**
 * Random flows that decide who may what, with what is known of ToolHive said a second time, in other words than the target's.
 *
 * @module
 */
import * as fc from "fast-check"

/** A flow, and the codes with which ToolHive's target refuses it: none where it runs it. */
export interface PolicedFlow {
  readonly text: string
  readonly kind: "MCPServer" | "MCPRemoteProxy" | "VirtualMCPServer"
  readonly refused: readonly string[]
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const secret = fc.tuple(word, word).map(([name, key]) => `secret("${name}", key: "${key}")`)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const lines = (...some: readonly (string | undefined)[]) => some.filter((each) => each !== undefined).join(", ")

const rate = fc
  .record({ calls: fc.integer({ min: 1, max: 100_000 }), minutes: fc.integer({ min: 1, max: 600 }) })
  .map(({ calls, minutes }) => `{ calls: ${calls}, per: ${minutes}m }`)

const limit = fc
  .record({
    shared: rate,
    user: optional(rate),
    tools: fc.uniqueArray(fc.tuple(word, rate), { maxLength: 3, selector: ([name]) => name }),
  })
  .map(({ shared, user, tools }) => {
    const each = tools.map(([name, per]) => `${name}: { per_user: ${per} }`).join(", ")
    return `  limit tool_calls { ${lines(`shared = ${shared}`, user && `per_user = ${user}`, each === "" ? undefined : `tools = { ${each} }`)} }\n`
  })

const hook = (verb: string) =>
  fc
    .record({
      host: word,
      name: optional(word),
      timeout: fc.integer({ min: 1, max: 30 }),
      pass: fc.boolean(),
      hmac: optional(secret),
      ca: optional(secret),
      client: optional(fc.tuple(secret, secret)),
    })
    .map(({ host, name, timeout, pass, hmac, ca, client }) => {
      const tls = lines(ca && `ca: ${ca}`, client && `client_cert: ${client[0]}, client_key: ${client[1]}`)
      return `  ${verb} "https://${host}.example/hook" { ${lines(
        name && `name = "${name}"`,
        `timeout = ${timeout}s`,
        pass ? "on_failure = pass" : undefined,
        hmac && `hmac = ${hmac}`,
        tls === "" ? undefined : `tls = { ${tls} }`,
      )} }\n`
    })

const condition: fc.Arbitrary<string> = fc.oneof(
  word.map((name) => `resource.name == '${name}'`),
  fc
    .tuple(word, word)
    .map(([argument, value]) => `context has arg_${argument} && context.arg_${argument} == '${value}'`),
  word.map((name) => `principal.claim_sub like '${name}*'`),
  word.map((group) => `principal has claim_groups && principal.claim_groups.contains('${group}')`),
  fc.constantFrom(
    "resource has readOnlyHint && resource.readOnlyHint",
    "!(resource has destructiveHint)",
    "1 + 2 * 3 < 8",
  ),
)
const action = fc.constantFrom(
  "action",
  "action == Action::'call_tool'",
  "action in [Action::'list_tools', Action::'call_tool']",
)
const resource = fc.oneof(
  fc.constant("resource"),
  word.map((name) => `resource == Tool::'${name}'`),
  fc.constant("resource is Tool"),
)
const principal = fc.oneof(
  fc.constant("principal"),
  word.map((name) => `principal in THVGroup::'${name}'`),
)
const policy = fc
  .record({
    effect: fc.constantFrom("permit", "permit", "forbid"),
    principal,
    action,
    resource,
    condition: optional(condition),
    unless: fc.boolean(),
  })
  .map(
    ({ effect, principal, action, resource, condition, unless }) =>
      `${effect}(${principal}, ${action}, ${resource})${condition === undefined ? "" : ` ${unless ? "unless" : "when"} { ${condition} }`};`,
  )

const authorize = (token: string | undefined): fc.Arbitrary<{ readonly text: string; readonly kind: string }> =>
  fc.oneof(
    fc.constant({ text: "", kind: "none" }),
    fc
      .record({ policies: fc.uniqueArray(policy, { minLength: 0, maxLength: 4 }), groups: fc.boolean() })
      .map(({ policies, groups }) => ({
        text: `  authorize cedar { ${lines(
          token && `token = ${token}`,
          `policies = [${["permit(principal, action == Action::'list_prompts', resource);", ...policies].map((each) => `"${each}"`).join(", ")}]`,
          groups ? 'groups = "groups"' : undefined,
        )} }\n`,
        kind: "cedar",
      })),
    fc
      .record({
        host: word,
        timeout: fc.integer({ min: 1, max: 300 }),
        claims: fc.constantFrom("standard", "mpe"),
        told: fc.subarray(["operation", "arguments"]),
      })
      .map(({ host, timeout, claims, told }) => ({
        text: `  authorize http { url = "https://${host}.example", timeout = ${timeout}s, claims = ${claims}, told = [${told.join(", ")}] }\n`,
        kind: "http",
      })),
    word.map((name) => ({ text: `  authorize toolhive { config = "${name}" }\n`, kind: "toolhive" })),
  )

const EXCHANGE =
  '  exchange token_exchange { subject = corp.access_token, token_url = "https://idp.example.com/token", audience = "x" }\n'
const HEADER = '  inject header { name = "X-Key", value = secret("a", key: "b") }\n'
const BEARER = '  inject bearer { token = secret("a", key: "b") }\n'

/** What the upstream is shown, and where the flow ends. */
const ends = (own: boolean) => {
  const forward = '  forward "https://orders.example.net/mcp"\n'
  const http = '  run "ghcr.io/example/x:1" { transport = streamable_http, port = 8080 }\n'
  const shown = own
    ? "  inject token { token = corp.access_token }\n"
    : "  inject token { token = corp.access_token, passthrough = allowed }\n"
  return fc.constantFrom(
    { text: EXCHANGE + forward, end: "forward", shown: "exchange" },
    { text: HEADER + forward, end: "forward", shown: "header" },
    { text: BEARER + forward, end: "forward", shown: "bearer" },
    { text: EXCHANGE + http, end: "run", shown: "exchange" },
    { text: shown + http, end: "run", shown: "token" },
    { text: '  inject none\n  run "ghcr.io/example/x:1"\n', end: "run", shown: "none" },
  )
}

const CORP = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  client_id     = "mcp-gateway"
  client_secret = secret("corp-idp", key: "client-secret")
  scopes        = ["openid", "email", "offline_access"]
  access_token  = { format: jwt, claims: { groups: strings } }
}
`
const GATE = `
server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [corp]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}
`

export const policedFlow: fc.Arbitrary<PolicedFlow> = fc.boolean().chain((own) =>
  fc
    .record({
      end: ends(own),
      limit: optional(limit),
      store: fc.integer({ min: 0, max: 3 }).map((each) => each > 0),
      mutate: fc.array(hook("mutate"), { maxLength: 1 }),
      validate: fc.array(hook("validate"), { maxLength: 2 }),
      hooked: fc.integer({ min: 0, max: 2 }),
      authorize: authorize(own ? "corp.access_token" : undefined),
      telemetry: optional(word),
    })
    .map(({ end, limit, store, mutate, validate, hooked, authorize, telemetry }): PolicedFlow => {
      // Webhooks are for containers; elsewhere a few are enough.
      const hooks = end.end === "run" || hooked === 0 ? [...mutate, ...validate] : []
      const isVirtual =
        end.end === "forward" && end.shown !== "bearer" && (end.shown === "header" || limit !== undefined)
      const kind = end.end === "run" ? "MCPServer" : isVirtual ? "VirtualMCPServer" : "MCPRemoteProxy"
      const deploy = lines(
        store ? 'session_storage = { redis: "redis.mcp.svc:6379" }' : undefined,
        telemetry &&
          `telemetry = { name: "${telemetry}", otlp: { endpoint: "otel:4318", metrics: on }, prometheus: on }`,
      )
      return {
        kind,
        text: `${CORP}${own ? GATE : ""}
flow orders at "https://orders.example.com/mcp" {
  deploy toolhive { ${deploy} }
  identify ${own ? "gate" : 'corp { audience = "orders" }'}
${limit ?? ""}${hooks.join("")}${authorize.text}${end.text}}
`,
        refused: [
          ...(limit !== undefined && kind === "MCPRemoteProxy" ? ["AF1331"] : []),
          ...(limit !== undefined && !store ? ["AF1333"] : []),
          ...(kind === "MCPServer" ? [] : hooks.map(() => "AF1331")),
          ...(authorize.kind === "http" && kind === "VirtualMCPServer" ? ["AF1331"] : []),
        ],
      }
    }),
)
