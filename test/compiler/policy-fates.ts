/**
 * What becomes of each field of the stages that decide who may what, and of telemetry: see toolhive-fields.test.ts.
 *
 * @module
 */

import { ASKING, CONTAINER, ELSEWHERE, REFERRED, STDIO } from "./policy-source.ts"
import { behind, SHOWN } from "./toolhive-source.ts"

/** The source that says the field, and one change of it that has to be seen in what is made of it. */
type PolicyFate =
  | { readonly base: string; readonly lowered: readonly [from: string, to: string] }
  | { readonly base: string; readonly nothing: string }

const said = (base: string, from: string, to: string): PolicyFate => ({ base, lowered: [from, to] })
const inside = (base: string): PolicyFate => ({ base, nothing: "a block; its own fields are below" })

const hook = (kind: "mutate" | "validate", name: string): Readonly<Record<string, PolicyFate>> => ({
  [`${kind}.name`]: said(CONTAINER, `"${name}"\n`, '"another"\n'),
  [`${kind}.timeout`]: said(CONTAINER, kind === "mutate" ? "4s" : "5s", "6s"),
  [`${kind}.on_failure`]: said(
    CONTAINER,
    `on_failure = pass\n    hmac       = secret("${name}"`,
    `on_failure = refuse\n    hmac = secret("${name}"`,
  ),
  [`${kind}.hmac`]: said(CONTAINER, `secret("${name}", key: "hmac")`, `secret("${name}", key: "other")`),
  [`${kind}.tls`]: inside(CONTAINER),
  [`${kind}.tls.ca`]: said(CONTAINER, `secret("${name}", key: "ca.crt")`, `secret("${name}", key: "o.crt")`),
  [`${kind}.tls.client_cert`]: said(CONTAINER, `secret("${name}", key: "tls.crt")`, `secret("${name}", key: "o.crt")`),
  [`${kind}.tls.client_key`]: said(CONTAINER, `secret("${name}", key: "tls.key")`, `secret("${name}", key: "o.key")`),
  [`${kind}.tls.verify`]: said(CONTAINER, "verify: on", "verify: off"),
})

export const OBO = behind(
  SHOWN.obo.replace(
    "    scopes ",
    '    cache_skew    = 20s\n    authority     = "https://login.microsoftonline.com"\n    scopes ',
  ),
).replace("  identify gate", "  deploy toolhive { enterprise = true }\n  identify gate")

/** On-behalf-of, as the vendor's enterprise build runs it. */
export const oboFates: Readonly<Record<string, PolicyFate>> = {
  "obo.subject": { base: OBO, nothing: "the login's access token; another one is refused (AF0850, AF1207)" },
  "obo.tenant": said(OBO, "example.onmicrosoft.com", "example.com"),
  "obo.authority": said(OBO, "login.microsoftonline.com", "login.microsoftonline.us"),
  "obo.client_id": said(OBO, '"exchanger"', '"another"'),
  "obo.client_secret": said(OBO, '"exchange"', '"another"'),
  "obo.audience": said(OBO, 'scopes        = ["api://orders/.default"]', 'audience = "api://orders"'),
  "obo.scopes": said(OBO, "/.default", "/read"),
  "obo.cache_skew": said(OBO, "20s", "30s"),
  "deploy toolhive.enterprise": { base: OBO, nothing: "a fact about the build; without it AF0854" },
}

const TELEMETRY = "deploy toolhive.telemetry"

export const policyFates: Readonly<Record<string, PolicyFate>> = {
  ...oboFates,
  "limit.tool_calls.shared": inside(CONTAINER),
  "limit.tool_calls.shared.calls": said(CONTAINER, "calls: 1000", "calls: 999"),
  "limit.tool_calls.shared.per": said(CONTAINER, "per: 1m", "per: 3m"),
  "limit.tool_calls.per_user": inside(CONTAINER),
  "limit.tool_calls.per_user.calls": said(CONTAINER, "calls: 60", "calls: 61"),
  "limit.tool_calls.per_user.per": said(CONTAINER, "per: 2m", "per: 3m"),
  "limit.tool_calls.tools": said(CONTAINER, "search: { per_user", "find: { per_user"),
  ...hook("mutate", "change"),
  ...hook("validate", "check"),
  "authorize.cedar.policies": said(CONTAINER, "permit(", "permit( "),
  "authorize.cedar.token": { base: CONTAINER, nothing: "what ToolHive shows is all there is; refused with AF1332" },
  "authorize.cedar.groups": said(CONTAINER, 'groups       = "groups"', 'groups = "teams"'),
  "authorize.cedar.roles": said(CONTAINER, 'roles        = "teams"', 'roles = "groups"'),
  "authorize.cedar.group_type": said(CONTAINER, '= "Team"', '= "Crew"'),
  "authorize.cedar.scope_claims": said(CONTAINER, '["scp"]', '["tier"]'),
  "authorize.cedar.entities": said(CONTAINER, "big: true", "big: false"),
  "authorize.http.url": said(ASKING, "policy.example.com", "pdp.example.com"),
  "authorize.http.timeout": said(ASKING, "7s", "8s"),
  "authorize.http.claims": said(ASKING, "= standard", "= mpe"),
  "authorize.http.told": said(ASKING, "[operation]", "[operation, arguments]"),
  "authorize.http.verify": said(ASKING, "= on\n", "= off\n"),
  "authorize.toolhive.config": said(REFERRED, '"rules"', '"others"'),
  "authorize.toolhive.config_map": said(ELSEWHERE, '"rules"', '"others"'),
  "authorize.toolhive.key": said(ELSEWHERE, '"cedar.json"', '"authz.json"'),
  "authorize.toolhive.groups": said(ELSEWHERE, '"groups"', '"teams"'),
  "authorize.toolhive.roles": said(ELSEWHERE, '"teams"', '"groups"'),
  "authorize.toolhive.group_type": said(ELSEWHERE, '"Team"', '"Crew"'),
  "forward.headers": said(ASKING, '"acme"', '"other"'),
  "run.transport": said(CONTAINER, "= streamable_http", "= sse"),
  "run.port": said(CONTAINER, "= 8080", "= 8081"),
  "run.clients": said(STDIO, "clients = sse", "clients = streamable_http"),
  "run.args": said(CONTAINER, '["--read-only", "--read-only"]', '["--read-only"]'),
  "run.env": said(CONTAINER, '"info"', '"debug"'),
  "deploy toolhive.authz_config": said(CONTAINER, '"rules"', '"others"'),
  "deploy toolhive.webhook_config": said(CONTAINER, '"hooks"', '"others"'),
  [TELEMETRY]: inside(CONTAINER),
  [`${TELEMETRY}.name`]: said(CONTAINER, '"otel"\n', '"others"\n'),
  [`${TELEMETRY}.service`]: said(CONTAINER, 'service: "orders"', 'service: "stock"'),
  [`${TELEMETRY}.otlp`]: inside(CONTAINER),
  [`${TELEMETRY}.otlp.endpoint`]: said(CONTAINER, ":4318", ":4317"),
  [`${TELEMETRY}.otlp.insecure`]: said(CONTAINER, "        insecure: false\n", ""),
  [`${TELEMETRY}.otlp.ca`]: inside(CONTAINER),
  [`${TELEMETRY}.otlp.ca.config_map`]: said(CONTAINER, '"otel-ca"', '"ca"'),
  [`${TELEMETRY}.otlp.ca.key`]: said(CONTAINER, 'key: "ca.crt" }\n', 'key: "root.crt" }\n'),
  [`${TELEMETRY}.otlp.headers`]: said(CONTAINER, '"acme"', '"other"'),
  [`${TELEMETRY}.otlp.traces`]: said(CONTAINER, '        traces: on\n        sampling: "0.1"\n', ""),
  [`${TELEMETRY}.otlp.sampling`]: said(CONTAINER, '"0.1"', '"0.2"'),
  [`${TELEMETRY}.otlp.metrics`]: said(CONTAINER, "metrics: on", "metrics: off"),
  [`${TELEMETRY}.otlp.attributes`]: said(CONTAINER, '"prod"', '"dev"'),
  [`${TELEMETRY}.otlp.legacy_attributes`]: said(CONTAINER, "legacy_attributes: off", "legacy_attributes: on"),
  [`${TELEMETRY}.prometheus`]: said(CONTAINER, "prometheus: on", "prometheus: off"),
}
