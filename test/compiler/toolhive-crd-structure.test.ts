import { describe, expect, test } from "vitest"
import type { Schema } from "../../compiler/targets/toolhive/crd/definition.ts"
import { goPattern } from "../../compiler/targets/toolhive/crd/go-pattern.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { crd, found, thing } from "./toolhive-crds.ts"

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
