/** What keeps an authorization server from starting, and what it keeps to itself while it runs. */
import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { Effect } from "effect"
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK } from "jose"
import { afterEach, describe, expect, it, vi } from "vitest"
import { type Dependencies, make } from "../../runtime/auth-server/index.ts"
import { memoryStore } from "../../runtime/auth-server/storage/memory.ts"
import type { AuthServer as Config, OidcProvider } from "../../runtime/plan.ts"
import { Client, FLOW, json, outcome, register, secrets, start } from "./authorization.ts"

const PROVIDER: OidcProvider = {
  name: "corp",
  kind: "oidc",
  issuer: "https://idp.example.com",
  client: { id: "gateway", scopes: ["openid"] },
  accessToken: { format: "opaque" },
  algorithms: ["RS256"],
  claims: { idToken: [], accessToken: [], userinfo: [] },
}

const CONFIG: Config = {
  name: "gate",
  kind: "auth_server",
  issuer: "https://auth.example.com",
  login: ["corp"],
  redirectUri: "https://auth.example.com/oauth/callback",
  registration: "dynamic",
  tokens: { access: 600, refresh: 3600, code: 60 },
  claims: [],
  keys: [{ name: "keys", key: "a" }],
  hmacKeys: [],
}

const pem = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1" = "pkcs8") =>
  key.export({ format: "pem", type }).toString()
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey

const begin = (config: Partial<Config>, values: Record<string, string>, dependencies: Partial<Dependencies> = {}) =>
  outcome(
    Effect.scoped(
      make(
        { ...CONFIG, ...config },
        { providers: [PROVIDER], flows: [FLOW], ephemeralKeys: false, store: memoryStore(), ...dependencies },
      ).pipe(Effect.provide(secrets(values))),
    ),
  )

describe("signing keys", () => {
  it.each([
    ["EC P-256", pem(ec("prime256v1")), "ES256"],
    ["EC P-256 in SEC 1", pem(ec("prime256v1"), "sec1"), "ES256"],
    ["EC P-384", pem(ec("secp384r1")), "ES384"],
    ["RSA 2048", pem(rsa(2048)), "RS256"],
    ["RSA 2048 in PKCS #1", pem(rsa(2048), "pkcs1"), "RS256"],
    ["Ed25519", pem(generateKeyPairSync("ed25519").privateKey), "EdDSA"],
  ])("may be %s", async (_what, key, alg) => {
    const started = await begin({}, { "keys/a": key })
    expect(started).toMatchObject({ _tag: "Success", success: { tokens: { algorithms: [alg] } } })
  })

  it.each([
    ["text", "not a key", "private key in PEM"],
    [
      "a public key",
      generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString(),
      "PEM",
    ],
    [
      "an encrypted key",
      ec("prime256v1").export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" }).toString(),
      "unencrypted",
    ],
    ["RSA below 2048 bits", pem(rsa(1024)), "1024 bits"],
    ["EC on another curve", pem(ec("secp256k1")), "curve"],
    ["a key for something else", pem(generateKeyPairSync("x25519").privateKey), "neither"],
  ])("may not be %s, and the reason says so without the key", async (_what, key, reason) => {
    const started = await begin({}, { "keys/a": key })
    expect(started).toMatchObject({ failure: { _tag: "SigningKeyUnusable", server: "gate", ref: { key: "a" } } })
    const message = started._tag === "Failure" ? started.failure.message : ""
    expect(message).toContain(reason)
    expect(message).not.toContain("BEGIN")
  })

  it("sign with the first, publish all, and are named by their thumbprint", async () => {
    const [first, second] = [ec("prime256v1"), ec("prime256v1")]
    const values = { "keys/a": pem(first), "keys/b": pem(second), "corp-idp/client-secret": "" }
    const keys = [
      { name: "keys", key: "a" },
      { name: "keys", key: "b" },
    ]
    const started = await begin({ keys }, values)
    if (started._tag === "Failure") throw started.failure
    const kids = await Promise.all([first, second].map(async (key) => calculateJwkThumbprint(await exportJWK(key))))
    for (const kid of kids) {
      const key = await started.success.tokens.keys({ alg: "ES256", kid }, { payload: "", signature: "" })
      expect(key).toBeDefined()
    }
    const twice = await begin({ keys: [...keys, { name: "keys", key: "a" }] }, values)
    expect(twice).toMatchObject({ failure: { _tag: "SigningKeyUnusable" } })
  })

  it("have to be there outside of the sandbox", async () => {
    expect(await begin({ keys: [] }, {})).toMatchObject({ failure: { _tag: "SigningKeysMissing" } })
    expect(await begin({ keys: [] }, {}, { ephemeralKeys: true })).toMatchObject({ _tag: "Success" })
    expect(await begin({}, {})).toMatchObject({ failure: { _tag: "SecretMissing" } })
  })

  it("of every kind sign tokens that the server accepts", async () => {
    for (const [alg, key] of [
      ["ES384", ec("secp384r1")],
      ["RS256", rsa(2048)],
      ["EdDSA", generateKeyPairSync("ed25519").privateKey],
    ] as const) {
      const rig = await start({ config: { keys: [{ name: "keys", key: "a" }] }, secrets: { "keys/a": pem(key) } })
      try {
        const tokens = await (await Client.register(rig)).login("ada")
        expect(decodeProtectedHeader(tokens.access_token).alg).toBe(alg)
        expect(decodeProtectedHeader(tokens.id_token ?? "").alg).toBe(alg)
      } finally {
        await rig.stop()
      }
    }
  })
})

describe("a plan the server cannot run", () => {
  const key = { "keys/a": pem(ec("prime256v1")) }
  it.each<[string, Partial<Config>, Partial<OidcProvider>, string]>([
    [
      "has a redirect URI on another origin",
      { redirectUri: "https://other.example/cb" },
      {},
      "not on the issuer's origin",
    ],
    [
      "logs in at two providers, one of which is not there",
      { login: ["corp", "other"] },
      {},
      "at other, which the plan does not declare",
    ],
    ["logs in at a provider that is not there", { login: ["nobody"] }, {}, "does not declare"],
    ["asks the provider for no ID token", {}, { client: { id: "x", scopes: ["email"] } }, "scope openid"],
    ["has an issuer with a query", { issuer: "https://auth.example.com/?a=b" }, {}, "no query"],
    [
      "carries a claim that has a meaning of its own",
      { claims: [{ claim: "aud", provider: "corp", from: "id_token", source: "x" }] },
      {},
      "cannot be carried over",
    ],
    [
      "carries a claim of a provider nobody logs in at",
      { claims: [{ claim: "x", provider: "other", from: "id_token", source: "x" }] },
      {},
      "where nobody logs in",
    ],
  ])("%s", async (_what, config, provider, reason) => {
    const started = await begin(config, key, { providers: [{ ...PROVIDER, ...provider }] })
    expect(started).toMatchObject({ failure: { _tag: "AuthServerMisconfigured" } })
    expect(started._tag === "Failure" && started.failure.message).toContain(reason)
  })

  it("has a symmetric key that is too short", async () => {
    const started = await begin({ hmacKeys: [{ name: "hmac", key: "a" }] }, { ...key, "hmac/a": "short" })
    expect(started).toMatchObject({ failure: { _tag: "AuthServerMisconfigured" } })
    expect(started._tag === "Failure" && started.failure.message).toContain("32 is the least")
  })
})

describe("an https issuer", () => {
  it("sets Secure cookies with the __Secure- prefix, though TLS ends in front of it", async () => {
    const rig = await start({ publicOrigin: "https://auth.example.com" })
    try {
      const { client_id } = await json<{ client_id: string }>(await register({ ...rig, issuer: rig.origin }))
      const query = new URLSearchParams({
        response_type: "code",
        client_id,
        redirect_uri: "http://127.0.0.1:9/callback",
        code_challenge: "x".repeat(43),
        code_challenge_method: "S256",
      })
      const response = await fetch(`${rig.origin}/oauth/authorize?${query}`, { redirect: "manual" })
      expect(response.status).toBe(303)
      const lines = response.headers.getSetCookie()
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) {
        expect(line).toMatch(/^__Secure-authflow_gate_/)
        expect(line).toMatch(/; secure/i)
      }
    } finally {
      await rig.stop()
    }
  })
})

describe("the console", () => {
  afterEach(() => vi.restoreAllMocks())

  it("is left alone, also by errors nobody expected", async () => {
    const spies = [
      ...(["log", "info", "warn", "error", "debug"] as const).map((name) => vi.spyOn(console, name)),
      vi.spyOn(process.stdout, "write"),
      vi.spyOn(process.stderr, "write"),
    ]
    const rig = await start()
    try {
      const client = await Client.register(rig)
      const tokens = await client.login("ada")
      await client.refresh(tokens.refresh_token)
      await client.refresh(tokens.refresh_token)
      await client.authorize({ resource: "https://other.example" })
      await client.browser.once(client.authorizationUrl({ client_id: "nobody" }))
      await fetch(`${rig.issuer}/oauth/token`, { method: "POST", body: "{", headers: { "content-type": "text/plain" } })
      await fetch(`${rig.issuer}/oauth/authorize`, { method: "POST" })
      await fetch(`${rig.issuer}/.well-known/jwks.json`, { method: "DELETE" })
      for (const spy of spies) expect(spy).not.toHaveBeenCalled()
    } finally {
      await rig.stop()
    }
  })
})
