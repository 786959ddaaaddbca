/**
 * The published SigV4 vectors, through the signing stage. A checkout without them (../shared/reference/sigv4-vectors, or
 * SIGV4_VECTORS) skips this with a message; in CI their absence is a failure.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import type { AwsCredentials, OutboundRequest } from "../../runtime/pipeline/credential.ts"
import { Payload } from "../../runtime/pipeline/payload.ts"
import type { Exchange } from "../../runtime/pipeline/stage.ts"
import type { Plan } from "../../runtime/plan.ts"
import { awsSigV4, makeSigner } from "../../runtime/stages/aws-sigv4.ts"

const folder = process.env["SIGV4_VECTORS"] ?? join(import.meta.dirname, "../../../shared/reference/sigv4-vectors")
const present = existsSync(folder)

/** Signing reads nothing of the plan but its own part. */
const plan: Plan = {
  version: 1,
  source: "vectors",
  providers: [],
  servers: [],
  flows: [
    {
      name: "vectors",
      resource: "https://mcp.example.com",
      stages: [{ kind: "forward", url: "https://example.amazonaws.com", timeout: 1 }],
    },
  ],
}

/** Vectors that no request of ours can be, with the reason. */
const excluded: Readonly<Record<string, string>> = {
  "post-sts-header-after": "adds the session token after signing; our stage signs every x-amz header that it sends",
}

interface Vector {
  readonly name: string
  readonly context: {
    readonly credentials: {
      readonly access_key_id: string
      readonly secret_access_key: string
      readonly token?: string
    }
    readonly normalize: boolean
    readonly region: string
    readonly service: string
    readonly sign_body: boolean
    readonly timestamp: string
  }
  readonly unsigned: Omit<OutboundRequest, "body">
  readonly body: Payload | undefined
  readonly authorization: string
  readonly signature: string
}

const read = (name: string): Vector => {
  const text = (file: string) => readFileSync(join(folder, name, file), "utf8").replaceAll("\r\n", "\n")
  const { head, body } = split(text("request.txt"))
  const [requestLine = "", ...lines] = head
  // The path may hold spaces: the target is what stands between the method and the version.
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine) ?? []
  return {
    name,
    context: JSON.parse(text("context.json")),
    unsigned: { method, origin: "https://example.amazonaws.com", target, headers: lines.map(headerOf) },
    body: body === "" ? undefined : new Payload(Buffer.from(body)),
    authorization: headerLine(split(text("header-signed-request.txt")).head, "authorization"),
    signature: text("header-signature.txt").trim(),
  }
}

/** Head lines, continuation lines joined by a space as RFC 9112 section 5.2 has a proxy do it. */
const split = (text: string) => {
  const end = text.indexOf("\n\n")
  const head = end === -1 ? text.trimEnd() : text.slice(0, end)
  return { head: head.replace(/\n[ \t]+/g, " ").split("\n"), body: end === -1 ? "" : text.slice(end + 2) }
}

const headerOf = (line: string): readonly [string, string] => {
  const colon = line.indexOf(":")
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1)]
}

const headerLine = (lines: readonly string[], name: string): string =>
  lines
    .map(headerOf)
    .find(([other]) => other === name)?.[1]
    .trim() ?? ""

const vectors = present
  ? readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => read(name))
  : []

const credentialsOf = ({ context }: Vector): AwsCredentials => ({
  _tag: "AwsCredentials",
  principal: {
    _tag: "Principal",
    issuer: "https://issuer.example",
    subject: "somebody",
    claims: {},
    expiresAt: Number.MAX_SAFE_INTEGER,
    token: () => Effect.die("signing reads no token"),
  },
  role: "arn:aws:iam::123456789012:role/x",
  sessionName: "x",
  accessKeyId: context.credentials.access_key_id,
  secretAccessKey: Redacted.make(context.credentials.secret_access_key),
  sessionToken: Redacted.make(context.credentials.token ?? ""),
  expiresAt: Number.MAX_SAFE_INTEGER,
})

const authorizationOf = (outbound: OutboundRequest) => outbound.headers.find(([name]) => name === "authorization")?.[1]

const usable = vectors.filter(({ name }) => !(name in excluded))

describe("SigV4 vectors", () => {
  if (!present) {
    const missing = `the vectors are not here (${folder}); set SIGV4_VECTORS to a copy of them`
    if (process.env["CI"] === "true") it("are there", () => assert.fail(missing))
    else it("are not in this checkout", (context) => context.skip(missing))
    return
  }

  it("are all here, and every exclusion is of one that exists", () => {
    assert.isAtLeast(vectors.length, 26)
    for (const name of Object.keys(excluded))
      assert.include(
        vectors.map((vector) => vector.name),
        name,
      )
  })

  // Services other than S3 sign a normalized path and no header with the body's hash: the stage as the plan makes it.
  for (const vector of usable.filter(({ context }) => context.normalize && !context.sign_body)) {
    it.effect(`${vector.name}, through the stage`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse(vector.context.timestamp))
        const { service, region } = vector.context
        const stage = yield* awsSigV4(
          { kind: "aws.sigv4", service, region, maxBody: 1 << 20 },
          {
            plan,
            path: "",
            servers: new Map(),
            secrets: { get: () => Effect.die("not asked for") },
            flow: plan.flows[0],
            env: {},
          },
        )
        if (stage.consumes !== "AwsCredentials" || stage.produces !== "SignedRequest") {
          return assert.fail(`the stage takes ${stage.consumes} to ${stage.produces}`)
        }
        const exchange: Exchange = {
          id: "x",
          incoming: new IncomingMessage(new Socket()),
          outbound: vector.unsigned,
          body: () => Effect.succeed(vector.body),
          stream: () => undefined,
        }
        const { credential } = yield* stage.run(exchange, credentialsOf(vector))
        assert.strictEqual(authorizationOf(credential.outbound), vector.authorization)
        assert.include(vector.authorization, vector.signature)
        assert.strictEqual(credential.outbound.target, vector.unsigned.target)
      }),
    )
  }

  // S3's rules, asked of another service: the same signer with the rules the stage picks by service.
  for (const vector of usable.filter(({ context }) => !context.normalize || context.sign_body)) {
    it.effect(`${vector.name}, through the stage's signer`, () =>
      Effect.gen(function* () {
        const { service, region, normalize, sign_body } = vector.context
        const sign = makeSigner({
          service,
          region,
          path: normalize ? "normalized" : "verbatim",
          contentHashHeader: sign_body,
        })
        const date = new Date(vector.context.timestamp)
        const outbound = yield* Effect.fromResult(sign(vector.unsigned, vector.body, credentialsOf(vector), date))
        assert.strictEqual(authorizationOf(outbound), vector.authorization)
      }),
    )
  }
})
