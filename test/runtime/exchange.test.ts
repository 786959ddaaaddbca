/** Exchanges at token endpoints: what goes over the wire, what is kept, and every way in which it fails. */
import { generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeJwt, decodeProtectedHeader } from "jose"
import type { Stage } from "../../runtime/plan.ts"
import { ExchangeTimeouts } from "../../runtime/token-endpoint/token-endpoint.ts"
import { call, problem } from "./proxy-world/call.ts"
import { startWorld, type World } from "./proxy-world/index.ts"
import { startTokenEndpoint, type TokenAnswer } from "./proxy-world/token-endpoint.ts"

const secret = { name: "exchange", key: "secret" }
const client = { id: "gate way", authentication: "client_secret_basic", secret } as const
const secrets = { AUTHFLOW_SECRET_EXCHANGE_SECRET: "s:e/c" }
const callers = { issuer: "corp", kind: "access_token" } as const
const TYPE = "urn:ietf:params:oauth:token-type:"

const exchange = (endpoint: string, more: Partial<Extract<Stage, { kind: "token_exchange" }>> = {}): Stage => ({
  kind: "token_exchange",
  subject: callers,
  subjectType: "access_token",
  endpoint,
  client,
  audience: "https://orders.example",
  scopes: ["orders:read", "orders:write"],
  header: "Authorization",
  ...more,
})

const start = (middle: readonly Stage[], more: Readonly<Record<string, string>> = {}, attempt = 10_000) =>
  startWorld({ middle, secrets: { ...secrets, ...more } }).pipe(
    Effect.provideService(ExchangeTimeouts, { attempt, total: 30_000 }),
  )

const ask = (world: World, claims?: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    return yield* call(world.origin, { path: "/aws", headers: yield* world.bearer(claims) })
  })

const sent = ({ seen }: World): string | undefined => {
  const { rawHeaders = [] } = seen.at(-1) ?? {}
  return rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === "authorization") + 1]
}

describe("what goes over the wire", () => {
  it.live("RFC 8693, with all that it can say", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const actor = { token: callers, type: "jwt" } as const
      const more = { actor, resource: "https://orders.example/mcp", requestedType: "jwt" } as const
      at.behave(() => ({ _tag: "Token", body: { issued_token_type: `${TYPE}jwt` } }))
      const world = yield* start([exchange(at.endpoint, more)])
      const headers = yield* world.bearer()
      assert.strictEqual((yield* call(world.origin, { path: "/aws", headers })).status, 200)
      const token = headers.authorization.replace("Bearer ", "")
      assert.deepStrictEqual(Object.fromEntries(at.calls[0]?.form ?? []), {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token: token,
        subject_token_type: `${TYPE}access_token`,
        actor_token: token,
        actor_token_type: `${TYPE}jwt`,
        audience: "https://orders.example",
        resource: "https://orders.example/mcp",
        scope: "orders:read orders:write",
        requested_token_type: `${TYPE}jwt`,
      })
      // Form-encoded before they are joined (RFC 6749 section 2.3.1).
      const basic = Buffer.from(at.calls[0]?.authorization?.replace("Basic ", "") ?? "", "base64").toString()
      assert.strictEqual(basic, "gate+way:s%3Ae%2Fc")
      assert.strictEqual(sent(world), "Bearer made-1")
      assert.notInclude(JSON.stringify(world.journal), "made-1")
    }),
  )

  it.live("RFC 7523, on behalf of, and client credentials, with the secret as a parameter", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const post = { ...client, authentication: "client_secret_post" } as const
      const shared = { endpoint: at.endpoint, client: post, scopes: ["a"] } as const
      const forms: Array<Readonly<Record<string, string>>> = []
      for (const stage of [
        { kind: "jwt_bearer", subject: callers, ...shared },
        { kind: "obo", subject: callers, ...shared },
        { kind: "client_credentials", audience: "https://orders.example", ...shared },
      ] satisfies readonly Stage[]) {
        const world = yield* start([stage])
        assert.strictEqual((yield* ask(world)).status, 200)
        const { assertion, ...form } = Object.fromEntries(at.calls.at(-1)?.form ?? [])
        forms.push({ ...form, ...(assertion === undefined ? {} : { assertion: String(decodeJwt(assertion).sub) }) })
      }
      const us = { client_id: "gate way", client_secret: "s:e/c", scope: "a" }
      const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
      assert.deepStrictEqual(forms, [
        { grant_type: grant, assertion: "ada", ...us },
        { grant_type: grant, assertion: "ada", requested_token_use: "on_behalf_of", ...us },
        { grant_type: "client_credentials", audience: "https://orders.example", ...us },
      ])
    }),
  )

  it.live("a client that signs who it is", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
      const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
      const world = yield* start(
        [exchange(at.endpoint, { client: { ...client, authentication: "private_key_jwt" } })],
        { AUTHFLOW_SECRET_EXCHANGE_SECRET: pem },
      )
      assert.strictEqual((yield* ask(world)).status, 200)
      const assertion = at.calls[0]?.form.get("client_assertion") ?? ""
      assert.strictEqual(decodeProtectedHeader(assertion).alg, "ES256")
      const { iss, sub, aud } = decodeJwt(assertion)
      assert.deepStrictEqual([iss, sub, aud], ["gate way", "gate way", at.endpoint])
      assert.isNull(at.calls[0]?.form.get("client_secret") ?? null)
    }),
  )

  it.live("ID-JAG: two hops, the second with what the first gave", () =>
    Effect.gen(function* () {
      const idp = yield* startTokenEndpoint
      const target = yield* startTokenEndpoint
      const jag = { issued_token_type: `${TYPE}id-jag`, token_type: "N_A", access_token: "the-assertion" }
      idp.behave(() => ({ _tag: "Token", body: jag }))
      const ends = { idp: { endpoint: idp.endpoint, client }, target: { endpoint: target.endpoint, client } }
      const world = yield* start([
        { kind: "xaa", subject: callers, ...ends, audience: "https://as.example", scopes: ["a"] },
      ])
      assert.strictEqual((yield* ask(world)).status, 200)
      assert.strictEqual(idp.calls[0]?.form.get("requested_token_type"), `${TYPE}id-jag`)
      assert.strictEqual(target.calls[0]?.form.get("assertion"), "the-assertion")
      // What is no assertion is not passed on as one.
      idp.behave(() => ({ _tag: "Token" }))
      const reply = yield* ask(world, { sub: "bob" })
      assert.deepStrictEqual([reply.status, problem(reply).code], [502, "exchange-answer-invalid"])
      assert.strictEqual(target.calls.length, 1)
    }),
  )
})

describe("what is kept", () => {
  it.live("a token for each caller, one request for all of a caller's that come at once", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const world = yield* start([exchange(at.endpoint)])
      const [ada, bob] = [yield* world.bearer(), yield* world.bearer({ sub: "bob" })]
      const many = (headers: { authorization: string }) =>
        Effect.all(
          Array.from({ length: 20 }, () => call(world.origin, { path: "/aws", headers })),
          { concurrency: "unbounded" },
        )
      yield* many(ada)
      yield* many(bob)
      assert.strictEqual(at.calls.length, 2)
      assert.strictEqual(sent(world), "Bearer made-2")
    }),
  )

  it.live("our own token, the same for every caller", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const world = yield* start([{ kind: "client_credentials", endpoint: at.endpoint, client, scopes: [] }])
      yield* ask(world)
      yield* ask(world, { sub: "bob" })
      assert.strictEqual(at.calls.length, 1)
    }),
  )

  it.live("nothing past the end of a token, and a token that says nothing of its end not for long", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      at.behave(() => ({ _tag: "Token", body: { expires_in: 0 } }))
      const world = yield* start([exchange(at.endpoint)])
      const reply = yield* ask(world)
      assert.deepStrictEqual([reply.status, problem(reply).code], [503, "exchange-unavailable"])
      at.behave(() => ({ _tag: "Token", body: { expires_in: undefined } }))
      assert.strictEqual((yield* ask(world)).status, 200)
      const until = Date.parse(String(world.journal.findLast(({ detail }) => "expires" in detail)?.detail["expires"]))
      assert.isBelow(until - Date.now(), 61_000)
    }),
  )

  it.live("nothing past the end of the token that it was made of", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      const world = yield* start([exchange(at.endpoint)])
      const token = yield* world.issuer.token({ sub: "ada", email: "ada@example.com" }, world.resource, 100)
      yield* call(world.origin, { path: "/aws", headers: { authorization: `Bearer ${token}` } })
      const until = Date.parse(String(world.journal.findLast(({ detail }) => "expires" in detail)?.detail["expires"]))
      assert.isAtMost(until, (decodeJwt(token).exp ?? 0) * 1000)
    }),
  )
})

describe("a chain", () => {
  const chain = (first: string, second: string) => [
    exchange(first, { audience: "https://second.example" }),
    exchange(second, { subject: "exchanged", audience: "https://orders.example" }),
  ]

  it.live("exchanges what the stage before made", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* startTokenEndpoint, yield* startTokenEndpoint]
      first.behave(() => ({ _tag: "Token", body: { access_token: "in-between" } }))
      const world = yield* start(chain(first.endpoint, second.endpoint))
      assert.strictEqual((yield* ask(world)).status, 200)
      assert.strictEqual(second.calls[0]?.form.get("subject_token"), "in-between")
      assert.strictEqual(sent(world), "Bearer made-1")
    }),
  )

  it.live("that breaks in the middle sends nobody to log in, and the token in between is not used again", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* startTokenEndpoint, yield* startTokenEndpoint]
      const world = yield* start(chain(first.endpoint, second.endpoint))
      const headers = yield* world.bearer()
      second.behave(() => ({ _tag: "Error", status: 400, body: { error: "invalid_grant" } }))
      const reply = yield* call(world.origin, { path: "/aws", headers })
      assert.deepStrictEqual([reply.status, problem(reply).code], [502, "exchange-misconfigured"])
      second.behave(() => ({ _tag: "Token" }))
      assert.strictEqual((yield* call(world.origin, { path: "/aws", headers })).status, 200)
      assert.strictEqual(first.calls.length, 2)
    }),
  )

  it.live("does not start without a stage that makes a token", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(start([exchange("https://as.example", { subject: "exchanged" })]))
      assert.include(failure.message, "consumes Token and is given Principal")
    }),
  )
})

describe("a failure", () => {
  const oauth = (status: number, error: string, more = {}): TokenAnswer => ({
    _tag: "Error",
    status,
    body: { error, error_description: "told by the endpoint", ...more },
  })
  const html = (status: number, headers = {}): TokenAnswer => ({ _tag: "Raw", status, body: "<html>busy", headers })
  const rows: ReadonlyArray<readonly [TokenAnswer, status: number, code: string, attempts: number, after?: string]> = [
    [oauth(400, "invalid_grant"), 401, "exchange-token-rejected", 1],
    [oauth(400, "invalid_token"), 401, "exchange-token-rejected", 1],
    [oauth(400, "invalid_grant", { error_codes: [65001] }), 403, "exchange-consent-required", 1],
    [oauth(400, "invalid_grant", { error_codes: [500131] }), 502, "exchange-misconfigured", 1],
    [oauth(400, "interaction_required"), 403, "exchange-consent-required", 1],
    [oauth(403, "access_denied"), 403, "exchange-denied", 1],
    [oauth(401, "invalid_client"), 502, "exchange-client-refused", 1],
    [oauth(400, "unauthorized_client"), 502, "exchange-client-refused", 1],
    [html(401, { "www-authenticate": "Basic" }), 502, "exchange-client-refused", 1],
    [oauth(400, "invalid_request"), 502, "exchange-misconfigured", 1],
    [oauth(400, "invalid_target"), 502, "exchange-misconfigured", 1],
    [oauth(400, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."), 502, "exchange-misconfigured", 1],
    [html(429, { "retry-after": "17" }), 503, "exchange-throttled", 1, "17"],
    [html(429), 503, "exchange-throttled", 1, "5"],
    [html(503, { "retry-after": "7" }), 503, "exchange-unavailable", 3, "7"],
    [oauth(500, "server_error"), 503, "exchange-unavailable", 3, "5"],
    [{ _tag: "Reset" }, 503, "exchange-unavailable", 3, "5"],
    [{ _tag: "Silence" }, 503, "exchange-unavailable", 3, "5"],
    [html(200), 502, "exchange-answer-invalid", 1],
    [html(302, { location: "https://elsewhere.example" }), 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { token_type: "mac" } }, 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { expires_in: -1 } }, 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { issued_token_type: undefined } }, 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { issued_token_type: `${TYPE}refresh_token` } }, 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { access_token: "two\r\nlines" } }, 502, "exchange-answer-invalid", 1],
    [{ _tag: "Token", body: { padding: "x".repeat(300_000) } }, 502, "exchange-answer-invalid", 1],
  ]

  it.live("is told as what it is, asked again where that may help, and leaks nothing (26 ways)", () =>
    Effect.gen(function* () {
      for (const [answer, status, code, attempts, after] of rows) {
        const at = yield* startTokenEndpoint
        at.behave(() => answer)
        const world = yield* start([exchange(at.endpoint)], {}, answer._tag === "Silence" ? 200 : 10_000)
        const headers = yield* world.bearer()
        const reply = yield* call(world.origin, { path: "/aws", headers })
        const what = JSON.stringify(answer).slice(0, 200)
        assert.deepStrictEqual([reply.status, problem(reply).code], [status, code], what)
        // An outage or a misconfiguration must not send a person to log in; a refused login must.
        assert.strictEqual(reply.headers["www-authenticate"] !== undefined, status === 401, what)
        assert.strictEqual(reply.headers["retry-after"], after, what)
        assert.strictEqual(at.calls.length, attempts, what)
        assert.strictEqual(world.seen.length, 0, what)
        const told = reply.body + JSON.stringify(world.journal)
        for (const never of ["told by", "eyJ", "s:e/c", "made-"]) assert.notInclude(told, never, what)
        // A refusal is remembered for a moment, an outage is not.
        yield* call(world.origin, { path: "/aws", headers })
        assert.strictEqual(at.calls.length, code === "exchange-unavailable" ? 2 * attempts : attempts, what)
      }
    }).pipe(Effect.scoped),
  )

  it.live("that passes is not seen by the caller", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      at.behave(() => (at.calls.length === 1 ? html(503) : { _tag: "Token" }))
      const world = yield* start([exchange(at.endpoint)])
      assert.strictEqual((yield* ask(world)).status, 200)
      assert.strictEqual(at.calls.length, 2)
    }),
  )

  it.live("of everybody is not asked about three times by everybody", () =>
    Effect.gen(function* () {
      const at = yield* startTokenEndpoint
      at.behave(() => html(503))
      const world = yield* start([exchange(at.endpoint)])
      const many = Array.from({ length: 40 }, (_, each) => ask(world, { sub: `caller-${each}` }))
      yield* Effect.all(many, { concurrency: 8 })
      // 40 first attempts, and the 20 retries that there are.
      assert.strictEqual(at.calls.length, 60)
    }),
  )
})
