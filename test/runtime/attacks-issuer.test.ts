/** Attacks through an issuer that is asked over HTTP: where it leads us, how much it sends, what it costs. */
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Redacted } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { type Introspect, introspection } from "../../runtime/resource-server/introspection.ts"
import { issuerKeys } from "../../runtime/resource-server/issuer.ts"
import { issuerClient } from "../../runtime/resource-server/issuer-client.ts"
import { close } from "./identity-provider.ts"

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await close(server)
})

/** A server that answers so, its origin, and what it was asked. */
const serve = async (answer: RequestListener) => {
  const asked: { readonly url: string; readonly authorization: string | undefined; readonly body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    asked.push({ url: request.url ?? "", authorization: request.headers.authorization, body })
    answer(request, response)
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const json =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value))
  }

/** The tag and detail of what finding a key fails with. */
const findKey = (issuer: string) =>
  Promise.resolve(
    issuerKeys({ issuer, name: "corp" }, issuerClient())({ alg: "RS256", kid: "one" }, { payload: "", signature: "" }),
  ).then(
    () => ({ _tag: "found", detail: "" }),
    (cause: { readonly _tag: string; readonly detail: string }) => ({ _tag: cause._tag, detail: cause.detail }),
  )

describe("SSRF by discovery", () => {
  it("redirect: metadata that leads to another address is not followed", async () => {
    const inner = await serve(json({ keys: [] }))
    const issuer = await serve((_request, response) => {
      response.writeHead(302, { location: `${inner.origin}/latest/meta-data` }).end()
    })
    expect(await findKey(issuer.origin)).toMatchObject({ _tag: "IssuerUnavailable" })
    expect(inner.asked).toEqual([])
  })

  it("redirect: nor are keys that lead to another address", async () => {
    const inner = await serve(json({ keys: [] }))
    const issuer = await serve((request, response) => {
      if (request.url === "/keys") response.writeHead(307, { location: inner.origin }).end()
      else json({ issuer: issuer.origin, jwks_uri: `${issuer.origin}/keys` })(request, response)
    })
    expect(await findKey(issuer.origin)).toMatchObject({ _tag: "IssuerUnavailable" })
    expect(inner.asked).toEqual([])
  })

  it.each([
    "http://169.254.169.254/latest",
    "file:///etc/passwd",
    "http://10.0.0.1/keys",
    "gopher://x",
    "javascript:0",
  ])("metadata cannot send us to %s", async (jwks_uri) => {
    const issuer = await serve((request, response) => json({ issuer: issuer.origin, jwks_uri })(request, response))
    expect((await findKey(issuer.origin)).detail).toContain("no https jwks_uri")
  })

  it("mix-up: metadata of another issuer, or of nearly the same one, is not taken", async () => {
    for (const change of [
      (url: string) => `${url}/`,
      () => "https://idp.example.com",
      (url: string) => url.toUpperCase(),
    ]) {
      const issuer = await serve((request, response) =>
        json({ issuer: change(issuer.origin), jwks_uri: `${issuer.origin}/keys` })(request, response),
      )
      expect((await findKey(issuer.origin)).detail).toContain("names another issuer")
      expect(issuer.asked.every(({ url }) => url !== "/keys")).toBe(true)
    }
  })
})

describe("oversized answers", () => {
  it("metadata without an end is given up after a megabyte", async () => {
    let sent = 0
    const issuer = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" })
      const more = () => {
        sent += 65_536
        if (!response.destroyed && sent < 64 * 1024 * 1024) response.write("x".repeat(65_536), more)
      }
      more()
    })
    expect((await findKey(issuer.origin)).detail).toContain("too large")
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  it("a key set of very many keys is not taken", async () => {
    const keys = Array.from({ length: 200 }, (_, n) => ({ kty: "RSA", kid: `k${n}`, n: "AQAB", e: "AQAB" }))
    const issuer = await serve((request, response) =>
      json(request.url === "/keys" ? { keys } : { issuer: issuer.origin, jwks_uri: `${issuer.origin}/keys` })(
        request,
        response,
      ),
    )
    expect((await findKey(issuer.origin)).detail).toContain("more than 100 keys")
  })
})

describe("introspection (RFC 7662)", () => {
  const expected = { issuer: "https://idp.example.com", audience: "https://orders.example.com/mcp" }
  const active = (more: object = {}) => ({
    active: true,
    sub: "ada",
    aud: expected.audience,
    iss: expected.issuer,
    scope: "orders",
    exp: Math.floor(Date.now() / 1000) + 300,
    ...more,
  })
  const start = async (answer: RequestListener, now?: () => number) => {
    const endpoint = await serve(answer)
    const client = { id: "mcp:gateway", secret: Redacted.make("s3cret %") }
    const ask = introspection({ url: `${endpoint.origin}/introspect`, client, name: "corp" }, issuerClient(), now)
    return { ask, asked: endpoint.asked }
  }
  const outcome = (asking: ReturnType<Introspect>) =>
    asking.then(
      ({ subject }) => `ok ${subject}`,
      (cause: { readonly _tag: string; readonly detail: string }) => `${cause._tag} ${cause.detail}`,
    )

  it("asks as us, with the token in the body and in no URL", async () => {
    const { ask, asked } = await start(json(active()))
    expect(await outcome(ask("opaque/token", expected))).toBe("ok ada")
    const [request] = asked
    expect(request?.url).toBe("/introspect")
    expect(new URLSearchParams(request?.body).get("token")).toBe("opaque/token")
    // RFC 6749 section 2.3.1: form-encoded, then joined.
    expect(Buffer.from(request?.authorization?.slice(6) ?? "", "base64").toString()).toBe("mcp%3Agateway:s3cret+%25")
  })

  it.each<readonly [string, object, string]>([
    ["inactive", { active: false }, "TokenInvalid the token is not active"],
    ["of another issuer", { iss: "https://evil.example" }, "TokenInvalid the token is of another issuer"],
    ["for another audience", { aud: "https://other.example" }, "TokenInvalid the token is for another audience"],
    ["for no audience", { aud: undefined }, "TokenInvalid the token is for another audience"],
    ["expired", { exp: 1 }, "TokenInvalid the token has expired"],
    ["not valid yet", { nbf: 4_000_000_000 }, "TokenInvalid the token is not valid yet"],
    ["of nobody", { sub: "" }, "TokenInvalid the token names no subject"],
    ["of nobody in particular", { sub: undefined }, "TokenInvalid the token names no subject"],
    ["of an odd expiry", { exp: "soon" }, "TokenInvalid the token has expired"],
  ])("refuses a token that is %s", async (_, change, told) => {
    const { ask } = await start(json(active(change)))
    expect(await outcome(ask("t", expected))).toBe(told)
  })

  it.each<readonly [string, RequestListener]>([
    ["says 500", (_request, response) => void response.writeHead(500).end()],
    ["refuses us", (_request, response) => void response.writeHead(401).end()],
    ["says nothing of the token", json({ sub: "ada" })],
    ["answers something else", (_request, response) => void response.writeHead(200).end("<html>")],
    ["breaks off", (request) => void request.socket.destroy()],
    ["answers with a list", json([])],
  ])("an endpoint that %s is an outage and never the caller's fault", async (_, answer) => {
    const { ask } = await start(answer)
    expect(await outcome(ask("t", expected))).toMatch(/^IssuerUnavailable /)
  })

  it("a redirect does not get the token, nor our secret", async () => {
    const thief = await serve(json(active()))
    const { ask } = await start((_request, response) => void response.writeHead(307, { location: thief.origin }).end())
    expect(await outcome(ask("t", expected))).toMatch(/^IssuerUnavailable /)
    expect(thief.asked).toEqual([])
  })

  it("keeps an answer for half a minute, and no longer than the token lives", async () => {
    let time = Date.now()
    const exp = Math.floor(time / 1000) + 20
    const { ask, asked } = await start(json(active({ exp })), () => time)
    for (let n = 0; n < 5; n++) await ask("t", expected)
    expect(asked).toHaveLength(1)
    time = exp * 1000 - 1
    await ask("t", expected)
    expect(asked).toHaveLength(1)
    time = exp * 1000
    await ask("t", expected)
    expect(asked).toHaveLength(2)
  })

  it("a revoked token is refused half a minute later at the latest", async () => {
    let time = Date.now()
    let revoked = false
    const { ask } = await start(
      (request, response) => json(revoked ? { active: false } : active())(request, response),
      () => time,
    )
    expect(await outcome(ask("t", expected))).toBe("ok ada")
    revoked = true
    time += 30_001
    expect(await outcome(ask("t", expected))).toBe("TokenInvalid the token is not active")
  })

  it("asks once about one token, however many requests come with it at once", async () => {
    const { ask, asked } = await start(json(active()))
    await Promise.all(Array.from({ length: 50 }, () => ask("t", expected)))
    expect(asked).toHaveLength(1)
  })

  it("flood: made-up tokens open a bounded number of questions; the rest is told to wait", async () => {
    let open = 0
    let most = 0
    const { ask } = await start((request, response) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        json({ active: false })(request, response)
      }, 20)
    })
    const outcomes = await Promise.all(Array.from({ length: 500 }, (_, n) => outcome(ask(`made-up-${n}`, expected))))
    expect(most).toBeLessThanOrEqual(64)
    expect(new Set(outcomes.map((each) => each.split(" ")[0]))).toEqual(new Set(["TokenInvalid", "IssuerUnavailable"]))
  })
})
