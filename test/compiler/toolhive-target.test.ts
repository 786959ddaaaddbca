import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import type { FieldDeclarations } from "../../compiler/catalogue/field.ts"
import { catalogue } from "../../compiler/index.ts"
import { parse, validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { blockedHost } from "../../compiler/targets/toolhive/engine.ts"
import { goDuration } from "../../compiler/targets/toolhive/go-duration.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive, EMBEDDED, OUTSIDE } from "./toolhive-source.ts"

const example = (name: string) => {
  const uri = `examples/${name}.authflow`
  return compileForToolHive(readFileSync(new URL(`../../${uri}`, import.meta.url), "utf8"), uri)
}

const documents = (text: string) => parse([{ path: "flow.yaml", text }]).documents

describe("the examples", () => {
  test.each(["thv-0050", "external-oidc"])("%s lowers to the golden manifests", async (name) => {
    const { artifacts, errors } = example(name)
    expect(errors).toEqual([])
    expect(artifacts.map(({ path }) => path)).toEqual(["aws-mcp.yaml"])
    await expect(artifacts[0]?.text).toMatchFileSnapshot(`toolhive/${name}.yaml`)
  })

  for (const name of ["thv-0050", "external-oidc"]) {
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

/** What becomes of a field: its value can be found in the manifests, or saying it is refused, or there is nothing to lower. */
type Fate =
  | { readonly lowered: readonly [from: string, to: string] }
  | { readonly refused: string; readonly by: readonly [from: string, to: string] }
  /** A fact about the outside world that the checker needs and no engine is told; or the block that the named fields are in. */
  | { readonly nothing: string }

const gone = { nothing: "a block; its own fields are below" }

/** Every field of the catalogue. One that is missing here, or here and not there, fails the test. */
const fates: Readonly<Record<string, Fate>> = {
  "oidc.issuer": { lowered: ["https://idp.example.com", "https://login.example.com"] },
  "oidc.client_id": { lowered: ['"mcp-gateway"', '"another"'] },
  "oidc.client_secret": { lowered: ['"corp-idp"', '"another"'] },
  "oidc.scopes": { lowered: ['"offline_access"]', '"profile"]'] },
  "oidc.id_token": gone,
  "oidc.id_token.claims": { nothing: "a fact about the provider; what reads it is refused (AF0801, AF0803)" },
  "oidc.access_token": gone,
  "oidc.access_token.format": {
    nothing: "a fact about the provider; an opaque one cannot be shown to STS on any engine",
  },
  "oidc.access_token.audience": { lowered: ['"sts.amazonaws.com"', '"another"'] },
  "oidc.access_token.claims": { nothing: "a fact about the provider; role mappings on its claims are lowered" },
  "oidc.userinfo": gone,
  "oidc.userinfo.claims": { nothing: "a fact about the provider; what reads it is refused (AF0803, AF0829)" },
  "oidc.algorithms": { refused: "AF0816", by: ["  access_token", "  algorithms = [ES256]\n  access_token"] },
  "auth_server.issuer": { lowered: ["https://auth.example.com", "https://login.example.com"] },
  "auth_server.login": { refused: "AF0804", by: ["[corp]", "[corp, corp_two]"] },
  "auth_server.clients": gone,
  "auth_server.clients.registration": {
    refused: "AF0805",
    by: ["tokens ", "clients = { registration: none }\n  tokens "],
  },
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
  "aws.sigv4.max_body": { refused: "AF0810", by: ['service = "aws-mcp"', 'service = "aws-mcp", max_body = 9MiB'] },
  "forward.timeout": { refused: "AF0815", by: ['api.aws/mcp"', 'api.aws/mcp" { timeout = 60s }'] },
}

function* paths(fields: FieldDeclarations, prefix: string): Generator<string> {
  for (const [name, { type }] of Object.entries(fields)) {
    yield `${prefix}.${name}`
    if (type.structure.kind === "block") yield* paths(type.structure.fields, `${prefix}.${name}`)
  }
}

const catalogued = Object.entries({ ...catalogue.declarations, ...catalogue.stages }).flatMap(([kind, { fields }]) => [
  ...paths(fields, kind),
])

describe("each field of the catalogue is lowered or refused, never ignored", () => {
  test("and each one is in the table", () => {
    expect(Object.keys(fates).toSorted()).toEqual(catalogued.toSorted())
  })

  test.each(catalogued)("%s", (path) => {
    const fate = fates[path]
    const base = path.startsWith("identify.oidc") ? OUTSIDE : EMBEDDED
    const manifests = (text: string) => compileForToolHive(text)
    expect(manifests(base).errors).toEqual([])
    if (fate === undefined || "nothing" in fate) return expect(fate?.nothing ?? "").not.toBe("")
    const [from, to] = "lowered" in fate ? fate.lowered : fate.by
    expect(base, `the source has no ${from}`).toContain(from)
    const changed = manifests(base.replaceAll(from, to))
    if ("refused" in fate) return expect(changed.errors).toEqual([fate.refused])
    expect(changed.errors).toEqual([])
    const plain = (text: string | undefined) => text?.replaceAll(/\.authflow:\d+/g, "")
    expect(plain(changed.artifacts[0]?.text)).not.toBe(plain(manifests(base).artifacts[0]?.text))
  })
})

describe("hosts the operator refuses", () => {
  test.each([
    "localhost",
    "x.localhost",
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "169.254.169.254",
    "metadata.google.internal",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
    "kubernetes.default.svc",
    "a.b.svc.cluster.local",
    "0x7f.1",
    "2130706433",
  ])("%s", (host) => {
    expect(blockedHost(new URL(`https://${host}/`).hostname)).toBeDefined()
  })

  test.each([
    "example.com",
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "[2001:db8::1]",
    "notlocalhost",
    "mycluster.local.example.com",
  ])("but not %s", (host) => {
    expect(blockedHost(new URL(`https://${host}/`).hostname)).toBeUndefined()
  })
})

test.each([
  [3600, "1h"],
  [604800, "168h"],
  [90, "1m30s"],
  [30, "30s"],
  [3661, "1h1m1s"],
  [1.5, "1s500ms"],
  [0, "0s"],
])("%d seconds are %s in Go", (seconds, text) => {
  expect(goDuration(seconds)).toBe(text)
})

describe("refusals at their edges", () => {
  const errorsOf = (text: string) => compileForToolHive(text).errors
  test.each<[what: string, text: string, codes: readonly string[]]>([
    ["a path that differs by its last slash", EMBEDDED.replace("api.aws/mcp", "api.aws/mcp/"), ["AF0813"]],
    ["equal paths with percent-encoding", EMBEDDED.replaceAll('/mcp"', '/m%20cp"'), ["AF0813"]],
    [
      "an outside issuer may share nothing, and be used by two flows",
      OUTSIDE +
        OUTSIDE.slice(OUTSIDE.indexOf("flow"))
          .replace("aws_mcp", "second")
          .replaceAll('example.com/mcp"', 'example.com/two"')
          .replace("api.aws/mcp", "api.aws/two"),
      [],
    ],
    ["a flow's name of 46 characters", EMBEDDED.replaceAll("aws_mcp", "a".repeat(46)), []],
    ["a flow's name of 47 characters", EMBEDDED.replaceAll("aws_mcp", "a".repeat(47)), ["AF0819"]],
    ["a server's name that ends with _", EMBEDDED.replaceAll("gate ", "gate_ "), ["AF0819"]],
    [
      "a provider's name that ends with _",
      EMBEDDED.replaceAll("corp ", "corp_ ").replaceAll("[corp]", "[corp_]").replaceAll("corp.", "corp_."),
      ["AF0819"],
    ],
    ["the server's object would be the flow's", EMBEDDED.replaceAll("gate ", "aws_mcp_sts "), ["AF0820"]],
    [
      "sts shown another provider's token is refused before all",
      EMBEDDED.replace("subject = corp.access_token", "subject = corp.id_token"),
      ["AF0801"],
    ],
    [
      "a rule on sub behind an outside issuer",
      OUTSIDE.replace("match claims.groups", "match claims.sub").replace("contains", "equals"),
      [],
    ],
    [
      "the same region said twice",
      EMBEDDED.replace('service = "aws-mcp"', 'service = "aws-mcp", region = "us-east-1"'),
      [],
    ],
    [
      "the body limit ToolHive has, said",
      EMBEDDED.replace('service = "aws-mcp"', 'service = "aws-mcp", max_body = 8MiB'),
      [],
    ],
    [
      "a path below /oauth",
      EMBEDDED.replaceAll('.com/mcp"', '.com/oauth/x"').replace("api.aws/mcp", "api.aws/oauth/x"),
      ["AF0825"],
    ],
    [
      "a path that only begins with the letters",
      EMBEDDED.replaceAll('.com/mcp"', '.com/oauthority"').replace("api.aws/mcp", "api.aws/oauthority"),
      [],
    ],
    [
      "nine scopes beside offline_access",
      EMBEDDED.replace('["openid", "email"]', JSON.stringify([..."abcdefghi"])),
      [],
    ],
    [
      "ten scopes beside offline_access",
      EMBEDDED.replace('["openid", "email"]', JSON.stringify([..."abcdefghij"])),
      ["AF0828"],
    ],
  ])("%s", (_, text, codes) => {
    expect(errorsOf(text)).toEqual(codes)
  })
})
