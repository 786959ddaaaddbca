/** Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document-02): clients that are known by a URL. */
import { generateKeyPair, randomUUID } from "node:crypto"
import { promisify } from "node:util"
import { decodeJwt, exportJWK, SignJWT } from "jose"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { documents } from "../../runtime/auth-server/clients/documents.ts"
import type { PublicResponse } from "../../runtime/auth-server/clients/public-fetch.ts"
import { Client, json, REDIRECT, type Rig, register, start, type Tokens } from "./authorization.ts"
import { Browser } from "./browser.ts"
import { type DocumentHost, documentOf, HOST, startDocumentHost } from "./document-host.ts"

let host: DocumentHost
let rig: Rig
beforeAll(async () => {
  host = await startDocumentHost()
  rig = await start({
    config: { metadataDocuments: { size: 10, lifetime: 60 } },
    strangers: { loopback: true, resolve: async () => [{ address: "127.0.0.1", family: 4 }], ca: host.ca },
  })
})
afterAll(() => Promise.all([rig.stop(), host.stop()]))
afterEach(() => host.pages.clear())

/** A client at a URL of its own, so that nothing is in the cache. */
const publish = (more: Record<string, unknown> = {}) => {
  const path = `/${randomUUID()}.json`
  const id = host.origin + path
  host.pages.set(path, { body: documentOf(id, more) })
  return { id, path, client: new Client(rig, id, REDIRECT, new Browser()) }
}

describe("a client with a metadata document", () => {
  it("is told of in the server's metadata", async () => {
    const metadata = await json(await fetch(`${rig.issuer}/.well-known/oauth-authorization-server`))
    expect(metadata["client_id_metadata_document_supported"]).toBe(true)
  })

  it("logs people in with no registration, and its tokens name it by its URL", async () => {
    const { id, client, path } = publish()
    const tokens = await client.login("ada")
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: id, email: "ada@example.com" })
    const again = await json<Tokens>(await client.refresh(tokens.refresh_token))
    expect(decodeJwt(again.access_token)["client_id"]).toBe(id)
    // One request for all steps of the login and what follows.
    expect(host.asked.filter((each) => each === path)).toHaveLength(1)
  })

  it("is vouched for on the consent page by its host, and by nobody where it only registered", async () => {
    const { client } = publish()
    const page = await client.toConsent("ada")
    expect(page.text).toContain("Documented client")
    expect(page.text).toContain(`The website <code>${HOST}:${host.port}</code>`)
    expect(page.text).not.toContain("not verified")
    const registered = await Client.register(rig)
    expect((await registered.toConsent("ada")).text).toContain("it is not verified")
  })

  it("may only send people where its document says", async () => {
    const { client } = publish({ redirect_uris: ["https://elsewhere.example/callback"] })
    const page = await client.browser.once(client.authorizationUrl())
    expect(page.status).toBe(400)
    expect(page.text).toContain("invalid_redirect_uri")
    expect(page.headers.get("location")).toBe(null)
  })

  it("may sign for itself, with keys that its document names (RFC 7523 section 2.2)", async () => {
    const { privateKey, publicKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" })
    const keys = `/${randomUUID()}`
    host.pages.set(keys, {
      headers: { "content-type": "application/jwk-set+json" },
      body: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }] }),
    })
    const { id, client } = publish({ token_endpoint_auth_method: "private_key_jwt", jwks_uri: host.origin + keys })
    const code = (await client.code("ada")).get("code") ?? ""
    expect((await client.redeem(code)).status).toBe(401)
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(rig.issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(privateKey)
    const proof = {
      client_assertion: assertion,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    const attempt = async () => {
      const browser = client.elsewhere()
      return browser.redeem((await browser.code("ada")).get("code") ?? "", proof)
    }
    expect((await attempt()).status).toBe(200)
    // The same assertion again.
    expect((await attempt()).status).toBe(401)
  })

  it("is not there when the file does not turn documents on", async () => {
    const off = await start({ strangers: { loopback: true, ca: host.ca } })
    const { id, path } = publish()
    const page = await new Browser().once(new Client(off, id, REDIRECT, new Browser()).authorizationUrl())
    expect(page.status).toBe(400)
    expect(host.asked).not.toContain(path)
    await off.stop()
  })
})

describe("a document is refused", () => {
  const refusedAs = async (id: string) => {
    const page = await new Browser().once(new Client(rig, id, REDIRECT, new Browser()).authorizationUrl())
    expect(page.status).toBe(400)
    expect(page.headers.get("location")).toBe(null)
    return /Error: <code>([^<]*)/.exec(page.text)?.[1]
  }
  const at = (page: Parameters<DocumentHost["pages"]["set"]>[1] | ((id: string) => string)) => {
    const path = `/${randomUUID()}`
    const id = host.origin + path
    host.pages.set(path, typeof page === "function" ? { body: String(page(id)) } : page)
    return id
  }

  it.each<[string, (id: string) => string]>([
    ["that is of another client", () => documentOf("https://client.example/other")],
    ["whose client_id differs by a slash", (id) => documentOf(`${id}/`)],
    ["with a secret in it", (id) => documentOf(id, { client_secret: "s" })],
    [
      "of a client that would authenticate by a shared secret",
      (id) => documentOf(id, { token_endpoint_auth_method: "client_secret_basic" }),
    ],
    ["that is no object", () => "[]"],
    ["that is no JSON", () => "<html>"],
    ["without redirect URIs", (id) => documentOf(id, { redirect_uris: [] })],
    ["with a redirect URI of http", (id) => documentOf(id, { redirect_uris: ["http://app.example/cb"] })],
    ["with a redirect URI that runs as a script", (id) => documentOf(id, { redirect_uris: ["javascript:alert(1)"] })],
    ["with a user name in a redirect URI", (id) => documentOf(id, { redirect_uris: ["https://a@b.example/cb"] })],
    ["with a name that is longer than a page", (id) => documentOf(id, { client_name: "x".repeat(257) })],
    ["that is longer than 10 KiB", (id) => documentOf(id, { padding: "x".repeat(10 * 1024) })],
  ])("%s", async (_what, page) => {
    expect(await refusedAs(at(page))).toMatch(/^invalid_(client|client_metadata|redirect_uri)$/)
  })

  it("that is not declared as JSON, that redirects, or that is not there", async () => {
    const good = publish().id
    const html = at({ headers: { "content-type": "text/html" }, body: documentOf(good) })
    const moved = at({ status: 302, headers: { location: good }, body: "" })
    const gone = at({ status: 404, body: "{}" })
    for (const id of [html, moved, gone]) expect(await refusedAs(id)).toBe("invalid_client")
    // The draft, section 5: redirects are not followed.
    expect(host.asked).not.toContain(new URL(good).pathname)
    const told = rig.journal.filter(({ stage, outcome }) => stage === "client" && outcome === "refused")
    expect(told.map(({ summary }) => summary)).toEqual(
      expect.arrayContaining([expect.stringContaining("text/html"), expect.stringContaining("it answered 302")]),
    )
  })

  it.each([
    "http://client.example/c",
    "https://client.example/a/../c",
    "https://u@client.example/c",
    "https://client.example/c#f",
  ])("at %s, which is no client identifier URL", async (id) => {
    expect(await refusedAs(id)).toBe("invalid_client")
  })
})

describe("documents are kept", () => {
  let now = 0
  const asked: string[] = []
  const serving = (headers: Record<string, string>, more: Partial<Parameters<typeof documents>[0]> = {}) => {
    asked.length = 0
    now = Date.parse("2026-11-25T12:00:00Z")
    const fetch = async (url: string): Promise<PublicResponse> => {
      asked.push(url)
      return { type: "application/json", body: `{"at":${now}}`, header: (name) => headers[name] }
    }
    const events = { within: <A>(run: () => A) => run(), write: () => {} }
    return documents({ fetch, size: 2, lifetime: 300, rate: () => 0, events, now: () => now, ...more })
  }

  it.each([
    ["as long as their answer says", { "cache-control": "public, max-age=120" }, 120],
    ["less by the time they were in another cache", { "cache-control": "max-age=120", age: "100" }, 20],
    ["until they expire", { expires: "Wed, 25 Nov 2026 12:01:00 GMT" }, 60],
    ["as long as the file says where the answer does not", {}, 300],
    ["for one login at least", { "cache-control": "no-store" }, 10],
    ["for one login at least, whatever expired when", { expires: "0" }, 10],
    ["for a day at most", { "cache-control": "max-age=99999999" }, 86_400],
  ])("%s", async (_what, headers, seconds) => {
    const read = serving(headers)
    await read("https://a.example/")
    now += seconds * 1000 - 1
    await read("https://a.example/")
    expect(asked).toHaveLength(1)
    now += 1
    await read("https://a.example/")
    expect(asked).toHaveLength(2)
  })

  it("in bounded number: those that are in use stay", async () => {
    const read = serving({})
    for (const name of ["a", "b", "a", "c", "a"]) await read(`https://${name}.example/`)
    expect(asked.map((url) => new URL(url).hostname[0])).toEqual(["a", "b", "c"])
    await read("https://b.example/")
    expect(asked).toHaveLength(4)
  })

  it("and asked for at a bounded rate, which those that are kept do not count in", async () => {
    let left = 1
    const read = serving({}, { rate: () => (left-- > 0 ? 0 : 1) })
    for (let use = 0; use < 100; use++) await read("https://a.example/")
    await expect(read("https://b.example/")).rejects.toThrow("too many")
    expect(asked).toHaveLength(1)
  })

  it("and asked for once by all who wait, failures too, which are forgotten soon", async () => {
    let fail = true
    const read = serving(
      {},
      {
        fetch: async (url) => {
          asked.push(url)
          if (fail) throw new Error("down")
          return { type: "application/json", body: "{}", header: () => undefined }
        },
      },
    )
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => read("https://a.example/")))
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true)
    await expect(read("https://a.example/")).rejects.toThrow("down")
    expect(asked).toHaveLength(1)
    fail = false
    now += 5000
    expect(await read("https://a.example/")).toBe("{}")
  })
})

describe("a client that registered", () => {
  it("cannot take a URL as its identifier", async () => {
    const { id } = publish()
    const answer = await json(await register(rig, { client_id: id }))
    expect(answer["client_id"]).not.toBe(id)
  })
})
