import { describe, expect, test } from "vitest"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { type ExampleName, exampleText, exampleUri, runBy } from "../examples.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive, EMBEDDED, OUTSIDE } from "./toolhive-source.ts"

const example = (name: ExampleName) => compileForToolHive(exampleText(name), exampleUri(name))

const documents = (text: string) => parse([{ path: "flow.yaml", text }]).documents

describe("the examples", () => {
  test.each(runBy("toolhive"))("%s lowers to the golden manifests", async (name) => {
    const { artifacts, errors } = example(name)
    expect(errors).toEqual([])
    expect(artifacts).toHaveLength(1)
    await expect(artifacts[0]?.text).toMatchFileSnapshot(`toolhive/${name}.yaml`)
  })

  for (const name of runBy("toolhive")) {
    testWithCrds(`${name} is what the API server accepts`, (crds) => {
      const made = documents(example(name).artifacts[0]?.text ?? "")
      expect(made.length).toBeGreaterThanOrEqual(3)
      expect(validate(crds, made)).toEqual([])
    })
  }

  test("thv-0050-groups is refused, with the reasons and the ways out", () => {
    const { artifacts, errors, explanations } = example("thv-0050-groups")
    expect(artifacts).toEqual([])
    expect(errors).toEqual(expect.arrayContaining(["AF0801", "AF0803"]))
    expect(explanations).toContain("Or let the issuer that has the claims identify the callers")
    expect(explanations).toContain("authflow run")
  })
})

/** A way to change a document: every scalar becomes of a wrong type, every field is dropped or doubled by an unknown one. */
function* mutations(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) for (const each of mutations(item)) yield value.with(index, each)
  } else if (typeof value === "object" && value !== null) {
    yield { ...value, unknownToToolHive: true }
    for (const [key, item] of Object.entries(value)) for (const each of mutations(item)) yield { ...value, [key]: each }
  } else yield typeof value === "string" ? 5 : "five"
}

describe("the validation of the examples", () => {
  testWithCrds("finds each wrong type and each unknown field that is put into them", (crds) => {
    let tried = 0
    for (const document of documents(example("thv-0050").artifacts[0]?.text ?? "")) {
      for (const broken of mutations(document)) {
        expect(validate(crds, [broken]), JSON.stringify(broken)).not.toEqual([])
        tried++
      }
    }
    expect(tried).toBeGreaterThan(80)
  })

  testWithCrds("finds a broken rule", (crds) => {
    const [server] = documents(example("thv-0050").artifacts[0]?.text ?? "")
    const broken = structuredClone(server) as { spec: { type: string } }
    broken.spec.type = "awsSts"
    expect(validate(crds, [broken]).map(({ rule }) => rule)).toHaveLength(2)
  })
})

describe("the manifests", () => {
  test("are the same each time, and in an order in which they can be applied", () => {
    const first = example("thv-0050").artifacts
    expect(example("thv-0050").artifacts).toEqual(first)
    const names = documents(first[0]?.text ?? "").map((each) => {
      const { kind, metadata } = each as { kind: string; metadata: { name: string } }
      return `${kind} ${metadata.name}`
    })
    expect(names).toEqual([
      "MCPExternalAuthConfig gate",
      "MCPOIDCConfig aws-mcp-oidc",
      "MCPExternalAuthConfig aws-mcp-sts",
      "MCPRemoteProxy aws-mcp",
    ])
  })

  test("point back at the lines of the source", () => {
    const { artifacts, text } = example("thv-0050")
    const lines = [...(artifacts[0]?.text ?? "").matchAll(/from examples\/thv-0050\.authflow:(\d+)/g)].map(([, line]) =>
      Number(line),
    )
    const said = text.split("\n")
    expect(new Set(lines.map((line) => said[line - 1]?.trim().split(/[\s(]/)[0]))).toEqual(
      new Set(
        [
          "provider",
          "server",
          "issuer",
          "client_id",
          "client_secret",
          "scopes",
          "login",
          "tokens",
          "keys",
          "hmac_keys",
          "flow",
          "identify",
          "exchange",
          "region",
          "equals",
          "ends_with",
          "session",
          "sign",
          "forward",
        ].filter((word) => lines.some((line) => said[line - 1]?.trim().startsWith(word))),
      ),
    )
    for (const word of [
      "provider corp",
      "server gate",
      "flow aws_mcp",
      "identify gate",
      "exchange aws.sts",
      "sign aws.sigv4",
      "forward",
      "equals",
      "ends_with",
    ]) {
      const line = said.findIndex((each) => each.trim().startsWith(word)) + 1
      expect(lines, word).toContain(line)
    }
  })

  test("hold no secret but by reference, and say which Secrets are needed", () => {
    const text = example("thv-0050").artifacts[0]?.text ?? ""
    expect(text).toContain("#   gate-keys: 2026, 2025\n")
    const refs = text.match(/name: (corp-idp|gate-keys|gate-hmac)\n\s+key: \S+/g)
    expect(refs).toHaveLength(4)
  })

  test("keep apart text that YAML 1.1 or 1.2 would read as something else", () => {
    const { artifacts, errors } = compileForToolHive(
      EMBEDDED.replaceAll("mcp-gateway", "0x1F")
        .replaceAll('"gate-hmac", key: "current"', '"1e3", key: "no"')
        .replaceAll("@example.com", 'it\'s # a: \\"b\\"'),
    )
    expect(errors).toEqual([])
    const [server, , sts] = documents(artifacts[0]?.text ?? "") as unknown as readonly [
      {
        spec: {
          embeddedAuthServer: { upstreamProviders: { oidcConfig: { clientId: unknown } }[]; hmacSecretRefs: unknown }
        }
      },
      unknown,
      { spec: { awsSts: { roleMappings: { matcher: string }[] } } },
    ]
    expect(server.spec.embeddedAuthServer.upstreamProviders[0]?.oidcConfig.clientId).toBe("0x1F")
    expect(server.spec.embeddedAuthServer.hmacSecretRefs).toEqual([{ name: "1e3", key: "no" }])
    expect(sts.spec.awsSts.roleMappings[0]?.matcher).toContain('endsWith("it\'s # a: \\"b\\"")')
    expect(artifacts[0]?.text).toContain('key: "no"')
  })

  test("a name is written with - for _, and several flows are several files", () => {
    const second = [
      ["gate ", "second_gate "],
      ["aws_mcp", "other_flow"],
      ["corp_two", "third"],
      [/corp(?=[ \].])/g, "other_corp"],
      ["auth.example.com", "auth2.example.com"],
      ["mcp.example.com", "mcp2.example.com"],
    ].reduce((text, [from = "", to]) => text.replaceAll(from, String(to)), EMBEDDED)
    const { artifacts, errors } = compileForToolHive(`${EMBEDDED}\n${second}`)
    expect(errors).toEqual([])
    expect(artifacts.map(({ path }) => path)).toEqual(["aws-mcp.yaml", "other-flow.yaml"])
    expect(artifacts[1]?.text).toContain("name: second-gate")
    expect(artifacts[1]?.text).toContain("- name: other-corp")
  })

  test("an outside issuer needs no embedded server", () => {
    const { artifacts, errors } = compileForToolHive(OUTSIDE)
    expect(errors).toEqual([])
    expect(artifacts[0]?.text).not.toContain("embeddedAuthServer")
    expect(artifacts[0]?.text).not.toContain("authServerRef")
  })

  test("a flow at the root works with a slash, and its scopes may be none", () => {
    const { artifacts, errors } = compileForToolHive(
      OUTSIDE.replace("https://mcp.example.com/mcp", "https://mcp.example.com/")
        .replace("api.aws/mcp", "api.aws")
        .replace(', scopes = ["mcp:use"]', ""),
    )
    expect(errors).toEqual([])
    expect(artifacts[0]?.text).toContain('resourceUrl: "https://mcp.example.com/"')
    expect(artifacts[0]?.text).not.toContain("scopes:")
  })
})
