import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { validate } from "../../compiler/targets/toolhive/crd/index.ts"
import { importManifests } from "../../compiler/targets/toolhive/import/index.ts"
import { analyzed, change, fixed, problems } from "./problems.ts"
import { testWithCrds } from "./toolhive-crds.ts"
import { compileForToolHive } from "./toolhive-source.ts"

const provider = (fields: string): string => `provider github = oauth2 {
  authorization_endpoint = "https://github.com/login/oauth/authorize"
  token_endpoint         = "https://github.com/login/oauth/access_token"
${fields}
}

server gate = auth_server {
  issuer    = "https://auth.example.com"
  login     = [github]
  keys      = [secret("gate-keys", key: "2026")]
  hmac_keys = [secret("gate-hmac", key: "current")]
}

flow tools at "https://tools.example.com/mcp" {
  identify gate
  inject token { token = github.access_token }
  forward "https://tools.example.net/mcp"
}
`

const REGISTERED = `  client_id              = "Iv1.0123456789abcdef"
  client_secret          = secret("github", key: "client-secret")`

const ASKED = `${REGISTERED}
  redirect_uri           = "https://auth.example.com/github/callback"
  scopes                 = ["read:user", "user:email"]
  authorization_params   = { allow_signup: "false" }
  userinfo               = {
    endpoint: "https://api.github.com/user",
    method: post,
    headers: { Accept: "application/vnd.github+json" },
    subject: ["id"],
    name: ["name", "login"],
    email: ["email"]
  }
  private_network        = on`

const TOLD = `  registration           = {
    endpoint: "https://slack.example.com/register",
    initial_access_token: secret("slack", key: "registration"),
    software_id: "mcp-gateway",
    software_statement: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"
  }
  identity_from_token    = { subject: "authed_user.id", name: "authed_user.name", email: "authed_user.email" }
  token_response         = {
    access_token: "authed_user.access_token",
    refresh_token: "authed_user.refresh_token",
    expires_in: "authed_user.expires_in",
    scope: "authed_user.scope"
  }`

const oauth2Config = (source: string): unknown => {
  const { artifacts, errors } = compileForToolHive(source)
  expect(errors).toEqual([])
  const documents = parseAllDocuments(artifacts[0]?.text ?? "").map((each) => each.toJS())
  const specs = documents.map(({ spec }) => spec.embeddedAuthServer ?? spec.authServerConfig)
  return specs.find((each) => each !== undefined)?.upstreamProviders[0]
}

describe("an OAuth 2.0 provider", () => {
  test("that is asked who a person is, as ToolHive's oauth2Config", () => {
    expect(oauth2Config(provider(ASKED))).toEqual({
      name: "github",
      type: "oauth2",
      oauth2Config: {
        authorizationEndpoint: "https://github.com/login/oauth/authorize",
        tokenEndpoint: "https://github.com/login/oauth/access_token",
        clientId: "Iv1.0123456789abcdef",
        clientSecretRef: { name: "github", key: "client-secret" },
        redirectUri: "https://auth.example.com/github/callback",
        scopes: ["read:user", "user:email"],
        additionalAuthorizationParams: { allow_signup: "false" },
        userInfo: {
          endpointUrl: "https://api.github.com/user",
          httpMethod: "POST",
          additionalHeaders: { Accept: "application/vnd.github+json" },
          fieldMapping: { subjectFields: ["id"], nameFields: ["name", "login"], emailFields: ["email"] },
        },
        allowPrivateIPs: true,
      },
    })
  })

  test("that says it beside the token, where we register ourselves", () => {
    expect(oauth2Config(provider(TOLD))).toEqual({
      name: "github",
      type: "oauth2",
      oauth2Config: {
        authorizationEndpoint: "https://github.com/login/oauth/authorize",
        tokenEndpoint: "https://github.com/login/oauth/access_token",
        dcrConfig: {
          registrationEndpoint: "https://slack.example.com/register",
          initialAccessTokenRef: { name: "slack", key: "registration" },
          softwareId: "mcp-gateway",
          softwareStatement: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
        },
        redirectUri: "https://auth.example.com/oauth/callback",
        identityFromToken: {
          subjectPath: "authed_user.id",
          namePath: "authed_user.name",
          emailPath: "authed_user.email",
        },
        tokenResponseMapping: {
          accessTokenPath: "authed_user.access_token",
          refreshTokenPath: "authed_user.refresh_token",
          expiresInPath: "authed_user.expires_in",
          scopePath: "authed_user.scope",
        },
      },
    })
  })

  testWithCrds("is what the CRDs accept, rules included", (crds) => {
    for (const fields of [ASKED, TOLD]) {
      const documents = parseAllDocuments(compileForToolHive(provider(fields)).artifacts[0]?.text ?? "")
      const manifests = documents.map((each): unknown => each.toJS())
      expect(manifests.length).toBeGreaterThan(2)
      expect(validate(crds, manifests)).toEqual([])
    }
  })

  test.each([
    ["that is asked", ASKED],
    ["that says it beside the token", TOLD],
  ])("%s, comes back from its manifest as it was", (_, fields) => {
    const text = compileForToolHive(provider(fields)).artifacts[0]?.text ?? ""
    const { artifacts, diagnostics } = importManifests([{ path: "github.yaml", text }])
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([])
    expect(diagnostics.filter(({ code }) => code === "AF1010")).toEqual([])
    const again = artifacts[0]?.text ?? ""
    expect(oauth2Config(again)).toEqual(oauth2Config(provider(fields)))
  })

  test("by whose import nobody would be known is not imported, and it is said why", () => {
    const text =
      compileForToolHive(provider(ASKED)).artifacts[0]?.text.replace(/ +userInfo:[\s\S]*?(?= +# from|allow)/, "") ?? ""
    const { diagnostics } = importManifests([
      { path: "github.yaml", text: text.replace(/ +userInfo:[\s\S]*?emailFields.*\n/, "") },
    ])
    const [why] = diagnostics.filter(({ code }) => code === "AF1012")
    expect(why?.message).toContain("everybody is somebody else after each login")
  })

  test("has tokens that nobody else can read, and claims that its userinfo is known to hold", () => {
    const { program } = analyzed(
      change(provider(ASKED), 'email: ["email"]', 'email: ["email"], claims: { login: string, site_admin: boolean }'),
    )
    const [github] = program?.providers ?? []
    expect(github?.accessToken).toMatchObject({ format: "opaque", claims: new Map() })
    expect([...(github?.userinfo.keys() ?? [])]).toEqual(["sub", "name", "email", "login", "site_admin"])
    const [gate] = program?.servers ?? []
    expect(gate?.accessToken.claims.get("email")?.origin).toBe("github")
  })

  test("of whom nothing says who has logged in is refused, with how GitHub is asked as the fix", () => {
    const source = provider(REGISTERED)
    const [problem, ...others] = analyzed(source).diagnostics
    expect(others).toEqual([])
    expect(problem?.code).toBe("AF1450")
    expect(problem?.message).toBe("nothing says who a person is at `github`")
    expect(source.slice(problem?.span.start, problem?.span.end)).toBe("github")
    const after = problem === undefined ? "" : fixed(source, problem)
    expect(after).toContain('endpoint: "https://api.github.com/user", subject: ["id"]')
    expect(problems(after)).toEqual([])
  })

  test.each([
    ["both ways", `${ASKED}\n  identity_from_token = { subject: "id" }`, /^AF1451 \{\s+endpoint/],
    ["no client", ASKED.replace(/ {2}client_id.*\n {2}client_secret.*\n/, ""), /^AF1452 github$/],
    ["two clients", TOLD.replace("  registration", '  client_id = "x"\n  registration'), /^AF1452 "x"$/],
    ["a secret and a registration", `  client_secret = secret("a", key: "b")\n${TOLD}`, /^AF1452 secret/],
    ["a registration nowhere", TOLD.replace(/ {4}endpoint:.*\n/, ""), /^AF1453 \{/],
    [
      "a registration at two places",
      TOLD.replace("software_id", 'discovery: "https://slack.example.com/metadata",\n    software_id'),
      /^AF1453 "https:\/\/slack.example.com\/register"$/,
    ],
    ["a name that can be another's", ASKED.replace('["id"]', '["login"]'), /^AF1454 "login"$/],
    ["our header", ASKED.replace("Accept", "Authorization"), /^AF1455 Authorization$/],
    ["a query in a path", TOLD.replace("authed_user.id", "users.#(id==1).id"), /^AF0312 "users/],
    ["an ID token", ASKED.replace('"read:user"', '"openid"'), /^AF1461 "openid"$/],
    ["a parameter of ours", ASKED.replace("allow_signup", "state"), /^AF0525 state$/],
    ["claims of an opaque token", `${ASKED}\n  access_token = { audience: "x" }`, /^AF0523/],
    ["a JWT of nobody's", `${ASKED}\n  access_token = { format: jwt }`, /^AF0302 jwt$/],
  ])("is told with %s", (_, fields, said) => {
    const [problem = "", ...others] = problems(provider(fields))
    expect(others).toEqual([])
    expect(problem).toMatch(said)
  })

  test("gives no ID token, by whose name nothing is carried or shown", () => {
    const carrying = change(
      provider(ASKED),
      "login     = [github]",
      "login     = [github]\n  claims    = { mail: github.id_token.email }",
    )
    const [problem] = analyzed(carrying).diagnostics
    expect(problem?.code).toBe("AF1456")
    expect(problems(problem === undefined ? "" : fixed(carrying, problem))).toEqual([])
    expect(problems(change(provider(ASKED), "github.access_token", "github.id_token"))).toEqual([
      "AF1456 github.id_token",
    ])
  })

  test("identifies no callers", () => {
    expect(problems(change(provider(ASKED), "identify gate", "identify github"))).toContain("AF1457 github")
  })

  test("is not looked at for its issuer by ToolHive", () => {
    const { errors } = compileForToolHive(provider(`${ASKED}\n  issuer = "https://github.com/login/oauth"`))
    expect(errors).toEqual(["AF1458"])
  })
})
