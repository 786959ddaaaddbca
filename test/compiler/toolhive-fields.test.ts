import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { FieldDeclarations } from "../../compiler/catalogue/field.ts"
import { catalogue } from "../../compiler/index.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { exchangeFates, type Fate } from "./exchange-fates.ts"
import { loginFates, ASKED as OAUTH2_ASKED, TOLD } from "./login-fates.ts"
import { OBO, policyFates } from "./policy-fates.ts"
import { ASKING, CONTAINER, ELSEWHERE, REFERRED, STDIO } from "./policy-source.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import {
  behind,
  compileForToolHive,
  DELEGATING,
  EMBEDDED,
  OUTSIDE,
  outside,
  SHOWN,
  STORED,
  shownKinds,
  WATCHED,
} from "./toolhive-source.ts"

const gone = { nothing: "a block; its own fields are below" }

const userinfo = (more: string) => `  userinfo = { endpoint: "https://idp.example.com/me"${more} }\n`

const UNKNOWN_CALLERS = { nothing: "the whole of such callers is refused (AF1410)" }

/** Every field of the catalogue. One that is missing here, or here and not there, fails the test. */
const fates: Readonly<Record<string, Fate>> = {
  ...exchangeFates,
  "oidc.issuer": { lowered: ["https://idp.example.com", "https://login.example.com"] },
  "oidc.client_id": { lowered: ['"mcp-gateway"', '"another"'] },
  "oidc.client_secret": { lowered: ['"corp-idp"', '"another"'] },
  "oidc.scopes": { lowered: ['"offline_access"]', '"profile"]'] },
  "oidc.subject_claim": {
    lowered: ["  id_token ", '  subject_claim = "email"\n  id_token '],
  },
  "oidc.authorization_params": {
    lowered: ["  access_token  =", '  authorization_params = { access_type: "offline" }\n  access_token  ='],
  },
  "oidc.id_token": gone,
  "oidc.id_token.claims": { nothing: "a fact about the provider; what reads it is refused (AF0801, AF0803)" },
  "oidc.access_token": gone,
  "oidc.access_token.format": {
    nothing: "a fact about the provider; an opaque one cannot be shown to STS on any engine",
  },
  "oidc.access_token.audience": { lowered: ['"sts.amazonaws.com"', '"another"'] },
  "oidc.access_token.claims": { nothing: "a fact about the provider; role mappings on its claims are lowered" },
  "oidc.redirect_uri": {
    lowered: ["  access_token  =", '  redirect_uri = "https://auth.example.com/elsewhere"\n  access_token  ='],
  },
  "oidc.userinfo": gone,
  "oidc.userinfo.endpoint": { refused: "AF1459", by: ["  access_token  =", `${userinfo("")}  access_token  =`] },
  ...Object.fromEntries(
    ["method: post", 'headers: { Accept: "x" }', 'subject: ["id"]', 'name: ["nick"]', 'email: ["mail"]'].map((said) => [
      `oidc.userinfo.${said.slice(0, said.indexOf(":"))}`,
      { refused: "AF1459", by: ["  access_token  =", `${userinfo(`, ${said}`)}  access_token  =`] },
    ]),
  ),
  "oidc.userinfo.claims": { nothing: "a fact about the provider; what reads it is refused (AF0803, AF0829)" },
  "oidc.algorithms": { refused: "AF0816", by: ["  access_token", "  algorithms = [ES256]\n  access_token"] },
  "oidc.introspection": gone,
  "oidc.introspection.url": { lowered: ["oauth/introspect", "introspect"] },
  "oidc.introspection.client_id": { lowered: ['"mcp-resource"', '"another"'] },
  "oidc.introspection.client_secret": { lowered: ['key: "introspection"', 'key: "another"'] },
  "oidc.jwks_url": { lowered: ["https://idp.example.com/keys", "https://keys.example.com"] },
  "oidc.ca": { lowered: ['key: "ca.crt"', 'key: "root.crt"'] },
  "service_accounts.issuer": { lowered: ["https://oidc.cluster.example", "https://oidc.other.example"] },
  "service_accounts.jwks_url": { lowered: ["openid/v1/jwks", "openid/keys"] },
  "service_accounts.in_cluster": { lowered: ["in_cluster = false", "in_cluster = true"] },
  "service_accounts.accounts": {
    refused: "AF1411",
    by: ["  in_cluster", '  accounts = ["agents/*"]\n  in_cluster'],
  },
  "identify.service_accounts.audience": { lowered: ['audience = "https://orders', 'audience = "https://other'] },
  "api_keys.keys": UNKNOWN_CALLERS,
  "api_keys.header": UNKNOWN_CALLERS,
  "client_certificates.ca": UNKNOWN_CALLERS,
  "client_certificates.subject": UNKNOWN_CALLERS,
  "client_certificates.forwarded": UNKNOWN_CALLERS,
  "client_certificates.forwarded.header": UNKNOWN_CALLERS,
  "client_certificates.forwarded.proxies": UNKNOWN_CALLERS,
  "any_of.issuers": UNKNOWN_CALLERS,
  "identify.any_of.scopes": UNKNOWN_CALLERS,
  "identify.any_of.audience": UNKNOWN_CALLERS,
  "auth_server.issuer": { lowered: ["https://auth.example.com", "https://login.example.com"] },
  "auth_server.login": { lowered: ["[corp]", "[corp, corp_two]"] },
  "auth_server.clients": gone,
  "auth_server.clients.registration": {
    refused: "AF0805",
    by: ["tokens ", "clients = { registration: none }\n  tokens "],
  },
  "auth_server.clients.metadata_documents": {
    lowered: ["metadata_documents: on, metadata_cache: { size: 64, lifetime: 1m }, ", ""],
  },
  "auth_server.clients.metadata_cache": gone,
  "auth_server.clients.metadata_cache.size": { lowered: ["size: 64", "size: 65"] },
  "auth_server.clients.metadata_cache.lifetime": { lowered: ["lifetime: 1m", "lifetime: 2m"] },
  "auth_server.clients.confidential": {
    lowered: [', confidential: on, confidential_redirects: ["https://app.example.com/callback"]', ""],
  },
  "auth_server.clients.confidential_redirects": { lowered: ["https://app.example.com", "https://app.example.org"] },
  "auth_server.clients.known": {
    refused: "AF1550",
    by: ["tokens ", 'clients = { known: { a: { redirect_uris: ["https://a.example/cb"] } } }\n  tokens '],
  },
  "auth_server.delegates": { lowered: ['scopes: ["mcp:use"]', 'scopes: ["mcp:read"]'] },
  "auth_server.trust": { lowered: ['actors: ["chat-ui"]', 'actors: ["other-ui"]'] },
  "auth_server.tokens.delegated": { refused: "AF1562", by: ["code: 5m", "code: 5m, delegated: 5m"] },
  "auth_server.storage": gone,
  "auth_server.storage.redis": { lowered: ["redis.mcp.svc:6379", "redis.mcp.svc:6380"] },
  "auth_server.storage.cluster": { lowered: ["cluster: true", "cluster: false"] },
  "auth_server.storage.sentinel": gone,
  "auth_server.storage.sentinel.master": { lowered: ["mymaster", "ourmaster"] },
  "auth_server.storage.sentinel.addresses": {
    lowered: ['service: { name: "sentinel", namespace: "redis", port: 26380 }', 'addresses: ["s-0:26379"]'],
  },
  "auth_server.storage.sentinel.service": gone,
  "auth_server.storage.sentinel.service.name": { lowered: ['name: "sentinel"', 'name: "sentinels"'] },
  "auth_server.storage.sentinel.service.namespace": { lowered: ['namespace: "redis"', 'namespace: "data"'] },
  "auth_server.storage.sentinel.service.port": { lowered: ["port: 26380", "port: 26381"] },
  "auth_server.storage.sentinel.db": { lowered: ["db: 3", "db: 4"] },
  "auth_server.storage.username": { lowered: ['key: "username"', 'key: "user"'] },
  "auth_server.storage.password": { lowered: ['key: "password"', 'key: "pw"'] },
  "auth_server.storage.tls": gone,
  "auth_server.storage.tls.ca": {
    lowered: ['secret("redis-ca", key: "ca.crt")', 'secret("redis-ca", key: "root.crt")'],
  },
  "auth_server.storage.tls.verify": { lowered: ['key: "ca.crt"), verify: true', 'key: "ca.crt"), verify: false'] },
  "auth_server.storage.sentinel_tls": gone,
  "auth_server.storage.sentinel_tls.ca": { lowered: ['"sentinel-ca"', '"another-ca"'] },
  "auth_server.storage.sentinel_tls.verify": {
    lowered: ['key: "s.crt"), verify: true', 'key: "s.crt"), verify: false'],
  },
  "auth_server.storage.timeouts": gone,
  "auth_server.storage.timeouts.dial": { lowered: ["dial: 6s", "dial: 7s"] },
  "auth_server.storage.timeouts.read": { lowered: ["read: 4s", "read: 5s"] },
  "auth_server.storage.timeouts.write": { lowered: ["write: 4s", "write: 5s"] },
  "auth_server.authorization_base": { lowered: ["https://login.example.org", "https://login.example.net"] },
  "auth_server.tokens": gone,
  "auth_server.tokens.access": { lowered: ["access: 1h", "access: 61m"] },
  "auth_server.tokens.refresh": { lowered: ["refresh: 7d", "refresh: 6d"] },
  "auth_server.tokens.code": { lowered: ["code: 5m", "code: 30s"] },
  "auth_server.claims": {
    refused: "AF0803",
    by: ["  tokens ", "  claims = { groups: corp.id_token.groups }\n  tokens "],
  },
  "auth_server.keys": { lowered: ['"2026"', '"2027"'] },
  "auth_server.hmac_keys": { lowered: ['"current"', '"next"'] },
  "identify.auth_server.scopes": { lowered: ['scopes = ["openid", "email"]', 'scopes = ["openid"]'] },
  "identify.auth_server.audience": {
    nothing: "the checker has it equal to the flow's URL (AF0706), which is what is lowered",
  },
  "identify.oidc.scopes": { lowered: ['["mcp:use"]', '["mcp:other"]'] },
  "identify.oidc.audience": { lowered: ['audience = "https://mcp.example.com/mcp"', 'audience = "another"'] },
  "aws.sts.subject": { refused: "AF0801", by: ["subject = corp.access_token", "subject = corp.id_token"] },
  "aws.sts.region": { lowered: ['region  = "us-east-1"', 'region  = "us-west-2"'] },
  "aws.sts.role": { lowered: ["role/mcp-reader", "role/another"] },
  "aws.sts.session": gone,
  "aws.sts.session.name": { lowered: ["name: claims.sub", "name: claims.email, on_invalid: reject"] },
  "aws.sts.session.on_invalid": {
    refused: "AF0808",
    by: ["name: claims.sub", "name: claims.email, on_invalid: sanitize"],
  },
  "aws.sts.session.duration": { lowered: ["duration: 1h", "duration: 16m"] },
  "aws.sts.endpoint": { refused: "AF0809", by: ["subject =", 'endpoint = "https://sts.example.com"\n    subject ='] },
  "aws.sigv4.service": { lowered: ['service = "aws-mcp"', 'service = "execute-api"'] },
  "aws.sigv4.region": { refused: "AF0811", by: ['service = "aws-mcp"', 'service = "aws-mcp", region = "us-west-2"'] },
  "aws.sigv4.payload": { refused: "AF1803", by: ['service = "aws-mcp"', 'service = "s3", payload = unsigned'] },
  "aws.sigv4.max_body": { refused: "AF0810", by: ['service = "aws-mcp"', 'service = "aws-mcp", max_body = 9MiB'] },
  "inject.bearer.token": { lowered: ['key: "token"', 'key: "another"'] },
  "inject.header.name": { lowered: ["X-Api-Key", "Authorization"] },
  "inject.header.value": { lowered: ['key: "api-key"', 'key: "another"'] },
  "inject.token.token": {
    refused: "AF0855",
    by: ["corp.access_token }", "gate.access_token, passthrough = allowed }"],
  },
  "inject.token.passthrough": {
    refused: "AF0855",
    by: ["corp.access_token }", "gate.access_token, passthrough = allowed }"],
  },
  "deploy toolhive.namespace": { lowered: ['"mcp"', '"tools"'] },
  "deploy toolhive.kind": { nothing: "the kind is the compiler's to pick; tested in toolhive-deployment.test.ts" },
  "deploy toolhive.replicas": { lowered: ["= 1\n", "= 0\n"] },
  "deploy toolhive.session_storage": gone,
  "deploy toolhive.session_storage.redis": { lowered: ["redis.mcp.svc:6379", "redis.mcp.svc:6380"] },
  "deploy toolhive.session_storage.db": { lowered: ["db: 1", "db: 2"] },
  "deploy toolhive.session_storage.key_prefix": { lowered: ['"mcp:"', '"aws:"'] },
  "deploy toolhive.session_storage.password": { lowered: ['key: "pw"', 'key: "another"'] },
  "deploy toolhive.session_affinity": { lowered: ["= none", "= client_ip"] },
  "deploy toolhive.transport": { lowered: ["= sse", "= streamable_http"] },
  "deploy toolhive.proxy_port": { lowered: ["= 9090", "= 9091"] },
  "deploy toolhive.allow_private_endpoint": {
    lowered: ["allow_private_endpoint = false", "allow_private_endpoint = true"],
  },
  "deploy toolhive.allow_private_issuer": {
    lowered: ["allow_private_issuer = false", "allow_private_issuer = true"],
  },
  "deploy toolhive.trust_proxy_headers": { lowered: ["trust_proxy_headers    = true", "trust_proxy_headers = false"] },
  "deploy toolhive.audit": { lowered: ["audit                  = true", "audit = false"] },
  "deploy toolhive.service_account": { lowered: ['= "mcp-gateway"\n    group', '= "another"\n    group'] },
  "deploy toolhive.group": { lowered: ['"tools"', '"others"'] },
  "deploy toolhive.tools": { lowered: ['"aws-tools"', '"others"'] },
  "deploy toolhive.spec": { lowered: ['endpointPrefix: "/aws"', 'endpointPrefix: "/mcp"'] },
  "forward.timeout": { refused: "AF0815", by: ['api.aws/mcp"', 'api.aws/mcp" { timeout = 60s }'] },
}

/** A flow that says all there is to say to ToolHive of a MCPRemoteProxy. */
const DEPLOYED = EMBEDDED.replace(
  "  identify gate",
  () => `  deploy toolhive {
    namespace              = "mcp"
    kind                   = MCPRemoteProxy
    replicas               = 1
    session_storage        = { redis: "redis.mcp.svc:6379", db: 1, key_prefix: "mcp:", password: secret("redis", key: "pw") }
    session_affinity       = none
    transport              = sse
    proxy_port             = 9090
    allow_private_issuer = false
    allow_private_endpoint = false
    trust_proxy_headers    = true
    audit                  = true
    service_account        = "mcp-gateway"
    group                  = "tools"
    tools                  = "aws-tools"
    spec                   = { endpointPrefix: "/aws" }
  }
  identify gate`,
)

function* paths(fields: FieldDeclarations, prefix: string): Generator<string> {
  for (const [name, { type }] of Object.entries(fields)) {
    yield `${prefix}.${name}`
    if (type.structure.kind === "block") yield* paths(type.structure.fields, `${prefix}.${name}`)
  }
}

const flow = (identify: string) => `flow orders at "https://orders.example.com/mcp" {
  identify ${identify}
  inject none
  forward "https://orders.example.net/mcp"
}
`

const ASKED = `provider corp = oidc {
  issuer        = "https://idp.example.com"
  jwks_url      = "https://idp.example.com/keys"
  ca            = config_map("corp-ca", key: "ca.crt")
  introspection = {
    url: "https://idp.example.com/oauth/introspect"
    client_id: "mcp-resource"
    client_secret: secret("corp-idp", key: "introspection")
  }
}
${flow("corp")}`

const WORKLOADS = `callers workloads = service_accounts {
  issuer     = "https://oidc.cluster.example"
  jwks_url   = "https://oidc.cluster.example/openid/v1/jwks"
  in_cluster = false
}
${flow('workloads { audience = "https://orders.example.com/mcp" }')}`

const catalogued = [
  ...Object.entries({ ...catalogue.declarations, ...catalogue.stages }).flatMap(([kind, { fields }]) => [
    ...paths(fields, kind),
  ]),
  ...Object.entries(catalogue.deployments).flatMap(([kind, { fields }]) => [...paths(fields, `deploy ${kind}`)]),
]

describe("each field of the catalogue is lowered or refused, never ignored", () => {
  test("and each one is in the table", () => {
    expect(Object.keys({ ...fates, ...policyFates, ...loginFates }).toSorted()).toEqual(catalogued.toSorted())
  })

  test.each(catalogued)("%s", (path) => {
    const policed = policyFates[path] ?? loginFates[path]
    const fate: Fate | undefined = policed ?? fates[path]
    const shown = shownKinds.find((kind) => path.startsWith(`${kind}.`))
    const base = policed
      ? policed.base
      : shown
        ? shown === "obo"
          ? OBO
          : behind(SHOWN[shown])
        : /introspection|jwks_url|oidc.ca|service_accounts/.test(path)
          ? path.includes("service_accounts")
            ? WORKLOADS
            : ASKED
          : path.startsWith("identify.oidc")
            ? OUTSIDE
            : path.startsWith("deploy")
              ? DEPLOYED
              : path.includes("sentinel")
                ? WATCHED
                : /delegate|trust/.test(path)
                  ? DELEGATING
                  : /storage|metadata|confidential|authorization_base/.test(path)
                    ? STORED
                    : EMBEDDED
    const manifests = (text: string) => compileForToolHive(text)
    expect(manifests(base).errors).toEqual([])
    if (fate === undefined || "nothing" in fate) return expect(fate?.nothing ?? "").not.toBe("")
    const [from, to] = "lowered" in fate ? fate.lowered : fate.by
    expect(base, `the source has no ${from}`).toContain(from)
    const changed = manifests(base.replaceAll(from, to))
    if ("refused" in fate) return expect([...new Set(changed.errors)]).toEqual([fate.refused])
    expect(changed.errors).toEqual([])
    const plain = (text: string | undefined) => text?.replaceAll(/\.authflow:\d+/g, "")
    expect(plain(changed.artifacts[0]?.text)).not.toBe(plain(manifests(base).artifacts[0]?.text))
  })
})

testWithCrds(
  "whatever fields are said, what is not refused is accepted by the API server (150 combinations)",
  (crds) => {
    const changes = Object.values({ ...fates, ...policyFates, ...loginFates }).flatMap((fate) =>
      "lowered" in fate ? [fate.lowered] : "refused" in fate ? [fate.by] : [],
    )
    const bases = [
      EMBEDDED,
      DEPLOYED,
      STORED,
      WATCHED,
      OUTSIDE,
      ...[CONTAINER, STDIO, ASKING, ELSEWHERE, REFERRED, OBO, OAUTH2_ASKED, TOLD],
      ASKED,
      WORKLOADS,
      flow("anonymous"),
      ...shownKinds.flatMap((kind) => [behind(SHOWN[kind]), outside(SHOWN[kind])]),
    ]
    let accepted = 0
    fc.assert(
      fc.property(fc.subarray(changes, { maxLength: 12 }), fc.constantFrom(...bases), (some, base) => {
        const { artifacts, errors } = compileForToolHive(
          some.reduce<string>((text, [from, to]) => text.replaceAll(from, to), base),
        )
        expect(artifacts.length === 0).toBe(errors.length > 0)
        for (const { text } of artifacts) {
          expect(validate(crds, parse([{ path: "flow.yaml", text }]).documents)).toEqual([])
          accepted++
        }
      }),
      { numRuns: 150 },
    )
    expect(accepted).toBeGreaterThan(5)
  },
)
