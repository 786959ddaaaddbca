import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { analyze, registry } from "../../compiler/index.ts"
import { importManifests } from "../../compiler/targets/toolhive/import/index.ts"
import { imported, said } from "./import-source.ts"

const WHOLE = registry.AF1016.example?.good ?? ""

const codes = (text: string) => imported(text).diagnostics.map(({ code }) => code)

const bomb = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x]",
  ...Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(", ")}]`),
].join("\n")

describe("bad input", () => {
  it.each([
    ["an empty file", "", ["AF1020"]],
    ["comments only", "# nothing\n---\n# here\n", ["AF1020"]],
    ["no YAML", "a: [1\nb: }", ["AF1001"]],
    ["a Helm template", "kind: {{ .Values.kind }}\n{{- if .Values.on }}\n", ["AF1001"]],
    ["a tab", "\tkind: X\n", ["AF1001"]],
    ["the same key twice", "kind: A\nkind: B\n", ["AF1001"]],
    ["an anchor that is not there", "kind: *nope\n", ["AF1001"]],
    ["an alias in itself", "a: &a [*a]\n", ["AF1002"]],
    ["aliases that stand for gigabytes", bomb, ["AF1002"]],
    ["five megabytes", `# ${"x".repeat(5 * 1024 * 1024)}\n`, ["AF1002"]],
    ["deep nesting", "[".repeat(50_000), ["AF1001"]],
    ["deep and closed", `${"[".repeat(300)}${"]".repeat(300)}`, ["AF1002"]],
    ["a scalar", "hello\n", ["AF1003"]],
    ["no kind", "apiVersion: toolhive.stacklok.dev/v1beta1\n", ["AF1003"]],
    ["no name", "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPGroup\n", ["AF1003"]],
    ["another group's", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n", ["AF1005"]],
    ["a slip in the group", "apiVersion: toolhive.stacklok.com/v1\nkind: MCPServer\nmetadata: {name: a}\n", ["AF1004"]],
    [
      "a version there is not",
      "apiVersion: toolhive.stacklok.dev/v1\nkind: MCPServer\nmetadata: {name: a}\n",
      ["AF1004"],
    ],
    [
      "a kind there is not",
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPProxy\nmetadata: {name: a}\n",
      ["AF1004"],
    ],
    ["a binary file", "\u0000\u0001\ufffd\ufffd", ["AF1003"]],
  ])("%s", (_, text, expected) => {
    expect([...new Set(codes(text))]).toEqual(expected)
    expect(imported(text).artifacts).toEqual([])
  })

  it("a name twice", () => {
    expect(codes(`${WHOLE}---\n${WHOLE}`).filter((code) => code === "AF1006")).toHaveLength(3)
  })

  it("whatever the text: diagnostics within it, and no error of ours", () => {
    const broken = fc
      .tuple(fc.nat(WHOLE.length), fc.nat(30), fc.string({ unit: "binary" }))
      .map(([start, length, put]) => WHOLE.slice(0, start) + put + WHOLE.slice(start + length))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), broken), (text) => {
        for (const { span } of imported(text).diagnostics) {
          expect(span.start).toBeGreaterThanOrEqual(0)
          expect(span.end).toBeGreaterThanOrEqual(span.start)
          expect(span.end).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe("what is in the files", () => {
  it("is the same as a List, as JSON, in v1alpha1, with anchors, and over several files", () => {
    const plain = imported(WHOLE)
    expect(plain.diagnostics).toEqual([])
    const made = (text: string) => imported(text).artifacts[0]?.text.replaceAll(/:\d+\.$/gm, ":1.")
    const expected = made(WHOLE)
    const documents = WHOLE.split("---\n")
    const items = documents.map((each) => `- ${each.trimEnd().replaceAll("\n", "\n  ")}\n`).join("")
    expect(made(`apiVersion: v1\nkind: List\nitems:\n${items}`)).toBe(expected)
    expect(made(WHOLE.replaceAll("v1beta1", "v1alpha1"))).toBe(expected)
    expect(
      made(
        WHOLE.replace("audience: https://mcp.example.com/mcp", "audience: &url https://mcp.example.com/mcp").replace(
          /resourceUrl: .*/,
          "resourceUrl: *url",
        ),
      ),
    ).toBe(expected)
    const apart = importManifests(documents.map((text, index) => ({ path: `${index}.yaml`, text })))
    expect(apart.diagnostics).toEqual([])
    expect(apart.artifacts.map(({ path }) => path)).toEqual(["2.authflow"])
  })

  it("a name that is a word of the language, or taken, is another one, and said", () => {
    const text = WHOLE.replaceAll(/name: api$/gm, "name: match").replaceAll("api-oidc", "match-flow")
    const { artifacts, diagnostics } = imported(text)
    expect(artifacts[0]?.text).toContain("flow match_flow at")
    expect(artifacts[0]?.text).toContain("provider match_flow_provider =")
    expect(diagnostics.map(said).join("\n")).toContain("MCPRemoteProxy match is called match-flow")
    expect(analyze({ uri: "made.authflow", text: artifacts[0]?.text ?? "" }).program).toBeDefined()
  })

  it("a Secret's value is nowhere: not in the result, not in a message, not in the lines that are shown", () => {
    const secret =
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: idp\nstringData:\n  key: hunter2\n  other: |\n    hunter2\n    x: hunter2\ndata: {a: hunter2}\n"
    for (const text of [`${secret}---\n${WHOLE}`, `${secret}  broken: [hunter2\n---\n${WHOLE}`]) {
      const result = imported(text)
      expect(result.diagnostics.length).toBeGreaterThan(0)
      expect(JSON.stringify(result)).not.toContain("hunter2")
      expect(result.sources[0]?.text).toHaveLength(text.length)
    }
  })
})

describe("what ToolHive does without a word", () => {
  const OUTGOING =
    "type: awsSts\n  awsSts:\n    region: us-east-1\n    fallbackRoleArn: arn:aws:iam::123456789012:role/mcp\n    sessionDuration: 1800\n"
  const told = (text: string) =>
    imported(text)
      .diagnostics.filter(({ code }) => code === "AF1012")
      .map(({ message }) => message)

  it("headerInjection on a proxy does nothing", () => {
    const text = WHOLE.replace(
      OUTGOING,
      "type: headerInjection\n  headerInjection:\n    headerName: X-Key\n    valueSecretRef: {name: a, key: b}\n",
    )
    expect(told(text)).toEqual([expect.stringContaining("headerInjection on MCPRemoteProxy api")])
    expect(imported(text).artifacts[0]?.text).toContain(
      'inject header { name = "X-Key", value = secret("a", key: "b") }',
    )
  })

  it("unauthenticated on a proxy passes the caller's token on, and so does nothing at all", () => {
    const none = WHOLE.replace(OUTGOING, "type: unauthenticated\n")
    const unsaid = WHOLE.replace("  externalAuthConfigRef:\n    name: api-sts\n", "")
    for (const text of [none, unsaid]) {
      expect(told(text)).toEqual([expect.stringContaining("the caller's own token")])
      expect(imported(text).artifacts[0]?.text).toContain("passthrough = allowed")
    }
  })

  it("roles by groups behind the embedded server never apply", () => {
    const server =
      "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPExternalAuthConfig\nmetadata:\n  name: gate\nspec:\n  type: embeddedAuthServer\n  embeddedAuthServer:\n    issuer: https://idp.example.com\n    upstreamProviders:\n      - name: corp\n        type: oidc\n        oidcConfig: {issuerUrl: https://corp.example.com, clientId: a, scopes: [openid]}\n---\n"
    const text =
      server +
      WHOLE.replace(
        "    fallbackRoleArn",
        "    roleMappings:\n      - claim: admins\n        roleArn: arn:aws:iam::123456789012:role/admin\n    fallbackRoleArn",
      ).replace(
        "  externalAuthConfigRef:",
        "  authServerRef:\n    kind: MCPExternalAuthConfig\n    name: gate\n  externalAuthConfigRef:",
      )
    expect(told(text)).toEqual([expect.stringContaining("claim `groups`")])
    expect(imported(text).artifacts[0]?.text).toContain('contains "admins" =>')
    expect(codes(text)).toContain("AF1018")
  })
})
