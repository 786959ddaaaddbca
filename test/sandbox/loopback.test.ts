import { createServer, request } from "node:http"
import { connect } from "node:net"
import { Effect, Exit, Scope } from "effect"
import { describe, expect, it } from "vitest"
import { sandbox } from "../../runtime/sandbox/index.ts"
import { originOf, reservePort, serveHttp } from "../../runtime/sandbox/loopback.ts"
import { thv0050 } from "./plans.ts"
import { must, runningSandbox } from "./running.ts"

/** The status a server answers a request with that names this host. */
const statusFor = (port: number, host: string) =>
  new Promise<number | undefined>((answered, failed) => {
    request({ host: "127.0.0.1", port, headers: { host } }, (response) => {
      response.resume()
      answered(response.statusCode)
    })
      .on("error", failed)
      .end()
  })

const refusesConnections = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => {
      socket.destroy()
      done(false)
    })
    socket.once("error", () => done(true))
  })

describe("where the sandbox listens", () => {
  const box = runningSandbox(thv0050)

  it.each(["0.0.0.0", "::", "::1", "localhost", "192.0.2.1", "", "127.0.0.2"])("is never %o", async (host) => {
    const exit = await Effect.runPromise(Effect.result(Effect.scoped(sandbox(thv0050, { host }))))
    expect(exit).toMatchObject({ _tag: "Failure", failure: { _tag: "NotLoopback", host } })
  })

  it("is 127.0.0.1 for every port it holds", () => {
    expect(box().listen.length).toBe(2)
    for (const { host, port, socket } of box().listen) {
      expect(socket.address()).toEqual({ address: "127.0.0.1", family: "IPv4", port })
      expect(host).toBe("127.0.0.1")
    }
  })

  it("answers under no other host name: a page of the web cannot rebind its own name to it", async () => {
    const port = Number(new URL(must(must(box().plan.providers[0]).issuer)).port)
    expect(await statusFor(port, `127.0.0.1:${port}`)).not.toBe(421)
    expect(await statusFor(port, `evil.example:${port}`)).toBe(421)
    expect(await statusFor(port, `localhost:${port}`)).toBe(421)
  })

  it("says what stands in for what, and shows no secret", () => {
    const shown = box().standIns.map(({ what }) => what)
    expect(shown).toEqual([
      "https://idp.example.com",
      "AWS STS in us-east-1",
      "https://aws-mcp.us-east-1.api.aws/mcp",
      "https://auth.example.com",
      "https://mcp.example.com",
      "secret corp-idp/client-secret",
      "secret gate-keys/2026",
      "secret gate-keys/2025",
      "secret gate-hmac/current",
    ])
    for (const { what, by } of box().standIns) {
      expect(by).toMatch(what.startsWith("secret ") ? /^generated$/ : /^http:\/\/127\.0\.0\.1:\d+/)
    }
  })
})

describe("a reserved port", () => {
  it("is nobody else's until it is handed over, then serves, and is closed with the scope", async () => {
    const scope = Scope.makeUnsafe()
    const reserved = await Effect.runPromise(Scope.provide(reservePort("test"), scope))
    const taken = await new Promise<string | undefined>((done) => {
      const rival = createServer()
      rival.once("error", (error: NodeJS.ErrnoException) => done(error.code))
      rival.listen(reserved.port, "127.0.0.1", () => done(undefined))
    })
    expect(taken).toBe("EADDRINUSE")
    await Effect.runPromise(
      Scope.provide(
        serveHttp(reserved, (_, response) => response.end("here")),
        scope,
      ),
    )
    expect(await (await fetch(originOf(reserved))).text()).toBe("here")
    await Effect.runPromise(Scope.close(scope, Exit.void))
    expect(await refusesConnections(reserved.port)).toBe(true)
  })
})
