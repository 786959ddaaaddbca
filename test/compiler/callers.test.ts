import { describe, expect, it } from "vitest"
import { imported, said } from "./import-source.ts"
import { analyzed, problems } from "./problems.ts"
import { compileForToolHive } from "./toolhive-source.ts"

const flow = (
  identify: string,
  stages = '  inject header { name = "X-Api-Key", value = secret("orders", key: "key") }\n',
) =>
  `flow orders at "https://orders.example.com/mcp" {\n  identify ${identify}\n${stages}  forward "https://orders.example.net/mcp"\n}\n`

const provider = (name: string, host: string, more = "access_token = { format: jwt }") =>
  `provider ${name} = oidc {\n  issuer = "https://${host}"\n  ${more}\n}\n`

const STS = (subject: string, role: string) => `  exchange aws.sts {
    subject = ${subject}
    region  = "us-east-1"
    role    = ${role}
    session = { name: claims.sub, on_invalid: reject }
  }
  sign aws.sigv4 { service = "aws-mcp" }
`
const ROLE = '"arn:aws:iam::123456789012:role/mcp"'

describe("callers", () => {
  it("of a cluster may show their own token to AWS", () => {
    const text = `callers workloads = service_accounts {}\n${flow("workloads", STS("workloads.access_token", ROLE))}`
    expect(problems(text)).toEqual([])
  })

  it("with keys and certificates have no token that an exchange could show", () => {
    const keys = 'callers partners = api_keys { keys = [secret("partners", key: "keys")] }\n'
    expect(problems(`${keys}${flow("partners", STS("partners.access_token", ROLE))}`)).toEqual([
      "AF0502 partners.access_token",
    ])
  })

  it("have the claims that they are known to have, and no others", () => {
    const keys = 'callers partners = api_keys { keys = [secret("partners", key: "keys")] }\n'
    const { diagnostics } = analyzed(
      `${keys}${flow("partners", STS("partners.access_token", 'match claims.email { equals "a" => deny else => deny }'))}`,
    )
    const unknown = diagnostics.find(({ code }) => code === "AF0507")
    expect(unknown?.message).toContain("`partners.api_key` is not known to hold the claim `email`")
    expect(unknown?.notes.join()).toContain("an API key has an id, which is `sub`, and nothing else")
  })

  it("of several issuers have the claims that all of them have, of one type", () => {
    const one = provider(
      "corp",
      "idp.example.com",
      "access_token = { format: jwt, claims: { groups: strings, team: string } }",
    )
    const two = provider(
      "partner",
      "idp.example.org",
      "access_token = { format: jwt, claims: { groups: strings, team: strings } }",
    )
    const of = (claim: string) =>
      problems(
        `${one}${two}callers staff = any_of { issuers = [corp, partner] }\n${flow(
          "staff",
          STS("staff.access_token", `match claims.${claim} {\n contains "a" => ${ROLE}\n else => deny\n }`),
        )}`,
      )
    expect(of("groups")).toEqual([])
    expect(of("team")).toEqual(["AF0507 claims.team"])
  })

  it("that nobody asks for a name cannot come before an exchange", () => {
    const text = `${provider("corp", "idp.example.com")}${flow("anonymous", STS("corp.access_token", ROLE))}`
    expect(problems(text)).toEqual(["AF1401 exchange aws.sts"])
    expect(problems(flow("anonymous"))).toEqual([])
    expect(problems(flow("anonymus"))).toEqual(["AF0201 anonymus"])
    expect(problems(provider("anonymous", "idp.example.com"))).toContain("AF0211 anonymous")
  })

  it.each([
    ["opaque tokens", provider("partner", "idp.example.org", "algorithms = [RS256]"), "AF1404 partner"],
    ["one issuer twice", provider("partner", "idp.example.com"), "AF1405 partner"],
  ])("of several issuers are refused with %s", (_, second, problem) => {
    const text = `${provider("corp", "idp.example.com")}${second}callers staff = any_of { issuers = [corp, partner] }\n${flow("staff")}`
    expect(problems(text)).toEqual([problem])
  })

  it.each([
    ['  header = "Cookie"', 'AF1406 "Cookie"'],
    ['  header = "a b"', 'AF0312 "a b"'],
  ])("send no key in %s", (field, problem) => {
    const keys = `callers partners = api_keys {\n  keys = [secret("partners", key: "keys")]\n${field}\n}\n`
    expect(problems(`${keys}${flow("partners")}`)).toEqual([problem])
  })

  it.each(["10.0.0.0/33", "10.0.0.256", "proxy.example.com", "::/129", ""])(
    "are not believed of the proxy %j",
    (range) => {
      const certificates = `callers machines = client_certificates {
  ca        = config_map("ca", key: "ca.crt")
  forwarded = { header: xfcc, proxies: [${JSON.stringify(range)}] }
}
`
      expect(problems(`${certificates}${flow("machines")}`)).toEqual([`AF0312 ${JSON.stringify(range)}`])
    },
  )

  it("with opaque tokens are verified by asking, as whoever has both an identifier and a secret", () => {
    const asked = (fields: string) =>
      provider("corp", "idp.example.com", `introspection = { url: "https://idp.example.com/i"${fields} }`)
    expect(problems(`${asked("")}${flow("corp")}`)).toEqual([])
    expect(problems(`${asked(', client_id: "a"')}${flow("corp")}`)).toEqual([
      'AF0302 { url: "https://idp.example.com/i", client_id: "a" }',
    ])
  })
})

describe("what ToolHive makes of callers, and back", () => {
  const DOCUMENTS = (
    config: string,
    reference = "  oidcConfigRef:\n    name: orders-oidc\n    audience: orders\n    resourceUrl: https://orders.example.com/mcp\n",
  ) =>
    `apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPExternalAuthConfig
metadata:
  name: orders-token
spec:
  type: bearerToken
  bearerToken:
    tokenSecretRef: { name: orders, key: token }
---
${config}apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPRemoteProxy
metadata:
  name: orders
spec:
  remoteUrl: https://orders.example.net/mcp
${reference}  externalAuthConfigRef:
    name: orders-token
`
  const oidc = (spec: string) =>
    `apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPOIDCConfig\nmetadata:\n  name: orders-oidc\nspec:\n${spec}---\n`
  const taken = (manifests: string) => {
    const { artifacts, diagnostics } = imported(manifests)
    return { text: artifacts[0]?.text ?? "", said: diagnostics.map(said) }
  }

  it("introspection, keys and authorities of a provider are carried", () => {
    const { text } = taken(
      DOCUMENTS(
        oidc(`  type: inline
  inline:
    issuer: https://idp.example.com
    jwksUrl: https://idp.example.com/keys
    introspectionUrl: https://idp.example.com/introspect
    clientId: orders
    clientSecretRef: { name: idp, key: secret }
    jwksAllowPrivateIP: true
    caBundleRef:
      configMapRef: { name: corp-ca, key: ca.crt }
`),
      ),
    )
    for (const part of [
      "jwks_url",
      "introspection",
      'client_id:     "orders"',
      'config_map("corp-ca", key: "ca.crt")',
      "allow_private_issuer",
    ])
      expect(text).toContain(part)
    expect(compileForToolHive(text).errors).toEqual([])
    expect(compileForToolHive(text).artifacts[0]?.text).toContain("jwksAllowPrivateIP: true")
  })

  it("service accounts are carried; that ToolHive takes every one of them is said", () => {
    const { text, said } = taken(
      DOCUMENTS(
        oidc(
          "  type: kubernetesServiceAccount\n  kubernetesServiceAccount:\n    serviceAccount: runner\n    namespace: agents\n",
        ),
      ),
    )
    expect(text).toContain("= service_accounts")
    expect(said.filter((each) => each.startsWith("AF1012"))).toHaveLength(2)
    expect(said.join()).toContain("every service account of the cluster is let in")
    expect(compileForToolHive(text).artifacts[0]?.text).toContain("type: kubernetesServiceAccount")
  })

  it("a proxy that takes everybody is carried as that", () => {
    const { text } = taken(DOCUMENTS("", ""))
    expect(text).toContain("identify anonymous")
    expect(text).toContain("inject bearer")
  })

  it.each([
    ["insecureAllowHTTP: true", "over https only"],
    ["jwksAuthTokenPath: /var/run/token", "service_accounts"],
    ["protectedResourceAllowPrivateIP: true", "allow_private_issuer"],
  ])("%s is left out, with the reason", (field, why) => {
    const { said } = taken(
      DOCUMENTS(oidc(`  type: inline\n  inline:\n    issuer: https://idp.example.com\n    ${field}\n`)),
    )
    expect(said.find((each) => each.startsWith("AF1420"))).toContain(why)
  })
})
