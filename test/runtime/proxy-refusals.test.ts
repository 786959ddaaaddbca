/** Requests that must not get through, or not as they are. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { call, problem, raw } from "./proxy-world/call.ts"
import { startWorld, type World } from "./proxy-world/index.ts"

const names = (world: World) =>
  world.seen[0]?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())

/** The status of each answer on a bare connection. */
const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))

describe("headers of the caller", () => {
  it.live(
    "credentials, forwarding claims, hop-by-hop and X-Amz-* headers never reach the upstream; the journal says so",
    () =>
      Effect.gen(function* () {
        const world = yield* startWorld()
        const token = yield* world.token()
        const reply = yield* call(world.origin, {
          method: "POST",
          path: "/aws",
          headers: {
            authorization: `Bearer ${token}`,
            cookie: "_session=of-the-authorization-server",
            connection: "keep-alive, x-secret-hop",
            "x-secret-hop": "1",
            "keep-alive": "timeout=5",
            te: "trailers",
            "proxy-authorization": "Basic eDp5",
            forwarded: "for=1.2.3.4",
            "x-forwarded-for": "1.2.3.4",
            "x-forwarded-host": "elsewhere.example",
            "x-real-ip": "1.2.3.4",
            via: "1.1 somewhere",
            "X-Amz-Date": "20200101T000000Z",
            "x-amz-security-token": "somebody-else's",
            "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
            "x-amz-target": "Admin.DeleteEverything",
            "last-event-id": "7",
            "x-custom": ["one", "two"],
          },
          body: "{}",
        })
        assert.strictEqual(reply.status, 200)
        assert.deepStrictEqual(world.badSignatures, [])
        assert.sameMembers(names(world) ?? [], [
          "host",
          "last-event-id",
          "x-custom",
          "x-amz-date",
          "x-amz-security-token",
          "authorization",
          "connection",
          "content-length",
        ])
        const sent = JSON.stringify(world.seen[0]?.rawHeaders)
        for (const never of [
          token,
          "of-the-authorization-server",
          "somebody-else",
          "UNSIGNED-PAYLOAD",
          "1.2.3.4",
          "20200101",
        ]) {
          assert.notInclude(sent, never)
        }
        const dropped = world.journal.find(({ stage }) => stage === "receive")?.detail["dropped"]
        assert.strictEqual(dropped, "x-amz-date, x-amz-security-token, x-amz-content-sha256, x-amz-target")
        assert.notInclude(JSON.stringify(world.journal), token)
      }),
  )

  it.live("a header outside ASCII is sent and left out of the signature", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const { authorization } = yield* world.bearer()
      const reply = yield* raw(
        world.port,
        `GET /aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: ${authorization}\r\nX-Name: caf\xe9\r\nConnection: close\r\n\r\n`,
      )
      assert.deepStrictEqual(statuses(reply), [200])
      assert.include(names(world) ?? [], "x-name")
    }),
  )
})

describe("a caller with no right to be here", () => {
  it.live(
    "no token, a token of another audience, an expired one, the upstream's own scheme: challenged, nothing leaves",
    () =>
      Effect.gen(function* () {
        const world = yield* startWorld()
        const other = yield* world.issuer.token({ sub: "ada", email: "ada@example.com" }, "https://other.example")
        const expired = yield* world.issuer.token({ sub: "ada", email: "ada@example.com" }, world.resource, -600)
        for (const [headers, code] of [
          [{}, "token-missing"],
          [{ authorization: `Bearer ${other}` }, "token-invalid"],
          [{ authorization: `Bearer ${expired}` }, "token-invalid"],
        ] as const) {
          const reply = yield* call(world.origin, { path: "/aws", headers })
          assert.strictEqual(reply.status, 401)
          assert.strictEqual(problem(reply).code, code)
          assert.include(
            reply.headers["www-authenticate"] ?? "",
            `resource_metadata="${world.origin}/.well-known/oauth-protected-resource/aws"`,
          )
        }
        // A caller that brings AWS credentials of its own is nobody here.
        const signed =
          "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/aws-mcp/aws4_request, SignedHeaders=host, Signature=0"
        const reply = yield* call(world.origin, { path: "/aws", headers: { authorization: signed } })
        assert.isAtLeast(reply.status, 400)
        assert.isBelow(reply.status, 402)
        assert.strictEqual(world.sts.calls.length, 0)
        assert.strictEqual(world.seen.length, 0)
      }),
  )
})

describe("paths", () => {
  it.live("lead nowhere but below the forward URL", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const headers = yield* world.bearer()
      for (const path of [
        "/aws/../secret",
        "/aws/..",
        "/aws/%2e%2e/secret",
        "/aws/.%2E/secret",
        "/aws/x/..%2f..%2fsecret",
        "/aws/..%5csecret",
        "/aws/./x",
        "/aws/%zz",
      ]) {
        const reply = yield* call(world.origin, { path, headers })
        assert.strictEqual(reply.status, 400, path)
        assert.strictEqual(problem(reply).code, "request-refused")
      }
      assert.strictEqual(world.seen.length, 0)
    }),
  )

  it.live("match whole segments, byte for byte", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const headers = yield* world.bearer()
      for (const path of ["/awsx", "/aw", "/", "/AWS", "/%61ws", "//aws"]) {
        const reply = yield* call(world.origin, { path, headers })
        assert.strictEqual(reply.status, 404, path)
        assert.strictEqual(problem(reply).code, "flow-unknown")
      }
      for (const [path, target] of [
        ["/aws", "/mcp"],
        ["/aws/", "/mcp/"],
        ["/aws/x", "/mcp/x"],
        ["/aws?q=%41", "/mcp?q=%41"],
        ["/aws/%E1%88%B4", "/mcp/%E1%88%B4"],
      ] as const) {
        const reply = yield* call(world.origin, { path, headers })
        assert.strictEqual(reply.status, 200, path)
        assert.strictEqual(world.seen.at(-1)?.target, target)
      }
      assert.deepStrictEqual(world.badSignatures, [])
    }),
  )

  it.live("a presigned query is refused: it would speak of another signature", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const headers = yield* world.bearer()
      for (const query of ["X-Amz-Signature=0", "a=1&x%2Damz-credential=x", "X-AMZ-Date=1"]) {
        const reply = yield* call(world.origin, { path: `/aws?${query}`, headers })
        assert.strictEqual(reply.status, 400, query)
      }
      assert.strictEqual(world.seen.length, 0)
    }),
  )
})

describe("shapes of requests", () => {
  const head = (world: World, authorization: string, lines: string, method = "POST") =>
    `${method} /aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: ${authorization}\r\n${lines}\r\n`

  it.live("that two readers could frame differently are refused, and what follows them is not read as a request", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const { authorization } = yield* world.bearer()
      const smuggled = `GET /aws/smuggled HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\nAuthorization: ${authorization}\r\n\r\n`
      for (const lines of [
        `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
        `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
        `Content-Length: 0, ${smuggled.length}\r\n\r\n${smuggled}`,
        `Content-Length: +0\r\n\r\n${smuggled}`,
        `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
        `Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
        `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
        `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
        `Content-Length: 0\r\n folded\r\n\r\n`,
        `Host: elsewhere.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        `Authorization: Bearer other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        `Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      ]) {
        const reply = yield* raw(world.port, head(world, authorization, lines).slice(0, -2))
        assert.deepStrictEqual(statuses(reply), [400], lines.slice(0, 60))
        assert.include(reply, "application/problem+json")
      }
      assert.strictEqual(world.seen.length, 0)
    }),
  )

  it.live("WebSocket, TRACE, CONNECT, an HTTP/2 preface and a bare * are refused", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const { authorization } = yield* world.bearer()
      const close = "Connection: close\r\n"
      const upgrade =
        "Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
      assert.deepStrictEqual(statuses(yield* raw(world.port, head(world, authorization, upgrade, "GET"))), [400])
      assert.deepStrictEqual(statuses(yield* raw(world.port, head(world, authorization, close, "TRACE"))), [405])
      const host = `Host: 127.0.0.1:${world.port}\r\n`
      assert.deepStrictEqual(statuses(yield* raw(world.port, `CONNECT x:443 HTTP/1.1\r\n${host}\r\n`)), [405])
      assert.deepStrictEqual(statuses(yield* raw(world.port, `OPTIONS * HTTP/1.1\r\n${host}${close}\r\n`)), [400])
      assert.deepStrictEqual(statuses(yield* raw(world.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")), [400])
      assert.deepStrictEqual(statuses(yield* raw(world.port, "GET / HTTP/1.1\r\n\r\n")), [400])
      assert.strictEqual(world.seen.length, 0)
    }),
  )

  it.live("h2c is offered by clients that do not need it, and ignored", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const { authorization } = yield* world.bearer()
      const offer =
        "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
      const reply = yield* raw(world.port, head(world, authorization, offer, "GET"))
      assert.deepStrictEqual(statuses(reply), [200])
      assert.notInclude(names(world) ?? [], "http2-settings")
    }),
  )

  it.live("headers over the limit are answered 431, a body over the stage's limit 413, with or without a length", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ maxBody: 1000 })
      const headers = yield* world.bearer()
      const long = yield* call(world.origin, { path: "/aws", headers: { ...headers, "x-long": "x".repeat(40_000) } })
      assert.strictEqual(long.status, 431)
      assert.strictEqual(problem(long).code, "headers-too-large")
      const fits = yield* call(world.origin, { method: "POST", path: "/aws", headers, body: "x".repeat(1000) })
      assert.strictEqual(fits.status, 200)
      const large = yield* call(world.origin, { method: "POST", path: "/aws", headers, body: "x".repeat(1001) })
      assert.strictEqual(large.status, 413)
      const chunk = `3e9\r\n${"x".repeat(1001)}\r\n`
      const chunked = yield* raw(
        world.port,
        `${head(world, headers.authorization, "Transfer-Encoding: chunked\r\n")}${chunk}`,
      )
      assert.deepStrictEqual(statuses(chunked), [413])
      assert.strictEqual(world.seen.length, 1)
    }),
  )

  it.live("a client that waits for 100 Continue is told to send only after it was let in", () =>
    Effect.gen(function* () {
      const world = yield* startWorld({ maxBody: 10 })
      const { authorization } = yield* world.bearer()
      const expect = "Expect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n"
      const nobody = yield* raw(world.port, head(world, "Bearer nonsense", expect))
      assert.deepStrictEqual(statuses(nobody), [401])
      const somebody = yield* raw(world.port, `${head(world, authorization, expect)}hello`)
      assert.deepStrictEqual(statuses(somebody), [100, 200])
      assert.strictEqual(world.seen[0]?.body.toString(), "hello")
    }),
  )
})

describe("hosts", () => {
  it.live("an unknown one is 421 and told what is served here; probes are answered under any", () =>
    Effect.gen(function* () {
      const world = yield* startWorld()
      const headers = { ...(yield* world.bearer()), host: "elsewhere.example" }
      const reply = yield* call(world.origin, { path: "/aws", headers })
      assert.strictEqual(reply.status, 421)
      assert.include(problem(reply).detail, `127.0.0.1:${world.port}`)
      for (const path of ["/healthz", "/readyz"]) {
        assert.strictEqual((yield* call(world.origin, { path, headers: { host: "10.0.0.1:8080" } })).status, 200)
      }
      const close = "Connection: close\r\n\r\n"
      const disagree = yield* raw(
        world.port,
        `GET http://elsewhere.example/aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\n${close}`,
      )
      assert.deepStrictEqual(statuses(disagree), [400])
      const agree = yield* raw(
        world.port,
        `GET http://127.0.0.1:${world.port}/aws HTTP/1.1\r\nHost: 127.0.0.1:${world.port}\r\n${close}`,
      )
      assert.deepStrictEqual(statuses(agree), [401])
      assert.strictEqual(world.seen.length, 0)
    }),
  )
})
