import { describe, expect, test } from "vitest"
import { isObject, type Schema, type ValidationRule } from "../../compiler/targets/toolhive/crd/definition.ts"
import { goPattern } from "../../compiler/targets/toolhive/crd/go-pattern.ts"
import { parse, transitions, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { rules } from "../../compiler/targets/toolhive/crd/rules.ts"
import { testWithCrds } from "./toolhive-crds.ts"

const crd = (spec: Schema, versions: readonly object[] = []): object => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  spec: {
    group: "example.com",
    names: { kind: "Thing" },
    versions: [
      {
        name: "v1",
        served: true,
        schema: { openAPIV3Schema: { type: "object", required: ["spec"], properties: { spec } } },
      },
      { name: "v0", served: false, schema: { openAPIV3Schema: { type: "object" } } },
      ...versions,
    ],
  },
})

const thing = (spec: unknown, more: object = {}): object => ({
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name: "it" },
  spec,
  ...more,
})

const found = (schema: Schema, value: unknown) =>
  validate([crd({ type: "object", properties: { it: schema } })], [thing({ it: value })]).map(
    ({ path, message }) => `${path}: ${message}`,
  )

const strings: Schema = { type: "array", items: { type: "string" } }
const named: Schema = {
  type: "object",
  required: ["name"],
  properties: { name: { type: "string" }, n: { type: "integer" } },
}

/** What each keyword lets pass and what it refuses. */
const keywords: Readonly<Record<string, readonly [schema: Schema, good: readonly unknown[], bad: readonly unknown[]]>> =
  {
    "type string": [{ type: "string" }, ["", "a"], [1, true, null, [], {}]],
    "type integer": [{ type: "integer" }, [0, -3, 2.0], [1.5, "1", null]],
    "type number": [{ type: "number" }, [1, 1.5], ["1"]],
    "type boolean": [{ type: "boolean" }, [true], ["true", 0]],
    "type array": [strings, [[], ["a"]], [{}, "a", [1]]],
    "type object": [{ type: "object", properties: {} }, [{}], [[], "a"]],
    nullable: [{ type: "string", nullable: true }, [null, "a"], [1]],
    required: [named, [{ name: "a" }], [{}, { n: 1 }]],
    "unknown field": [
      named,
      [{ name: "a", n: 1 }],
      [
        { name: "a", other: 1 },
        { name: "a", Name: "b" },
      ],
    ],
    enum: [{ type: "string", enum: ["a", "b"] }, ["a"], ["c", ""]],
    "enum of objects": [{ enum: [{ a: [1] }] }, [{ a: [1] }], [{ a: [2] }, { a: [1], b: 1 }]],
    pattern: [{ type: "string", pattern: "^a+$" }, ["aa"], ["", "ab", "baa"]],
    "pattern is not anchored": [{ type: "string", pattern: "b" }, ["abc"], ["ac"]],
    minLength: [{ type: "string", minLength: 2 }, ["ab", "é😀"], ["a", "😀"]],
    maxLength: [{ type: "string", maxLength: 2 }, ["ab", "😀😀"], ["abc"]],
    minimum: [{ type: "integer", minimum: 3 }, [3], [2]],
    exclusiveMinimum: [{ type: "integer", minimum: 3, exclusiveMinimum: true }, [4], [3]],
    maximum: [{ type: "integer", maximum: 3 }, [3], [4]],
    exclusiveMaximum: [{ type: "integer", maximum: 3, exclusiveMaximum: true }, [2], [3]],
    multipleOf: [{ type: "integer", multipleOf: 5 }, [10], [11]],
    "format int32": [{ type: "integer", format: "int32" }, [2147483647], [2147483648]],
    "format int64": [{ type: "integer", format: "int64" }, [2147483648], [1e19]],
    "format date-time": [
      { type: "string", format: "date-time" },
      ["2026-11-23T10:00:00Z"],
      ["2026-11-23", "2026-13-01T00:00:00Z"],
    ],
    "format date": [{ type: "string", format: "date" }, ["2026-02-28"], ["2026-02-30"]],
    "format duration": [{ type: "string", format: "duration" }, ["1h30m", "1.5s", "2 days", "500µs"], ["1x", "", "h"]],
    "format uri": [{ type: "string", format: "uri" }, ["https://a.b/c", "/c"], ["a b", "example.com"]],
    "format email": [{ type: "string", format: "email" }, ["a@b.c"], ["a", "a@"]],
    "format hostname": [{ type: "string", format: "hostname" }, ["a.b-c"], ["-a", "a_b"]],
    "format ipv4": [{ type: "string", format: "ipv4" }, ["127.0.0.1"], ["256.0.0.1", "1.2.3"]],
    "format ipv6": [{ type: "string", format: "ipv6" }, ["::1"], ["127.0.0.1", ":::"]],
    "format cidr": [{ type: "string", format: "cidr" }, ["10.0.0.0/8", "fc00::/7"], ["10.0.0.0", "10.0.0.0/33"]],
    "format mac": [{ type: "string", format: "mac" }, ["00:00:5e:00:53:01"], ["00:00:5e"]],
    "format uuid": [{ type: "string", format: "uuid" }, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]],
    "format byte": [{ type: "string", format: "byte" }, ["aGk="], ["aGk"]],
    "format nobody knows": [{ type: "string", format: "x-own" }, ["anything"], []],
    minItems: [{ ...strings, minItems: 1 }, [["a"]], [[]]],
    maxItems: [{ ...strings, maxItems: 1 }, [["a"]], [["a", "b"]]],
    items: [strings, [["a"]], [["a", 1]]],
    "list-type set": [{ ...strings, "x-kubernetes-list-type": "set" }, [["a", "b"]], [["a", "a"]]],
    "list-type map": [
      { type: "array", items: named, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
      [[{ name: "a" }, { name: "b" }]],
      [
        [
          { name: "a", n: 1 },
          { name: "a", n: 2 },
        ],
      ],
    ],
    "list-type atomic": [{ ...strings, "x-kubernetes-list-type": "atomic" }, [["a", "a"]], []],
    minProperties: [{ type: "object", additionalProperties: { type: "string" }, minProperties: 1 }, [{ a: "" }], [{}]],
    maxProperties: [
      { type: "object", additionalProperties: { type: "string" }, maxProperties: 1 },
      [{ a: "" }],
      [{ a: "", b: "" }],
    ],
    additionalProperties: [{ type: "object", additionalProperties: { type: "string" } }, [{ x: "a" }], [{ x: 1 }]],
    "additionalProperties true": [{ type: "object", additionalProperties: true }, [{ x: 1 }], ["x"]],
    "preserve-unknown-fields": [
      { type: "object", properties: { a: { type: "string" } }, "x-kubernetes-preserve-unknown-fields": true },
      [{ b: { c: 1 } }, { a: "" }],
      [{ a: 1 }],
    ],
    "int-or-string": [{ "x-kubernetes-int-or-string": true }, [1, "1"], [1.5, true, []]],
    "embedded-resource": [
      { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
      [{ apiVersion: "v1", kind: "Pod", spec: {} }],
      [{ kind: "Pod" }, { apiVersion: 1, kind: "Pod" }],
    ],
    allOf: [{ type: "string", allOf: [{ minLength: 2 }, { maxLength: 3 }] }, ["ab"], ["a", "abcd"]],
    anyOf: [{ type: "string", anyOf: [{ enum: ["a"] }, { minLength: 3 }] }, ["a", "abc"], ["b"]],
    oneOf: [{ type: "integer", oneOf: [{ minimum: 5 }, { maximum: 7 }] }, [1, 9], [6]],
    not: [{ type: "string", not: { enum: ["a"] } }, ["b"], ["a"]],
  }

describe("structure", () => {
  test.each(Object.entries(keywords))("%s", (_, [schema, good, bad]) => {
    for (const value of good) expect(found(schema, value), JSON.stringify(value)).toEqual([])
    for (const value of bad) expect(found(schema, value), JSON.stringify(value)).not.toEqual([])
  })

  test("a finding names the document, the path and the reason", () => {
    expect(validate([crd({ type: "object", properties: { a: strings } })], [thing({ a: ["x", 5] })])).toEqual([
      { document: "Thing it", path: "spec.a[1]", message: "5 is of type integer, string is needed" },
    ])
  })

  test("defaults are filled in before anything is judged", () => {
    const schema: Schema = {
      type: "object",
      required: ["mode"],
      default: {},
      properties: { mode: { type: "string", default: "safe" } },
      "x-kubernetes-validations": [{ rule: "self.mode == 'safe'" }],
    }
    expect(found(schema, {})).toEqual([])
    expect(found(schema, undefined)).toEqual([])
    expect(found(schema, { mode: null })).toEqual([])
    expect(found(schema, { mode: "other" })).toEqual(["spec.it: failed rule: self.mode == 'safe'"])
  })
})

describe("the resource as a whole", () => {
  const definitions = [crd({ type: "object", properties: {} })]
  const one = (resource: unknown) =>
    validate(definitions, [JSON.parse(JSON.stringify(resource))]).map(({ path, message }) => `${path}: ${message}`)
  test.each([
    ["a kind nobody defines", { ...thing({}), kind: "Other" }, "kind: no definition of Other in example.com is known"],
    ["another group", { ...thing({}), apiVersion: "v1" }, "kind: no definition of Thing in the core group is known"],
    [
      "a version that is not served",
      { ...thing({}), apiVersion: "example.com/v0" },
      "apiVersion: Thing is served as v1, not as v0",
    ],
    ["no metadata", { ...thing({}), metadata: undefined }, "metadata: required, and missing"],
    ["no name", thing({}, { metadata: {} }), "metadata.name: required, and missing"],
    [
      "a name in capitals",
      thing({}, { metadata: { name: "It" } }),
      'metadata.name: "It" is not a lowercase RFC 1123 subdomain',
    ],
    [
      "an unknown field of metadata",
      thing({}, { metadata: { name: "it", label: {} } }),
      "metadata.label: unknown field",
    ],
    [
      "a label too long",
      thing({}, { metadata: { name: "it", labels: { a: "x".repeat(64) } } }),
      "metadata.labels.a: its value is not valid",
    ],
    ["an unknown field", thing({}, { status: {} }), "status: unknown field"],
    ["no spec", { ...thing({}), spec: undefined }, "spec: required, and missing"],
    ["no object", "text", ": a resource is an object with apiVersion and kind"],
    ["no kind", { apiVersion: "v1" }, ": apiVersion and kind are needed, and strings"],
  ])("%s", (_, resource, message) => {
    expect(one(resource)).toEqual([message])
  })

  test("parse reads every document and says what is no YAML", () => {
    const { documents, findings } = parse([
      { path: "a.yaml", text: "a: 1\n---\n# nothing\n---\nb: 2\n" },
      { path: "b.yaml", text: "a: [1\n" },
    ])
    expect(documents).toEqual([{ a: 1 }, { b: 2 }])
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ document: "b.yaml", message: expect.stringContaining("not YAML") })
  })
})

describe("Go patterns", () => {
  test.each<[pattern: string, matches: readonly string[], not: readonly string[]]>([
    ["^[[:space:]]+$", [" \t\n"], ["a", "\u00a0"]],
    ["^[^[:space:]]+$", ["a/b?c"], ["a b"]],
    ["^https?://[^\\s?#]+[^/\\s?#]$", ["https://a.b/c"], ["https://a.b/", "https://a b", "ftp://a.b"]],
    ["^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$", ["a!b"], ['a"b', "a b", "a\\b"]],
    [
      "^arn:(aws|aws-cn):iam::\\d{12}:role/[\\w+=,.@\\-_/]+$",
      ["arn:aws:iam::123456789012:role/a-b"],
      ["arn:aws:iam::1:role/a"],
    ],
    ["^[]a]+$", ["]a"], ["b"]],
    ["^[a-]+$", ["a-"], ["b"]],
    ["^[\\]\\-]+$", ["]-"], ["a"]],
    ["^a{2,3}b{$", ["aab{"], ["ab{", "aab"]],
    ["(?i)^ab$", ["AB"], ["b"]],
    ["(?s)^a.b$", ["a\nb"], ["ab"]],
    ["^a.b$", ["a\rb"], ["a\nb"]],
    ["\\Aab\\z", ["ab"], ["ab\n", "xab"]],
    ["^\\Qa.b\\E$", ["a.b"], ["axb"]],
    ["^(?P<x>a)(?:b)$", ["ab"], ["a"]],
    ["^\\pL+$", ["é"], ["1"]],
    ["^\\p{Greek}+$", ["α"], ["a"]],
    ["^[\\S[:digit:]]$", ["a"], [" "]],
    ["^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$", ["1.5h30m", "5µs"], ["5", "1d"]],
  ])("%s", (pattern, matches, not) => {
    for (const text of matches) expect(goPattern(pattern).test(text), text).toBe(true)
    for (const text of not) expect(goPattern(pattern).test(text), text).toBe(false)
  })

  test.each(["a(?=b)", "a(?!b)", "(?<=a)b", "(a)\\1", "[[:nope:]]", "[a", "a\\"])("refuses %s", (pattern) => {
    expect(() => goPattern(pattern)).toThrow()
  })
})

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
