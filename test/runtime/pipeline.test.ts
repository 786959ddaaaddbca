/** The pipeline by itself: stages that break their word, and requests that cannot be changed. */
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { Readable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { RoleDenied } from "../../runtime/failure.ts"
import { Journal } from "../../runtime/index.ts"
import type { Entry } from "../../runtime/journal.ts"
import type { AwsCredentials, Principal, SignedRequest } from "../../runtime/pipeline/credential.ts"
import type { AnySender, AnyStage } from "../../runtime/pipeline/environment.ts"
import { Payload } from "../../runtime/pipeline/payload.ts"
import { compilePipeline, type StageMakers } from "../../runtime/pipeline/pipeline.ts"
import type { Exchange } from "../../runtime/pipeline/stage.ts"
import type { Flow, Plan, SecretRef } from "../../runtime/plan.ts"
import { SecretMissing } from "../../runtime/secrets.ts"
import { makeSigner } from "../../runtime/stages/aws-sigv4.ts"

const flow: Flow = {
  name: "f",
  resource: "https://mcp.example.com",
  stages: [
    { kind: "identify.oidc", provider: "corp", scopes: [], audience: "a" },
    {
      kind: "aws.sts",
      subject: { issuer: "corp", kind: "access_token" },
      region: "us-east-1",
      role: { rules: [], otherwise: { role: "r" } },
      session: { nameClaim: "sub", onInvalid: "reject", duration: 900 },
    },
    { kind: "aws.sigv4", service: "s", region: "us-east-1", maxBody: 1 },
    { kind: "forward", url: "https://upstream.example", timeout: 1 },
  ],
}
const secrets = { get: (ref: SecretRef) => Effect.fail(new SecretMissing({ ref, looked: [] })) }
const plan: Plan = { version: 1, source: "test", providers: [], servers: [], flows: [flow] }
const environment = { plan, path: "flows[0]", servers: new Map(), secrets, env: {} }

const principal: Principal = {
  _tag: "Principal",
  issuer: "https://idp.example",
  subject: "ada",
  claims: {},
  expiresAt: 0,
  token: () => Effect.die("not asked for"),
}
const credentials: AwsCredentials = {
  _tag: "AwsCredentials",
  principal,
  role: "r",
  sessionName: "ada",
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: Redacted.make("secret"),
  sessionToken: Redacted.make("session"),
  expiresAt: Number.MAX_SAFE_INTEGER,
}
const exchange: Exchange = {
  id: "request-1",
  incoming: new IncomingMessage(new Socket()),
  outbound: { method: "GET", origin: "https://upstream.example", target: "/", headers: [["host", "upstream.example"]] },
  body: () => Effect.succeed(undefined),
  stream: () => undefined,
}
const account = { summary: "done", detail: {} }
const signed: SignedRequest = {
  _tag: "SignedRequest",
  principal,
  outbound: { ...exchange.outbound, body: undefined },
}

/** Stages that do as they say, with some of them replaced. */
const makers = (sent: string[], replaced: Readonly<Record<string, AnyStage | AnySender>> = {}): StageMakers => {
  const sender: AnySender = {
    label: "forward",
    consumes: ["SignedRequest"],
    produces: "Answer",
    run: () => {
      sent.push("sent")
      return Effect.succeed({ answer: { status: 200, headers: [], body: Readable.from([]) }, account })
    },
  }
  const identify: AnyStage = {
    label: "identify corp",
    consumes: "Caller",
    produces: "Principal",
    run: () => Effect.succeed({ credential: principal, account }),
  }
  const sts: AnyStage = {
    label: "exchange aws.sts",
    consumes: "Principal",
    produces: "AwsCredentials",
    run: () => Effect.succeed({ credential: credentials, account }),
  }
  const sign: AnyStage = {
    label: "sign aws.sigv4",
    consumes: "AwsCredentials",
    produces: "SignedRequest",
    run: () => Effect.succeed({ credential: signed, account }),
  }
  const pick = (kind: string, usual: AnyStage | AnySender) => () => Effect.succeed(replaced[kind] ?? usual)
  return {
    "identify.auth_server": pick("identify.auth_server", identify),
    "identify.oidc": pick("identify.oidc", identify),
    "identify.any_of": pick("identify.any_of", identify),
    "identify.service_accounts": pick("identify.service_accounts", identify),
    "identify.api_keys": pick("identify.api_keys", identify),
    "identify.client_certificates": pick("identify.client_certificates", identify),
    "identify.anonymous": pick("identify.anonymous", identify),
    "aws.sts": pick("aws.sts", sts),
    "aws.sigv4": pick("aws.sigv4", sign),
    token_exchange: pick("token_exchange", sign),
    obo: pick("obo", sign),
    xaa: pick("xaa", sign),
    jwt_bearer: pick("jwt_bearer", sign),
    client_credentials: pick("client_credentials", sign),
    "inject.bearer": pick("inject.bearer", sign),
    "inject.header": pick("inject.header", sign),
    "inject.token": pick("inject.token", sign),
    "inject.none": pick("inject.none", sign),
    forward: pick("forward", sender),
  }
}

const runWith = (replaced: Readonly<Record<string, AnyStage | AnySender>>) =>
  Effect.gen(function* () {
    const sent: string[] = []
    const journal: Entry[] = []
    const pipeline = yield* compilePipeline(flow, makers(sent, replaced), environment)
    const result = yield* Effect.result(pipeline.run(exchange)).pipe(
      Effect.provideService(Journal, { write: (entry) => journal.push(entry) }),
    )
    return { sent, journal, failure: result._tag === "Failure" ? result.failure : undefined }
  })

describe("a pipeline", () => {
  it.effect("runs its stages in order and journals each", () =>
    Effect.gen(function* () {
      const { sent, journal, failure } = yield* runWith({})
      assert.isUndefined(failure)
      assert.deepStrictEqual(sent, ["sent"])
      assert.deepStrictEqual(
        journal.map(({ stage, outcome, summary, request }) => [stage, outcome, summary, request]),
        ["identify corp", "exchange aws.sts", "sign aws.sigv4", "forward"].map((stage) => [
          stage,
          "ok",
          "done",
          "request-1",
        ]),
      )
    }),
  )

  it.effect("never sends when a stage produces another credential than it declares", () =>
    Effect.gen(function* () {
      // Only a cast gets such a stage past the types.
      const liar = {
        label: "exchange aws.sts",
        consumes: "Principal",
        produces: "AwsCredentials",
        run: () => Effect.succeed({ credential: principal, account }),
      } as unknown as AnyStage
      const { sent, journal, failure } = yield* runWith({ "aws.sts": liar })
      assert.strictEqual(failure?._tag, "PipelineBroken")
      assert.deepStrictEqual(sent, [])
      assert.strictEqual(journal.at(-1)?.outcome, "failed")
    }),
  )

  it.effect("never sends when a stage fails or dies, and tells the caller nothing of a defect", () =>
    Effect.gen(function* () {
      const stage = (
        run: Extract<AnyStage, { consumes: "Principal"; produces: "AwsCredentials" }>["run"],
      ): AnyStage => ({
        label: "exchange aws.sts",
        consumes: "Principal",
        produces: "AwsCredentials",
        run,
      })
      const refused = yield* runWith({ "aws.sts": stage(() => Effect.fail(new RoleDenied({ detail: "no" }))) })
      assert.strictEqual(refused.failure?._tag, "RoleDenied")
      assert.deepStrictEqual(refused.sent, [])
      const last = refused.journal.at(-1)
      assert.deepStrictEqual([last?.stage, last?.outcome, last?.summary], ["exchange aws.sts", "refused", "403 no"])
      for (const run of [
        () => Effect.die(new Error("token eyJ...")),
        () => {
          throw new Error("token eyJ...")
        },
      ]) {
        const died = yield* runWith({ "aws.sts": stage(run) })
        assert.strictEqual(died.failure?._tag, "PipelineBroken")
        assert.deepStrictEqual(died.sent, [])
        assert.notInclude(JSON.stringify([died.journal, died.failure]), "eyJ")
      }
    }),
  )
})

describe("a signed request", () => {
  it.effect("cannot be changed between signing and sending", () =>
    Effect.gen(function* () {
      const bytes = Buffer.from("what was signed")
      const body = new Payload(bytes)
      const sign = makeSigner({ service: "s", region: "us-east-1", path: "normalized", contentHashHeader: false })
      const outbound = yield* Effect.fromResult(
        sign({ ...exchange.outbound, method: "POST" }, body, credentials, new Date(0)),
      )
      const before = JSON.stringify(outbound)
      // Neither the buffer it was made from nor what it hands out is the body.
      bytes.fill(0)
      assert.instanceOf(outbound.body, Payload)
      const held = outbound.body as Payload
      held.bytes().fill(0)
      assert.strictEqual(Buffer.from(held.bytes()).toString(), "what was signed")
      const change = (how: (request: { method: string; target: string; body: unknown }) => void) =>
        // Only a cast gets a change past the types, and then the runtime refuses it.
        assert.throws(() => how(outbound as unknown as { method: string; target: string; body: unknown }), TypeError)
      change((request) => {
        request.method = "DELETE"
      })
      change((request) => {
        request.target = "/other"
      })
      change((request) => {
        request.body = new Payload(Buffer.from("another"))
      })
      const headers = outbound.headers as unknown as Array<[string, string]>
      assert.throws(() => headers.push(["x-added", "1"]), TypeError)
      assert.throws(() => {
        const [first] = headers
        if (first !== undefined) first[1] = "elsewhere.example"
      }, TypeError)
      assert.throws(() => Object.assign(body, { length: 0 }), TypeError)
      assert.strictEqual(JSON.stringify(outbound), before)
    }),
  )
})
