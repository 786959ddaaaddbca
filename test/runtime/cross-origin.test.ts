/** Scripts of web pages at a flow: which may call, what they may read, and who is refused. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { serve } from "../../runtime/index.ts"
import { reservePort } from "../../runtime/sandbox/loopback.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { close } from "./identity-provider.ts"

const APP = "https://app.example.com"

/** Answers to these requests of a flow that everybody may call, and how many requests reached its upstream. */
const answers = (requests: ReadonlyArray<RequestInit>) =>
  Effect.gen(function* () {
    let reached = 0
    const upstream = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer((_request, response) => {
          reached++
          response.setHeader("access-control-allow-origin", "*")
          response.setHeader("mcp-session-id", "one").end("ok")
        })
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
        return server
      }),
      (server) => Effect.promise(() => close(server)),
    )
    const reserved = yield* reservePort("proxy")
    const url = `http://127.0.0.1:${reserved.port}/mcp`
    yield* serve(
      {
        version: 1,
        source: "test.authflow",
        providers: [],
        servers: [],
        flows: [
          {
            name: "docs",
            resource: url,
            stages: [
              { kind: "identify.anonymous" },
              { kind: "inject.none" },
              { kind: "forward", url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`, timeout: 5 },
            ],
          },
        ],
      },
      { listen: [reserved], origins: [APP], drainSeconds: 1, env: {} },
    )
    const own = new URL(url).origin
    const got: Response[] = []
    for (const init of requests) {
      const headers = Object.fromEntries(
        Object.entries(init.headers ?? {}).map(([name, value]) => [name, value === "own" ? own : String(value)]),
      )
      got.push(yield* Effect.promise(() => fetch(url, { ...init, headers })))
    }
    return { got, reached }
  }).pipe(
    Effect.provideService(Secrets, { get: () => Effect.succeed(Redacted.make("unused")) }),
    Effect.scoped,
    Effect.runPromise,
  )

const preflight = (origin: string): RequestInit => ({
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,mcp-protocol-version",
  },
})

describe("scripts of web pages", () => {
  it("may call from origins that were named, and from the flow's own, and read what MCP needs", async () => {
    const { got } = await answers([{ headers: { origin: APP } }, { headers: { origin: "own" } }, {}])
    expect(got.map(({ status }) => status)).toEqual([200, 200, 200])
    const [named, , none] = got
    expect(named?.headers.get("access-control-allow-origin")).toBe(APP)
    expect(named?.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate, Mcp-Session-Id")
    expect(named?.headers.get("access-control-allow-credentials")).toBeNull()
    expect(named?.headers.get("vary")).toContain("Origin")
    // What the upstream says of other pages counts for nothing.
    expect(none?.headers.get("access-control-allow-origin")).toBeNull()
  })

  it("ask before, without a token, and the question goes no further", async () => {
    const { got, reached } = await answers([preflight(APP)])
    const [answer] = got
    expect(answer?.status).toBe(204)
    expect(answer?.headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE")
    for (const header of ["authorization", "content-type", "mcp-protocol-version", "mcp-session-id", "dpop"])
      expect(answer?.headers.get("access-control-allow-headers")).toContain(header)
    expect(reached).toBe(0)
  })

  it("DNS rebinding, other pages, pages without an origin and look-alikes are refused, and reach nothing", async () => {
    const origins = [
      "https://evil.example",
      "null",
      "https://app.example.com.evil.example",
      "http://app.example.com",
      "*",
      `${APP}:444`,
    ]
    const { got, reached } = await answers(
      origins.flatMap((origin) => [preflight(origin), { method: "POST", body: "{}", headers: { origin } }]),
    )
    expect(new Set(got.map(({ status }) => status))).toEqual(new Set([403]))
    expect(got.every(({ headers }) => headers.get("access-control-allow-origin") === null)).toBe(true)
    expect(reached).toBe(0)
  })
})
