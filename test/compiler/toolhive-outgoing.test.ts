/** Which kind of ToolHive's carries a flow, what it is told, and what is refused because ToolHive would ignore it. */
import { describe, expect, test } from "vitest"
import { parse } from "../../compiler/targets/toolhive/crd/index.ts"
import { change } from "./problems.ts"
import { behind, compileForToolHive, outside, SHOWN, type Shown } from "./toolhive-source.ts"

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

const manifestsOf = (text: string): readonly Manifest[] => {
  const { artifacts, errors } = compileForToolHive(text)
  expect(errors).toEqual([])
  return parse([{ path: "flow.yaml", text: artifacts[0]?.text ?? "" }]).documents as unknown as readonly Manifest[]
}

const errorsOf = (text: string) => compileForToolHive(text).errors
const one = (manifests: readonly Manifest[], kind: string) => manifests.find((each) => each.kind === kind)
const outgoing = (manifests: readonly Manifest[]) =>
  manifests.find((each) => each.kind === "MCPExternalAuthConfig" && each.metadata.name === "orders-outgoing")?.spec

const PROXY = "MCPRemoteProxy"
const VIRTUAL = "VirtualMCPServer"
const both = ["corp", "corp_two"]
const ofSecond = (kind: Shown) => SHOWN[kind].replace(/corp\./, "corp_two.")

describe("the kind that carries a flow", () => {
  test.each<[what: string, text: string, kind: string, type: string]>([
    ["an exchange of the first login's token", behind(SHOWN.token_exchange), PROXY, "tokenExchange"],
    ["an exchange of the caller's own token", outside(SHOWN.token_exchange), PROXY, "tokenExchange"],
    ["an exchange of the second login's", behind(ofSecond("token_exchange"), both), VIRTUAL, "tokenExchange"],
    ["an exchange behind two logins", behind(SHOWN.token_exchange, both), VIRTUAL, "tokenExchange"],
    ["an ID-JAG", behind(SHOWN.xaa), VIRTUAL, "xaa"],
    ["a bearer token", behind(SHOWN["inject.bearer"]), PROXY, "bearerToken"],
    ["a bearer token for callers of an outside issuer", outside(SHOWN["inject.bearer"]), PROXY, "bearerToken"],
    ["a header", behind(SHOWN["inject.header"]), VIRTUAL, "headerInjection"],
    ["a header for callers of an outside issuer", outside(SHOWN["inject.header"]), VIRTUAL, "headerInjection"],
    ["the token of the login", behind(SHOWN["inject.token"]), VIRTUAL, "upstreamInject"],
    ["the token of the second login", behind(ofSecond("inject.token"), both), VIRTUAL, "upstreamInject"],
    ["nothing at all", behind(SHOWN["inject.none"]), VIRTUAL, "unauthenticated"],
    ["nothing at all, for an outside issuer's", outside(SHOWN["inject.none"]), VIRTUAL, "unauthenticated"],
  ])("%s", (_, text, kind, type) => {
    const manifests = manifestsOf(text)
    expect(manifests.filter((each) => [PROXY, VIRTUAL].includes(each.kind)).map((each) => each.kind)).toEqual([kind])
    expect(outgoing(manifests)?.["type"]).toBe(type)
    const where = one(manifests, kind === PROXY ? PROXY : "MCPServerEntry")
    expect(where?.spec).toMatchObject({
      remoteUrl: "https://orders.example.net/mcp",
      externalAuthConfigRef: { name: "orders-outgoing" },
    })
  })

  test("is said, with the reason, where it is the virtual one", () => {
    const why = (text: string) =>
      compileForToolHive(text).artifacts[0]?.text.match(/VirtualMCPServer because (.*)\.$/m)?.[1] ?? ""
    expect(why(behind(SHOWN.xaa))).toBe("a MCPRemoteProxy accepts the type xaa and does nothing with it")
    expect(why(behind(SHOWN["inject.header"]))).toContain("headerInjection and does nothing")
    expect(why(behind(SHOWN["inject.token"]))).toContain("upstreamInject and does nothing")
    expect(why(behind(SHOWN["inject.none"]))).toContain("would pass on the token that it holds")
    expect(why(behind(ofSecond("token_exchange"), both))).toContain("ignores subjectProviderName")
    expect(why(behind(SHOWN.token_exchange, both))).toBe("people log in at 2 providers, and a MCPRemoteProxy runs one")
    expect(why(behind(SHOWN.token_exchange))).toBe("")
  })

  test("AWS is shown another login's token by a virtual server, which is told whose", () => {
    const STS = `  exchange aws.sts {
    subject = corp_two.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/orders"
    session = { name: claims.sub }
  }
  sign aws.sigv4 { service = "execute-api" }
`
    const manifests = manifestsOf(behind(STS, both))
    expect(one(manifests, VIRTUAL)).toBeDefined()
    const sts = manifests.find(({ metadata }) => metadata.name === "orders-sts")
    expect(sts?.spec).toMatchObject({ awsSts: { subjectProviderName: "corp-two" } })
  })

  test("a virtual server signs what it sends: the upstream may be at another path, with a query", () => {
    const STS = `  exchange aws.sts {
    subject = corp_two.access_token
    region  = "us-east-1"
    role    = "arn:aws:iam::123456789012:role/orders"
    session = { name: claims.sub }
  }
  sign aws.sigv4 { service = "execute-api" }
`
    const elsewhere = behind(STS, both).replace("example.net/mcp", "example.net/v2/orders?stage=live")
    expect(one(manifestsOf(elsewhere), "MCPServerEntry")?.spec["remoteUrl"]).toBe(
      "https://orders.example.net/v2/orders?stage=live",
    )
  })

  test("without a signature a proxy may send to another path too", () => {
    const elsewhere = behind(SHOWN.token_exchange).replace("orders.example.com/mcp", "orders.example.com/orders")
    expect(one(manifestsOf(elsewhere), PROXY)?.spec["remoteUrl"]).toBe("https://orders.example.net/mcp")
  })
})

describe("what ToolHive is told", () => {
  test("the subject of an exchange, by its type; by its provider only where that is heeded", () => {
    expect(outgoing(manifestsOf(behind(SHOWN.token_exchange)))).toEqual({
      type: "tokenExchange",
      tokenExchange: {
        tokenUrl: "https://idp.example.com/oauth/token",
        audience: "orders",
        clientId: "exchanger",
        clientSecretRef: { name: "exchange", key: "client-secret" },
        scopes: ["orders:read"],
        subjectTokenType: "access_token",
      },
    })
    const second = outgoing(manifestsOf(behind(ofSecond("token_exchange"), both)))
    expect(second?.["tokenExchange"]).toMatchObject({ subjectProviderName: "corp-two" })
  })

  test("which login's ID token is shown, always: ToolHive guesses only where there is one", () => {
    const xaa = (text: string) => outgoing(manifestsOf(text))?.["xaa"]
    expect(xaa(behind(SHOWN.xaa))).toMatchObject({ subjectProviderName: "corp" })
    const second = SHOWN.xaa.replace("corp.id_token", "corp_two.id_token")
    expect(xaa(behind(second, both))).toMatchObject({ subjectProviderName: "corp-two" })
  })

  test("all that ID-JAG needs, and that the target has TLS", () => {
    expect(outgoing(manifestsOf(behind(SHOWN.xaa)))).toEqual({
      type: "xaa",
      xaa: {
        subjectProviderName: "corp",
        idpTokenUrl: "https://idp.example.com/oauth/token",
        idpClientId: "mcp-gateway",
        idpClientSecretRef: { name: "at-idp", key: "secret" },
        targetTokenUrl: "https://auth.example.net/oauth/token",
        targetAudience: "https://auth.example.net",
        targetResource: "https://orders.example.net/mcp",
        targetClientId: "exchanger",
        targetClientSecretRef: { name: "at-target", key: "secret" },
        scopes: ["orders:read"],
      },
    })
  })

  test("not to hand out the token of the login where another credential is sent", () => {
    const server = (text: string) => manifestsOf(text).find(({ metadata }) => metadata.name === "gate")?.spec
    expect(server(behind(SHOWN["inject.bearer"]))).toMatchObject({
      embeddedAuthServer: { disableUpstreamTokenInjection: true },
    })
    // The runner refuses to start with both (pkg/runner/middleware.go).
    expect(JSON.stringify(server(behind(SHOWN.token_exchange)))).not.toContain("disableUpstreamTokenInjection")
  })

  test("a virtual server's own login, audience and group, all by one name", () => {
    const manifests = manifestsOf(behind(SHOWN.xaa, both))
    expect(one(manifests, VIRTUAL)?.spec).toMatchObject({
      groupRef: { name: "orders" },
      replicas: 1,
      incomingAuth: {
        type: "oidc",
        oidcConfigRef: {
          name: "orders-oidc",
          resourceUrl: "https://orders.example.com/mcp",
          audience: "https://orders.example.com/mcp",
        },
      },
      authServerConfig: {
        issuer: "https://auth.example.com",
        upstreamProviders: [{ name: "corp" }, { name: "corp-two" }],
      },
      outgoingAuth: { source: "discovered" },
    })
    expect(one(manifests, "MCPGroup")?.metadata.name).toBe("orders")
    expect(one(manifests, "MCPServerEntry")?.spec).toMatchObject({ groupRef: { name: "orders" } })
    expect(manifests.some(({ metadata }) => metadata.name === "gate")).toBe(false)
  })

  test("to leave the names of tools as they are", () => {
    expect(one(manifestsOf(behind(SHOWN.xaa)), VIRTUAL)?.spec["config"]).toEqual({
      aggregation: {
        conflictResolution: "priority",
        conflictResolutionConfig: { priorityOrder: ["orders-upstream"] },
      },
    })
  })

  test("the Secrets that are needed, at the top", () => {
    const top = (kind: Shown) => compileForToolHive(behind(SHOWN[kind])).artifacts[0]?.text.split("---")[0]
    expect(top("xaa")).toContain("#   at-idp: secret\n#   at-target: secret\n")
    expect(top("inject.header")).toContain("#   orders: api-key\n")
    expect(compileForToolHive(outside(SHOWN["inject.bearer"])).artifacts[0]?.text).toContain("#   orders: token\n")
  })

  test("the Service of what carries it, at the top", () => {
    expect(compileForToolHive(behind(SHOWN.xaa)).artifacts[0]?.text).toContain("Service vmcp-orders:4483")
    expect(compileForToolHive(behind(SHOWN.token_exchange)).artifacts[0]?.text).toContain(
      "Service mcp-orders-remote-proxy:8080",
    )
  })

  test("a caller's token is passed on only where that was asked for, and by a proxy that then has nothing to add", () => {
    const manifests = manifestsOf(outside("  inject token { token = corp.access_token, passthrough = allowed }\n"))
    expect(one(manifests, PROXY)?.spec["externalAuthConfigRef"]).toBeUndefined()
    expect(outgoing(manifests)).toBeUndefined()
  })
})

describe("what ToolHive would ignore or do otherwise is refused", () => {
  test.each<[what: string, text: string, codes: readonly string[]]>([
    [
      "an ID token as the subject of an exchange",
      behind(change(SHOWN.token_exchange, "corp.access_token", "corp.id_token")),
      ["AF0850"],
    ],
    [
      "ToolHive's own token as the subject",
      behind(change(SHOWN.token_exchange, "corp.access_token", "gate.access_token")),
      ["AF0850"],
    ],
    [
      "a header of its own for the exchanged token: the subject would travel beside it",
      outside(change(SHOWN.token_exchange, '"orders"\n', '"orders"\n    header = "X-Orders-Token"\n')),
      ["AF0851"],
    ],
    [
      "the same behind a virtual server, which has no such header",
      behind(change(ofSecond("token_exchange"), '"orders"\n', '"orders"\n    header = "X-Orders-Token"\n'), both),
      ["AF0851"],
    ],
    [
      "but not the header that it is anyway",
      outside(change(SHOWN.token_exchange, '"orders"\n', '"orders"\n    header = "authorization"\n')),
      [],
    ],
    [
      "scopes of the caller that nothing would ask for",
      outside(SHOWN["inject.bearer"]).replace("{ audience", '{ scopes = ["orders:read"], audience'),
      ["AF0852"],
    ],
    [
      "a path on which a virtual server keeps no stream open",
      behind(SHOWN["inject.header"]).replace("example.com/mcp", "example.com/mcp/"),
      ["AF0853"],
    ],
    ["on-behalf-of", behind(SHOWN.obo), ["AF0854"]],
    [
      "on-behalf-of, for callers of an outside issuer",
      outside(SHOWN.obo.replace("exchanger", "orders-gateway")),
      ["AF0854"],
    ],
    [
      "to pass on ToolHive's own token",
      behind("  inject token { token = gate.access_token, passthrough = allowed }\n"),
      ["AF0855"],
    ],
    [
      "a public client at the identity provider",
      behind(change(SHOWN.xaa, '    idp_client_secret = secret("at-idp", key: "secret")\n', "")),
      ["AF0856"],
    ],
    [
      "a public client at the target",
      behind(change(SHOWN.xaa, '    target_client_secret = secret("at-target", key: "secret")\n', "")),
      ["AF0856"],
    ],
    ["a bearer token behind two logins: no kind has both", behind(SHOWN["inject.bearer"], both), ["AF0804"]],
    [
      "a private upstream, behind a virtual server as well",
      behind(SHOWN["inject.header"]).replace("orders.example.net", "10.0.0.7"),
      ["AF0812"],
    ],
    [
      "a name too long for an entry",
      behind(SHOWN["inject.header"]).replace("flow orders", `flow ${"a".repeat(55)}`),
      ["AF0819"],
    ],
    ["one that just fits", behind(SHOWN["inject.header"]).replace("flow orders", `flow ${"a".repeat(54)}`), []],
  ])("%s", (_, text, codes) => {
    expect(errorsOf(text)).toEqual(codes)
  })
})
