/**
 * `sign aws.sigv4`: AWS Signature Version 4 over exactly what leaves: method, path and query bytes, host, every header that
 * SigV4 signs, and the SHA-256 of the whole body.
 *
 * The request that comes out is frozen and its body cannot be written to, so what was signed is what is sent.
 *
 * @module
 */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto"
import { SignatureV4 } from "@smithy/signature-v4"
import { Clock, Effect, Redacted } from "effect"
import { PipelineBroken, RequestRefused } from "../failure.ts"
import type { AwsCredentials, OutboundRequest, SignedRequest } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Payload } from "../pipeline/payload.ts"
import type { Stage } from "../pipeline/stage.ts"
import { hasPresignedParameter } from "../proxy/request-target.ts"

export const awsSigV4: MakeStage<"aws.sigv4"> = (spec) => {
  const sign = makeSigner({ service: spec.service, region: spec.region, ...rulesOf(spec.service) })
  const stage: Stage<"AwsCredentials", "SignedRequest"> = {
    label: "sign aws.sigv4",
    consumes: "AwsCredentials",
    produces: "SignedRequest",
    run: Effect.fn("AwsSigV4.run")(function* (exchange, credential) {
      const body = yield* exchange.body(spec.maxBody)
      const now = yield* Clock.currentTimeMillis
      if (credential.expiresAt <= now) {
        return yield* new PipelineBroken({
          detail: "internal error",
          log: { reason: "the AWS credentials have expired" },
        })
      }
      const outbound = yield* sign(exchange.outbound, body, credential, new Date(now))
      const signed: SignedRequest = Object.freeze({
        _tag: "SignedRequest",
        principal: credential.principal,
        outbound,
      })
      const bytes = body?.length ?? 0
      return {
        credential: signed,
        account: {
          summary: `${spec.service} ${spec.region}, ${bytes} bytes`,
          detail: { service: spec.service, region: spec.region, bytes },
        },
      }
    }),
  }
  return Effect.succeed(stage)
}

/** How services differ in what they sign. */
export interface SigningRules {
  /**
   * `normalized`: dot segments and empty segments are removed and every segment is encoded once more. `verbatim`: S3, whose
   * keys may hold anything, signs the path as it is sent.
   */
  readonly path: "normalized" | "verbatim"
  /** S3 also wants the body's hash as the header `x-amz-content-sha256`, and signed. */
  readonly contentHashHeader: boolean
}

const s3Family = new Set(["s3", "s3-object-lambda", "s3-outposts", "s3express"])

const rulesOf = (service: string): SigningRules =>
  s3Family.has(service)
    ? { path: "verbatim", contentHashHeader: true }
    : { path: "normalized", contentHashHeader: false }

const CONTENT_HASH = "x-amz-content-sha256"

/** Signs with one service, region and set of rules. Fails with RequestRefused when the query cannot be signed. */
export const makeSigner = (options: { readonly service: string; readonly region: string } & SigningRules) =>
  Effect.fnUntraced(function* (
    unsigned: Omit<OutboundRequest, "body">,
    body: Payload | undefined,
    credentials: Pick<AwsCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken">,
    date: Date,
  ): Effect.fn.Return<OutboundRequest, RequestRefused | PipelineBroken> {
    const mark = unsigned.target.indexOf("?")
    const path = mark === -1 ? unsigned.target : unsigned.target.slice(0, mark)
    const rawQuery = mark === -1 ? "" : unsigned.target.slice(mark)
    if (hasPresignedParameter(rawQuery)) {
      return yield* new RequestRefused({ detail: "the query holds parameters of a presigned request (X-Amz-…)" })
    }
    const query = decodeQuery(rawQuery)
    if (query === undefined) return yield* new RequestRefused({ detail: "the query is not escaped UTF-8" })
    const headers = oneLineEach(unsigned.headers)
    const signer = new SignatureV4({
      service: options.service,
      region: options.region,
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: Redacted.value(credentials.secretAccessKey),
        sessionToken: Redacted.value(credentials.sessionToken),
      },
      sha256: Sha256,
      uriEscapePath: options.path === "normalized",
      applyChecksum: false,
    })
    const signed = yield* Effect.tryPromise({
      try: () =>
        signer.sign(
          {
            method: unsigned.method,
            protocol: "https:",
            hostname: headers["host"] ?? "",
            path,
            query,
            // The library takes the body's hash from this header, so the body is read once, where it is kept.
            headers: { ...headers, [CONTENT_HASH]: body?.sha256() ?? EMPTY },
          },
          { signingDate: date, unsignableHeaders: unsignable(headers, options) },
        ),
      catch: () => new PipelineBroken({ detail: "internal error", log: { reason: "signing failed" } }),
    })
    return Object.freeze({
      method: unsigned.method,
      origin: unsigned.origin,
      target: unsigned.target,
      headers: Object.freeze(
        Object.entries(signed.headers)
          .filter(([name]) => options.contentHashHeader || name !== CONTENT_HASH)
          .map((pair) => Object.freeze(pair)),
      ),
      body,
    })
  })

const EMPTY = createHash("sha256").digest("hex")

/**
 * Headers that are sent and not signed, besides those the library never signs. Text outside ASCII goes on the wire as Latin-1
 * and would be signed as UTF-8.
 */
const unsignable = (headers: Readonly<Record<string, string>>, rules: SigningRules): Set<string> => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  const names = new Set(Object.keys(headers).filter((name) => /[^\u0000-\u007f]/.test(headers[name] ?? "")))
  if (!rules.contentHashHeader) names.add(CONTENT_HASH)
  return names
}

/** One line a name, so that signer and verifier cannot join repeated ones differently. */
const oneLineEach = (pairs: OutboundRequest["headers"]): Record<string, string> => {
  const lines: Record<string, string> = Object.create(null)
  for (const [name, value] of pairs) lines[name] = name in lines ? `${lines[name]},${value.trim()}` : value.trim()
  return lines
}

/** The query's names and decoded values; a plus sign is a plus sign (RFC 3986). `undefined` when it is not escaped UTF-8. */
const decodeQuery = (raw: string): Record<string, string[]> | undefined => {
  const query: Record<string, string[]> = Object.create(null)
  try {
    for (const pair of raw.slice(1).split("&")) {
      if (pair === "") continue
      const equals = pair.indexOf("=")
      const name = decodeURIComponent(equals === -1 ? pair : pair.slice(0, equals))
      const value = equals === -1 ? "" : decodeURIComponent(pair.slice(equals + 1))
      query[name] = [...(query[name] ?? []), value]
    }
    return query
  } catch {
    return undefined
  }
}

/** SHA-256 and its HMAC in the shape the signing library wants, on OpenSSL. */
class Sha256 {
  readonly #secret: Parameters<typeof createHmac>[1] | undefined
  #state: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#state = this.#fresh()
  }

  #fresh(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret)
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#state.update(bytesOf(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#state.digest())
  }

  reset(): void {
    this.#state = this.#fresh()
  }
}

const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === "string") return Buffer.from(data, "utf8")
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
