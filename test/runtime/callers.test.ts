/** Callers that nobody logs in, at a flow that is served: keys, certificates, service accounts, several issuers, everybody. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import type { Flow, OidcProvider, Plan } from "../../runtime/plan.ts"
import { findApiKey, makeApiKey, parseApiKeys } from "../../runtime/resource-server/api-key.ts"
import { addressList, isAmong } from "../../runtime/resource-server/client-certificate.ts"
import { reservePort } from "../../runtime/sandbox/loopback.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { authority } from "../certificates.ts"
import { type Issuer, startIssuer } from "./identification.ts"
import { close } from "./identity-provider.ts"

type Identify = Flow["stages"][0]

interface Answer {
  readonly status: number
  readonly code: string
  readonly challenge: string
  /** Headers that the upstream saw. */
  readonly seen: Readonly<Record<string, unknown>> | undefined
}

interface Caller {
  readonly headers?: Readonly<Record<string, string>>
  readonly path?: string
}

interface Options {
  readonly providers?: readonly OidcProvider[]
  readonly secrets?: Readonly<Record<string, string>>
}

const answerOf = (text: string): { code: string; seen?: Record<string, unknown> } => {
  try {
    const body = JSON.parse(text)
    return typeof body.type === "string" ? { code: body.type.split(":").at(-1) } : { code: "", seen: body }
  } catch {
    return { code: text }
  }
}

/** Serves a flow whose upstream tells what it saw, and calls it as each of these callers. */
const calling = (identify: Identify, callers: readonly Caller[], options: Options = {}): Promise<readonly Answer[]> =>
  Effect.gen(function* () {
    const upstream = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((request, response) => response.end(JSON.stringify(request.headers)))
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
        return server
      }),
      (server) => Effect.promise(() => close(server)),
    )
    const reserved = yield* reservePort("proxy")
    const origin = `http://127.0.0.1:${reserved.port}`
    const plan: Plan = {
      version: 1,
      source: "test.authflow",
      providers: options.providers ?? [],
      servers: [],
      flows: [
        {
          name: "orders",
          resource: `${origin}/orders`,
          stages: [
            identify,
            { kind: "inject.none" },
            { kind: "forward", url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`, timeout: 5 },
          ],
        },
      ],
    }
    yield* serve(plan, { listen: [reserved], drainSeconds: 1, env: {} })
    const answers: Answer[] = []
    for (const { headers = {}, path = "/orders" } of callers) {
      const response = yield* Effect.promise(() => fetch(`${origin}${path}`, { headers }))
      const { code, seen } = answerOf(yield* Effect.promise(() => response.text()))
      const challenge = response.headers.get("www-authenticate") ?? ""
      answers.push({ status: response.status, code, challenge, seen })
    }
    return answers
  }).pipe(
    Effect.provideService(Secrets, {
      get: ({ key }) => Effect.succeed(Redacted.make(options.secrets?.[key] ?? "unused")),
    }),
    Effect.scoped,
    Effect.runPromise,
  )

describe("API keys", () => {
  const acme = makeApiKey("acme")
  const other = makeApiKey("other")
  const identify = (header = "X-API-Key"): Identify => ({
    kind: "identify.api_keys",
    callers: "partners",
    header,
    keys: [{ name: "partners", key: "keys" }],
  })
  const secrets = { keys: `# partners\n\n${acme?.line}\n` }

  it("let in who has one, and go no further", async () => {
    const [answer] = await calling(identify(), [{ headers: { "x-api-key": acme?.key ?? "" } }], { secrets })
    expect(answer).toMatchObject({ status: 200 })
    expect(JSON.stringify(answer?.seen)).not.toContain(acme?.key.split(".")[1])
  })

  it("come as Bearer where the file says Authorization", async () => {
    const sent = { authorization: `Bearer ${acme?.key}` }
    const [good, bare] = await calling(identify("Authorization"), [{ headers: sent }, {}], { secrets })
    expect(good?.status).toBe(200)
    expect(bare).toMatchObject({ status: 401, code: "key-missing", challenge: expect.stringContaining("Bearer realm") })
  })

  it("are refused when they are missing, another's, cut, changed or there twice", async () => {
    const key = acme?.key ?? ""
    const wrong = [
      other?.key ?? "",
      key.slice(0, -1),
      `${key}A`,
      key.toUpperCase(),
      "acme.",
      "",
      "acme",
      `__proto__.${"A".repeat(43)}`,
    ]
    const answers = await calling(
      identify(),
      [
        {},
        ...wrong.map((each) => ({ headers: { "x-api-key": each } })),
        { headers: { authorization: `Bearer ${key}` } },
      ],
      { secrets },
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    expect(answers[0]).toMatchObject({ code: "key-missing", challenge: 'ApiKey header="X-API-Key"' })
    expect(answers[1]?.code).toBe("key-invalid")
  })

  it("have no protected resource metadata: there is nobody to get one from", async () => {
    const [answer] = await calling(identify(), [{ path: "/.well-known/oauth-protected-resource/orders" }], { secrets })
    expect(answer?.status).toBe(404)
  })

  it("do not start with a secret that holds something else, a key itself among it", async () => {
    for (const keys of [acme?.key ?? "", "acme:sha256:abc", "", "# nothing"]) {
      await expect(calling(identify(), [], { secrets: { keys } })).rejects.toThrow()
    }
  })

  it("of one id may be two, while one is being changed", () => {
    const next = makeApiKey("acme")
    const keys = parseApiKeys(`${acme?.line}\r\n${next?.line}\n`)
    if ("line" in keys) throw new Error("no keys")
    expect([acme, next, other].map((each) => findApiKey(each?.key ?? "", keys))).toEqual(["acme", "acme", undefined])
  })
})

describe("everybody", () => {
  it("gets in where the file says so, and no token of theirs goes on", async () => {
    const [answer] = await calling({ kind: "identify.anonymous" }, [{ headers: { authorization: "Bearer abc" } }])
    expect(answer?.status).toBe(200)
    expect(answer?.seen).not.toHaveProperty("authorization")
  })
})

describe("tokens", () => {
  let corp: Issuer
  let partner: Issuer
  beforeAll(async () => {
    corp = await startIssuer()
    partner = await startIssuer()
  })
  afterAll(() => Promise.all([corp.close(), partner.close()]))

  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  const provider = (name: string, issuer: string, algorithms: OidcProvider["algorithms"]): OidcProvider => ({
    name,
    kind: "oidc",
    issuer,
    accessToken: { format: "jwt" },
    algorithms,
    claims: { idToken: [], accessToken: [], userinfo: [] },
  })

  it("of several issuers are each verified as of their own", async () => {
    const identify: Identify = {
      kind: "identify.any_of",
      callers: "staff",
      issuers: [{ provider: "corp" }, { provider: "partner" }],
      scopes: ["mcp:use"],
      audience: "orders",
    }
    const aud = { aud: "orders" }
    const [partnerKey] = partner.keys
    const tokens = [
      await corp.sign(aud),
      await partner.sign(aud),
      // The partner's key for a token that says it is of corp, and a third issuer.
      await partner.sign({ ...aud, iss: corp.issuer }, {}, partnerKey),
      await corp.sign({ ...aud, iss: "https://evil.example" }),
      await corp.sign({ ...aud, scope: "other" }),
      "not.a.token",
    ]
    const providers = [provider("corp", corp.issuer, ["RS256"]), provider("partner", partner.issuer, ["RS256"])]
    const answers = await calling(identify, tokens.map(bearer), { providers })
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 403, 401])
    // One issuer's algorithms are not the other's.
    const strict = [provider("corp", corp.issuer, ["ES256"]), provider("partner", partner.issuer, ["RS256"])]
    const pinned = await calling(identify, tokens.slice(0, 2).map(bearer), { providers: strict })
    expect(pinned.map(({ status }) => status)).toEqual([401, 200])
  })

  it("of service accounts are those of the accounts that the file names", async () => {
    const identify = (accounts?: readonly [string, ...string[]]): Identify => ({
      kind: "identify.service_accounts",
      audience: "orders",
      cluster: {
        name: "workloads",
        issuer: corp.issuer,
        inCluster: false,
        algorithms: ["RS256"],
        ...(accounts && { accounts }),
      },
    })
    const token = (sub: string) => corp.sign({ aud: "orders", sub })
    const callers = [
      bearer(await token("system:serviceaccount:agents:runner")),
      bearer(await token("system:serviceaccount:agents:other")),
      bearer(await token("system:serviceaccount:batch:job")),
      bearer(await token("ada")),
      bearer(await token("system:serviceaccount:agents:runner:x")),
      bearer(await corp.sign({ aud: "another", sub: "system:serviceaccount:agents:runner" })),
    ]
    const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status)
    expect(statuses(await calling(identify(), callers))).toEqual([200, 200, 200, 401, 401, 401])
    expect(statuses(await calling(identify(["agents/runner", "batch/*"]), callers))).toEqual([
      200, 403, 200, 401, 401, 401,
    ])
  })
})

describe("client certificates that a proxy has seen", () => {
  const identify = (header: "client_cert" | "xfcc", proxies: readonly [string, ...string[]]): Identify => ({
    kind: "identify.client_certificates",
    callers: "machines",
    ca: { name: "machines-ca", key: "ca.crt" },
    subject: "dns",
    forwarded: { header, proxies },
  })
  const derOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "")
  const clientCert = (pem: string) => ({ headers: { "client-cert": `:${derOf(pem)}:` } })

  it("are taken from an authority's own hand, and only from proxies that are believed", async () => {
    const ours = await authority("CN=Ours")
    const theirs = await authority("CN=Ours")
    const dns = [{ type: "dns", value: "robot.example.com" } as const]
    const good = await ours.issue({ subject: "CN=robot", names: dns })
    const secrets = { "ca.crt": ours.certificate }
    const callers = [
      clientCert(good.certificate),
      {},
      // Of an authority that only has the same name; expired; without the name that is asked for; the authority itself.
      clientCert((await theirs.issue({ subject: "CN=robot", names: dns })).certificate),
      clientCert((await ours.issue({ subject: "CN=robot", names: dns, lasts: -60_000 })).certificate),
      clientCert((await ours.issue({ subject: "CN=robot" })).certificate),
      clientCert(ours.certificate),
      { headers: { "client-cert": ":AAAA:" } },
      { headers: { "client-cert": good.certificate.replace(/\n/g, " ") } },
    ]
    const believed = await calling(identify("client_cert", ["127.0.0.0/8"]), callers, { secrets })
    expect(believed.map(({ status }) => status)).toEqual([200, 403, 403, 403, 403, 403, 403, 403])
    expect(believed[0]?.seen).not.toHaveProperty("client-cert")
    const [stranger] = await calling(identify("client_cert", ["10.0.0.0/8"]), callers.slice(0, 1), { secrets })
    expect(stranger).toMatchObject({ status: 403, code: "certificate-refused" })
  })

  it("come from Envoy in its own header, one of them", async () => {
    const ours = await authority()
    const good = await ours.issue({ subject: "CN=robot", names: [{ type: "dns", value: "robot.example.com" }] })
    const element = `Hash=abc;Cert="${encodeURIComponent(good.certificate)}";Subject="CN=robot"`
    const callers = [element, `${element},${element}`, 'Hash=abc;Subject="CN=robot"', `By=x;${element}`].map(
      (value) => ({
        headers: { "x-forwarded-client-cert": value },
      }),
    )
    const answers = await calling(identify("xfcc", ["127.0.0.1"]), callers, { secrets: { "ca.crt": ours.certificate } })
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 403, 200])
  })

  it("are believed of addresses in a range, however they are written", () => {
    const list = addressList(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])
    expect(
      [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "192.0.2.7",
        "2001:db8::1",
        "11.0.0.1",
        "192.0.2.8",
        "2001:db9::1",
        undefined,
        "x",
      ].map((address) => isAmong(address, list)),
    ).toEqual([true, true, true, true, false, false, false, false, false])
  })
})
