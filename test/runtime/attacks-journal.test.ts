/** Log injection: what a caller says of itself reaches whoever reads the log, a terminal or a collector of lines. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { stageLines } from "../../cli/run/stage-lines.ts"
import { serve } from "../../runtime/index.ts"
import { type Entry, Journal } from "../../runtime/journal.ts"
import type { Plan } from "../../runtime/plan.ts"
import { reservePort } from "../../runtime/sandbox/loopback.ts"
import { Secrets } from "../../runtime/secrets.ts"
import { type Issuer, startIssuer } from "./identification.ts"
import { close } from "./identity-provider.ts"

const FORGED =
  "ada\n2026-01-01T00:00:00Z orders identify corp ok admin\r\n\u001b[2J\u001b]0;owned\u0007\u202eevil\u2028next"
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

describe("log injection", () => {
  let issuer: Issuer
  beforeAll(async () => {
    issuer = await startIssuer()
  })
  afterAll(() => issuer.close())

  const plan = (upstream: string, resource: string): Plan => ({
    version: 1,
    source: "test.authflow",
    providers: [
      {
        name: "corp",
        kind: "oidc",
        issuer: issuer.issuer,
        accessToken: { format: "jwt" },
        algorithms: ["RS256"],
        claims: { idToken: [], accessToken: [], userinfo: [] },
      },
    ],
    servers: [],
    flows: [
      {
        name: "orders",
        resource,
        stages: [
          { kind: "identify.oidc", provider: "corp", scopes: [], audience: "orders" },
          { kind: "inject.none" },
          { kind: "forward", url: upstream, timeout: 5 },
        ],
      },
    ],
  })

  /** What is in the journal after these requests. */
  const journalOf = (requests: (url: string) => Promise<unknown>): Promise<readonly Entry[]> => {
    const entries: Entry[] = []
    return Effect.gen(function* () {
      const upstream = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const server = createServer((_request, response) => response.end("ok"))
          await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
          return server
        }),
        (server) => Effect.promise(() => close(server)),
      )
      const { port } = upstream.address() as AddressInfo
      const reserved = yield* reservePort("proxy")
      const resource = `http://127.0.0.1:${reserved.port}/orders`
      yield* serve(plan(`http://127.0.0.1:${port}/`, resource), { listen: [reserved], drainSeconds: 1, env: {} })
      yield* Effect.promise(() => requests(resource))
      return entries
    }).pipe(
      Effect.provideService(Journal, { write: (entry) => entries.push(entry) }),
      Effect.provideService(Secrets, { get: () => Effect.succeed(Redacted.make("unused")) }),
      Effect.scoped,
      Effect.runPromise,
    )
  }

  const call = (url: string, headers: Record<string, string>) =>
    fetch(url, { headers }).then((response) => response.text())

  it("claims with line breaks, escapes and changes of direction make one plain line each", async () => {
    const token = await issuer.sign({ aud: "orders", sub: FORGED, email: FORGED, name: "x".repeat(10_000) })
    const entries = await journalOf((url) => call(url, { authorization: `Bearer ${token}` }))
    expect(entries.map(({ stage, outcome }) => `${stage} ${outcome}`)).toContain("identify corp ok")
    for (const { summary, detail } of entries) {
      for (const said of [summary, ...Object.values(detail).map(String)]) {
        expect(said).not.toMatch(DANGEROUS)
        expect(said.length).toBeLessThanOrEqual(300)
      }
    }
  })

  it("text for a terminal has one line an entry and no escape of the caller's; JSON has one line an entry", async () => {
    const token = await issuer.sign({ aud: "orders", sub: FORGED, email: FORGED })
    const entries = await journalOf(async (url) => {
      await call(url, { authorization: `Bearer ${token}`, "x-amz-\u00e9": "a" }).catch(() => undefined)
      await call(`${url}/%0a%1b[2J?${"a".repeat(3000)}`, { authorization: `Bearer ${token}` })
    })
    for (const format of ["text", "json"] as const) {
      const write = stageLines(format, false)
      for (const entry of entries) {
        const line = write({ ...entry, summary: format === "text" ? FORGED : entry.summary })
        expect(line.match(/\n/g)).toHaveLength(1)
        expect(line.slice(0, -1)).not.toMatch(DANGEROUS)
      }
    }
  })
})
