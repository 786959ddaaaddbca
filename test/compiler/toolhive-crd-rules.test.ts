import { describe, expect, test } from "vitest"
import { isObject, type Schema, type ValidationRule } from "../../compiler/targets/toolhive/crd/definition.ts"
import { goPattern } from "../../compiler/targets/toolhive/crd/go-pattern.ts"
import { transitions, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { rules } from "../../compiler/targets/toolhive/crd/rules.ts"
import { crd, found, testWithCrds, thing } from "./toolhive-crds.ts"

describe("CEL rules", () => {
  const on = (schema: Schema, rule: string | ValidationRule, value: unknown) => [
    ...rules(
      { ...schema, "x-kubernetes-validations": [typeof rule === "string" ? { rule } : rule] },
      value,
      "x",
      () => true,
    ),
  ]
  const string: Schema = { type: "string" }
  const ints: Schema = { type: "array", items: { type: "integer" } }

  test.each<[rule: string, schema: Schema, holds: unknown, broken: unknown]>([
    ["self.matches('^[[:space:]]$')", string, " ", "a"],
    ["matches(self, '^a$')", string, "a", "b"],
    ["self.lowerAscii() == 'aÉ'", string, "AÉ", "aé"],
    ["self.upperAscii() == 'Aé'", string, "aé", "aÉ"],
    ["self.find('[0-9]+') == '12'", string, "a12b3", "a"],
    ["self.findAll('[0-9]').size() == 2", string, "1a2", "1"],
    ["self.findAll('[0-9]', 1) == ['1']", string, "1a2", "2a1"],
    ["self.charAt(1) == 'b'", string, "abc", "acb"],
    ["self.replace('a', 'b') == 'bb'", string, "ab", "ac"],
    ["self.replace('a', 'b', 1) == 'ba'", string, "aa", "ab"],
    ["self.split(',').size() == 2", string, "a,b", "a"],
    ["self.trim() == 'a'", string, " a ", "b"],
    ["self.substring(1) == 'b'", string, "ab", "aa"],
    ["self.indexOf('b') == 1", string, "ab", "b"],
    ["isURL(self) && url(self).getScheme() == 'https'", string, "https://a.b", "http://a.b"],
    ["url(self).getHost() == 'a.b:1'", string, "https://a.b:1/x", "https://a.b/x"],
    ["url(self).getHostname() == '::1'", string, "https://[::1]:1/x", "https://a.b"],
    ["url(self).getPort() == ''", string, "https://a.b", "https://a.b:1"],
    ["url(self).getEscapedPath() == '/a%20b'", string, "https://a.b/a%20b", "https://a.b"],
    ["url(self).getEscapedPath() == ''", string, "https://a.b", "https://a.b/"],
    ["url(self).getQuery()['q'] == ['1', '2']", string, "https://a.b?q=1&q=2", "https://a.b?q=1"],
    ["self.isSorted()", ints, [1, 2, 2], [2, 1]],
    ["self.sum() == 3", ints, [1, 2], [1]],
    ["self.min() == 1 && self.max() == 3", ints, [3, 1], [3, 2]],
    ["self.indexOf(2) == 1 && self.lastIndexOf(2) == 2", ints, [1, 2, 2], [2]],
    ["sets.contains(self, [1, 2])", ints, [2, 1, 3], [1]],
    ["sets.intersects(self, [1, 2])", ints, [2], [3]],
    ["sets.equivalent(self, [1, 2])", ints, [2, 1, 1], [1]],
    ["duration(self) > duration('90s')", string, "2m", "1m"],
    ["self > duration('90s')", { type: "string", format: "duration" }, "2m", "1m"],
    [
      "self < timestamp('2026-01-01T00:00:00Z')",
      { type: "string", format: "date-time" },
      "2025-01-01T00:00:00Z",
      "2027-01-01T00:00:00Z",
    ],
    ["size(self) == 2", { type: "string", format: "byte" }, "aGk=", "aA=="],
    ["self == 3 || self == 'x'", { "x-kubernetes-int-or-string": true }, 3, 4],
    ["self / 2 == 1", { type: "integer" }, 3, 4],
    ["self / 2.0 == 1.5", { type: "number" }, 3, 4],
    ["self.all(k, self[k] == 'v')", { type: "object", additionalProperties: string }, { "a.b": "v" }, { a: "w" }],
    [
      "self.a__dash__b && self.__if__ && self.c__dot__d && self.e__slash__f && self.g__underscores__h",
      {
        type: "object",
        properties: Object.fromEntries(["a-b", "if", "c.d", "e/f", "g__h"].map((name) => [name, { type: "boolean" }])),
      },
      { "a-b": true, if: true, "c.d": true, "e/f": true, g__h: true },
      { "a-b": false, if: true, "c.d": true, "e/f": true, g__h: true },
    ],
    ["oldSelf.hasValue() || self == 'a'", string, "a", "b"],
  ])("%s", (rule, schema, holds, broken) => {
    const whole: ValidationRule = { rule, optionalOldSelf: rule.includes("oldSelf") }
    expect(on(schema, whole, holds)).toEqual([])
    expect(on(schema, whole, broken)).toEqual([{ path: "x", message: `failed rule: ${rule}`, rule }])
  })

  test("what does not parse or evaluate is a finding, never a pass", () => {
    for (const rule of [
      "self +",
      "self.absent",
      "quantity('1').isGreaterThan(quantity('0'))",
      "self",
      "isIP('1.2.3.4')",
    ]) {
      expect(on({ type: "object", properties: { a: string } }, rule, { a: "" }), rule).toHaveLength(1)
    }
  })

  test("a rule cannot see a field its schema does not declare", () => {
    expect(
      on({ type: "object", properties: {}, "x-kubernetes-preserve-unknown-fields": true }, "has(self.x)", { x: 1 }),
    ).toHaveLength(1)
    expect(
      on({ type: "object", properties: { a: string }, "x-kubernetes-preserve-unknown-fields": true }, "has(self.x)", {
        x: 1,
      }),
    ).toHaveLength(1)
  })

  test("messageExpression and fieldPath are honoured, and a broken messageExpression falls back", () => {
    const rule = { rule: "false", message: "fixed", messageExpression: "'value ' + self", fieldPath: ".name" }
    expect(on(string, rule, "a")).toMatchObject([{ path: "x.name", message: "value a" }])
    expect(on(string, { ...rule, messageExpression: "self.nope" }, "a")).toMatchObject([{ message: "fixed" }])
  })

  test("transition rules are left out, and listed", () => {
    const schema: Schema = {
      type: "object",
      properties: {
        list: { type: "array", items: { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf" }] } },
      },
    }
    expect(validate([crd(schema)], [thing({ list: ["a"] })])).toEqual([])
    expect(transitions([crd(schema)])).toEqual([
      { kind: "Thing", version: "v1", path: "spec.list[]", rule: "self == oldSelf" },
    ])
  })

  test("a rule on a value of the wrong structure is left out: it would only follow", () => {
    const schema: Schema = {
      type: "object",
      properties: { a: string },
      "x-kubernetes-validations": [{ rule: "self.a == 'x'" }],
    }
    expect(found(schema, { a: 1 })).toEqual(["spec.it.a: 1 is of type integer, string is needed"])
  })
})

/** Where a rule of the CRDs stands. */
interface Place {
  readonly place: string
  readonly schema: Schema
  readonly rule: ValidationRule
}

function* places(schema: Schema, path: string): Generator<Place> {
  for (const [index, rule] of (schema["x-kubernetes-validations"] ?? []).entries())
    yield { place: `${path}#${index}`, schema, rule }
  for (const [key, each] of Object.entries(schema.properties ?? {})) yield* places(each, `${path}.${key}`)
  if (schema.items) yield* places(schema.items, `${path}[]`)
  if (isObject(schema.additionalProperties)) yield* places(schema.additionalProperties, `${path}{}`)
}

const allPlaces = (crds: readonly unknown[]): readonly Place[] =>
  crds.flatMap((each) => {
    const { spec } = each as { spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] } }
    return spec.versions.flatMap(({ schema }) => [...places(schema.openAPIV3Schema, spec.names.kind)])
  })

/** The variants of MCPExternalAuthConfig, in the order of its rules. */
const variants = "tokenExchange headerInjection bearerToken embeddedAuthServer awsSts upstreamInject obo xaa".split(" ")

const trusted = "MCPExternalAuthConfig.spec.embeddedAuthServer.trustedIssuers[]"
const embedded = "MCPExternalAuthConfig.spec.embeddedAuthServer"
const limit = { maxTokens: 1, refillPeriod: "1s" }

/** One value that keeps each rule and one that breaks it, by the first place the rule stands at. */
const cases: Readonly<Record<string, readonly [holds: unknown, broken: unknown]>> = {
  ...Object.fromEntries(
    variants.map((type, i) => [`MCPExternalAuthConfig.spec#${i}`, [{ type, [type]: {} }, { type }]]),
  ),
  "MCPExternalAuthConfig.spec#8": [{ type: "unauthenticated" }, { type: "unauthenticated", xaa: {} }],
  [`${embedded}#0`]: [
    { allowConfidentialClientRegistration: true, insecureAllowHTTP: false },
    { allowConfidentialClientRegistration: true, insecureAllowHTTP: true },
  ],
  [`${embedded}#1`]: [
    { issuer: "https://a.b", delegateClients: [{ clientId: "c" }] },
    { issuer: "http://a.b", delegateClients: [{ clientId: "c" }] },
  ],
  [`${embedded}#2`]: [
    { forceConfidentialRedirectUris: ["https://a.b"], allowConfidentialClientRegistration: true },
    { forceConfidentialRedirectUris: ["https://a.b"] },
  ],
  [`${embedded}.delegateClients[]#0`]: [
    { clientSecretRef: { name: "a", key: "b" } },
    { clientSecretRef: { name: "a", key: "" } },
  ],
  [`${embedded}.storage.redis#0`]: [{ addr: "a:1" }, { addr: "a:1", sentinelConfig: {} }],
  [`${embedded}.storage.redis#1`]: [{ addr: "a:1", clusterMode: true }, { clusterMode: true }],
  [`${trusted}#0`]: [{ allowedDelegateClients: ["*"] }, { allowedDelegateClients: ["*", "a"] }],
  [`${trusted}#1`]: [
    { allowMayAct: true, allowedDelegateClients: ["a"] },
    { allowMayAct: true, allowedDelegateClients: ["*"] },
  ],
  [`${trusted}#2`]: [{ actorClaim: "azp" }, { actorClaim: "may_act" }],
  [`${trusted}#3`]: [
    { allowPrivateIPs: true, jwksUrl: "https://a.b" },
    { allowPrivateIPs: true, jwksUrl: "" },
  ],
  [`${trusted}#4`]: [{ jwtBearerGrant: {} }, { jwtBearerGrant: {}, actorMatcher: "x" }],
  [`${trusted}#5`]: [{ expectedAudience: "a", allowedDelegateClients: ["a"] }, { expectedAudience: "a" }],
  [`${trusted}.jwtBearerGrant#0`]: [{ maxAssertionAge: "5m" }, { maxAssertionAge: "0s" }],
  [`${trusted}.jwtBearerGrant#1`]: [
    { subjectBindings: [{ subject: "a" }, { subject: "b" }] },
    { subjectBindings: [{ subject: "a" }, { subject: "a" }] },
  ],
  [`${embedded}.upstreamProviders[]#0`]: [
    { type: "oidc", oidcConfig: {} },
    { type: "oidc", oidcConfig: {}, oauth2Config: {} },
  ],
  [`${embedded}.upstreamProviders[].oauth2Config#0`]: [{ clientId: "a" }, { clientId: "" }],
  [`${embedded}.upstreamProviders[].oauth2Config#1`]: [{ dcrConfig: {} }, { dcrConfig: {}, clientSecretRef: {} }],
  [`${embedded}.upstreamProviders[].oauth2Config.dcrConfig#0`]: [
    { discoveryUrl: "https://a.b/c" },
    { discoveryUrl: "https://a.b/c", registrationEndpoint: "https://a.b/c" },
  ],
  "MCPOIDCConfig.spec#0": [
    { type: "kubernetesServiceAccount", kubernetesServiceAccount: {} },
    { type: "kubernetesServiceAccount" },
  ],
  "MCPOIDCConfig.spec#1": [
    { type: "inline", inline: {} },
    { type: "other", inline: {} },
  ],
  "MCPRemoteProxy.spec#0": [{ authzConfig: {} }, { authzConfig: {}, authzConfigRef: {} }],
  "MCPRemoteProxy.spec.authzConfig#0": [
    { type: "configMap", configMap: {} },
    { type: "inline", configMap: {} },
  ],
  "MCPRemoteProxy.spec.sessionStorage#0": [{ provider: "redis", address: "a:1" }, { provider: "redis" }],
  "MCPServer.spec#1": [
    { rateLimiting: {}, sessionStorage: { provider: "redis" } },
    { rateLimiting: {}, sessionStorage: { provider: "memory" } },
  ],
  "MCPServer.spec#2": [
    { rateLimiting: { perUser: limit }, oidcConfigRef: {} },
    { rateLimiting: { perUser: limit }, authServerRef: {} },
  ],
  "MCPServer.spec#3": [
    { rateLimiting: { tools: [{ name: "a", perUser: limit }] }, externalAuthConfigRef: {} },
    { rateLimiting: { tools: [{ name: "a", perUser: limit }] } },
  ],
  "MCPServer.spec.rateLimiting#0": [{ tools: [{ name: "a" }] }, { tools: [] }],
  "MCPServer.spec.rateLimiting.tools[]#0": [{ name: "a", shared: limit }, { name: "a" }],
  "MCPTelemetryConfig.spec.openTelemetry#0": [
    { headers: { a: "1" }, sensitiveHeaders: [{ name: "b" }] },
    { headers: { a: "1" }, sensitiveHeaders: [{ name: "a" }] },
  ],
  "MCPWebhookConfig.spec#0": [{ validating: [{ name: "a" }] }, { mutating: [] }],
  "VirtualMCPServer.spec#0": [
    { config: { rateLimiting: {} }, sessionStorage: { provider: "redis" } },
    { config: { rateLimiting: {} } },
  ],
  "VirtualMCPServer.spec#1": [
    { config: { rateLimiting: { perUser: limit } }, incomingAuth: { type: "oidc" } },
    { config: { rateLimiting: { perUser: limit } }, incomingAuth: { type: "anonymous" } },
  ],
  "VirtualMCPServer.spec#2": [
    { config: { rateLimiting: { tools: [{ name: "a", perUser: limit }] } }, incomingAuth: { type: "oidc" } },
    { config: { rateLimiting: { tools: [{ name: "a", perUser: limit }] } }, incomingAuth: { type: "anonymous" } },
  ],
  "VirtualMCPServer.spec#3": [
    { embeddingServerRef: {}, config: { optimizer: { embeddingProvider: "other" } } },
    { embeddingServerRef: {}, config: { optimizer: { embeddingProvider: "openai" } } },
  ],
  "VirtualMCPServer.spec.config.operational.failureHandling.circuitBreaker.timeout#0": ["1s", "999ms"],
  "VirtualMCPServer.spec.config.optimizer#0": [
    { embeddingHeaders: { a: "b" }, embeddingProvider: "openai" },
    { embeddingHeaders: { a: "b" } },
  ],
  "VirtualMCPServer.spec.config.optimizer#1": [
    { embeddingHeaders: { "x-a'b`c": "v" } },
    { embeddingHeaders: { Authorization: "v" } },
  ],
  "VirtualMCPServer.spec.incomingAuth#0": [{ type: "oidc", oidcConfigRef: {} }, { type: "oidc" }],
}

describe("the rules of ToolHive's definitions", () => {
  testWithCrds("each one holds for a value that keeps it and is found broken for one that does not", (crds) => {
    const first = new Map<string, string>()
    const untried = new Set(Object.keys(cases))
    const all = allPlaces(crds)
    for (const { place, schema, rule } of all) {
      const name = first.get(rule.rule) ?? place
      first.set(rule.rule, name)
      const tried = cases[name]
      expect(tried, `no case for the rule at ${name}: ${rule.rule}`).toBeDefined()
      if (tried === undefined) continue
      untried.delete(name)
      const { "x-kubernetes-validations": _, ...rest } = schema
      const only: Schema = { ...rest, "x-kubernetes-validations": [rule] }
      const [holds, broken] = tried.map((value) => [...rules(only, value, "x", (path) => path === "x")])
      expect(holds, `${place} should hold`).toEqual([])
      expect(broken, `${place} should be broken`).toEqual([
        { path: "x", message: rule.message ?? expect.any(String), rule: rule.rule },
      ])
    }
    expect([...untried]).toEqual([])
    expect(all.length).toBeGreaterThan(100)
  })

  testWithCrds("none is a transition rule, so none is left out", (crds) => {
    expect(transitions(crds)).toEqual([])
  })

  testWithCrds("every pattern is one that can be checked", (crds) => {
    const patterns = new Set(JSON.stringify(crds).match(/"pattern":"(?:[^"\\]|\\.)*"/g) ?? [])
    expect(patterns.size).toBeGreaterThan(20)
    for (const each of patterns) expect(() => goPattern(JSON.parse(`{${each}}`).pattern), each).not.toThrow()
  })
})
