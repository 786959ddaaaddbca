/** TLS that ends in the proxy. */
import { request as httpsRequest } from "node:https"
import { connect, type TLSSocket } from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Secrets, type ServeOptions, serve } from "../../runtime/index.ts"
import type { ServerCertificate } from "../../runtime/proxy/server-certificate.ts"
import { type Authority, authority, type Certificate } from "../certificates.ts"
import { startWorld } from "./proxy-world/index.ts"

const NAMES = [{ type: "ip", value: "127.0.0.1" }] as const

const shown = ({ certificate, key }: Certificate): ServerCertificate => ({
  chain: certificate,
  key: Redacted.make(key),
})

/** The world's plan, served with TLS as well. */
const secured = Effect.fnUntraced(function* (certificate: NonNullable<ServeOptions["certificate"]>) {
  const world = yield* startWorld()
  const running = yield* serve(world.plan, {
    listen: [{ host: "127.0.0.1", port: 0 }],
    env: {},
    certificate,
  }).pipe(Effect.provide(Secrets.layerEnvironment({})))
  return { world, running, port: running.addresses[0]?.port ?? 0 }
})

const get = (port: number, path: string, ca: Authority, headers: Readonly<Record<string, string>> = {}) =>
  Effect.callback<{ readonly status: number; readonly body: string }, Error>((resume) => {
    const request = httpsRequest(
      { host: "127.0.0.1", port, path, headers, ca: ca.certificate, agent: false },
      (answer) => {
        let body = ""
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          body += chunk
        })
        answer.on("end", () => resume(Effect.succeed({ status: answer.statusCode ?? 0, body })))
      },
    )
    request.on("error", (error) => resume(Effect.fail(error)))
    request.end()
  })

const handshake = (port: number, options: Parameters<typeof connect>[1]) =>
  Effect.callback<TLSSocket, Error>((resume) => {
    const socket = connect(port, "127.0.0.1", options, () => resume(Effect.succeed(socket)))
    socket.on("error", (error) => resume(Effect.fail(error)))
    return Effect.sync(() => socket.destroy())
  })

describe("TLS", () => {
  it.live("carries a request through all stages, under the public name of the flow", () =>
    Effect.gen(function* () {
      const ca = yield* Effect.promise(() => authority())
      const own = yield* Effect.promise(() => ca.issue({ subject: "CN=mcp", names: [...NAMES] }))
      const { world, port } = yield* secured(Effect.succeed(shown(own)))
      const headers = { ...(yield* world.bearer()), host: `127.0.0.1:${world.port}` }
      assert.deepStrictEqual(yield* get(port, "/aws", ca, headers), { status: 200, body: '{"ok":true}' })
      assert.deepStrictEqual(world.badSignatures, [])
    }),
  )

  it.live("speaks nothing older than TLS 1.2, and no plain HTTP", () =>
    Effect.gen(function* () {
      const ca = yield* Effect.promise(() => authority())
      const own = yield* Effect.promise(() => ca.issue({ subject: "CN=mcp", names: [...NAMES] }))
      const { port } = yield* secured(Effect.succeed(shown(own)))
      const old = yield* Effect.flip(
        handshake(port, { ca: ca.certificate, maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" }),
      )
      assert.match(old.message, /protocol|version|alert/i)
      const plain = yield* Effect.exit(
        Effect.tryPromise(() => fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5000) })),
      )
      assert.strictEqual(plain._tag, "Failure")
    }),
  )

  it.live("shows a renewed certificate after a reload, and goes on with the old one when the new one is bad", () =>
    Effect.gen(function* () {
      const ca = yield* Effect.promise(() => authority())
      const first = yield* Effect.promise(() => ca.issue({ subject: "CN=first", names: [...NAMES] }))
      const second = yield* Effect.promise(() => ca.issue({ subject: "CN=second", names: [...NAMES] }))
      let current = shown(first)
      const { world, running, port } = yield* secured(Effect.sync(() => current))
      const name = Effect.map(handshake(port, { ca: ca.certificate }), (socket) => {
        const { subject } = socket.getPeerCertificate()
        socket.destroy()
        return subject.CN
      })
      assert.strictEqual(yield* name, "first")
      current = { ...shown(second), key: Redacted.make(first.key) }
      const failure = yield* Effect.flip(running.reload(world.plan))
      assert.include(failure.message, "the key does not belong to the certificate")
      assert.strictEqual(yield* name, "first")
      current = shown(second)
      yield* running.reload(world.plan)
      assert.strictEqual(yield* name, "second")
    }),
  )

  it.live("with a certificate that is none, that has expired or that is not the key's does not start", () =>
    Effect.gen(function* () {
      const ca = yield* Effect.promise(() => authority())
      const good = yield* Effect.promise(() => ca.issue({ subject: "CN=mcp" }))
      const other = yield* Effect.promise(() => ca.issue({ subject: "CN=other" }))
      const old = yield* Effect.promise(() => ca.issue({ subject: "CN=old", lasts: -1000 }))
      for (const [certificate, reason] of [
        [{ ...shown(good), chain: "nonsense" }, "not one in PEM"],
        [{ ...shown(good), key: Redacted.make("nonsense") }, "not an unencrypted private key"],
        [{ ...shown(good), key: Redacted.make(other.key) }, "does not belong"],
        [shown(old), "expired"],
        [{ ...shown(good), clientAuthorities: "nonsense" }, "clients' authority"],
      ] as const) {
        const failure = yield* Effect.flip(secured(Effect.succeed(certificate)))
        assert.strictEqual(failure._tag, "CertificateUnusable")
        assert.include(failure.message, reason)
        assert.notInclude(failure.message, "PRIVATE KEY")
      }
    }),
  )
})
