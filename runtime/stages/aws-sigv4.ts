/**
 * `sign aws.sigv4`: AWS Signature Version 4 over exactly what leaves: method, path and query bytes, host, every header that
 * SigV4 signs, and the SHA-256 of the whole body unless the plan leaves the body out.
 *
 * The request that comes out is frozen and its body cannot be written to, so what was signed is what is sent.
 *
 * @module
 */
import { Effect, Redacted, Result } from "effect"
import { type Failure, PipelineBroken, RequestRefused } from "../failure.ts"
import type { AwsCredentials, OutboundRequest, SignedRequest } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import { Payload } from "../pipeline/payload.ts"
import type { Account, Stage } from "../pipeline/stage.ts"
import { hasPresignedParameter } from "../proxy/request-target.ts"
import { EMPTY_HASH, rulesOf, type SigningRules, sigv4, UNSIGNED_PAYLOAD } from "../signing/sigv4.ts"

export const awsSigV4: MakeStage<"aws.sigv4"> = (spec) => {
  const unsigned = spec.payload === "unsigned"
  const rules = rulesOf(spec.service)
  const sign = makeSigner({
    service: spec.service,
    region: spec.region,
    path: rules.path,
    // Who verifies has to be told that the body is left out.
    contentHashHeader: rules.contentHashHeader || unsigned,
    unsignedPayload: unsigned,
  })
  const stage: Stage<"AwsCredentials", "SignedRequest"> = {
    label: "sign aws.sigv4",
    consumes: "AwsCredentials",
    produces: "SignedRequest",
    run: (exchange, credential) =>
      // A body that is not signed is not read here: it passes when the request is sent.
      Effect.flatMap(unsigned ? Effect.undefined : exchange.body(spec.maxBody), (body) =>
        Effect.clockWith((clock): Effect.Effect<Signed, Failure> => {
          const now = clock.currentTimeMillisUnsafe()
          if (credential.expiresAt <= now) return Effect.fail(EXPIRED())
          const signed = sign(exchange.outbound, body, credential, new Date(now))
          return Result.isFailure(signed)
            ? Effect.fail(signed.failure)
            : Effect.succeed(told(credential, signed.success))
        }),
      ),
  }
  const told = (credential: AwsCredentials, outbound: OutboundRequest): Signed => {
    const bytes = outbound.body instanceof Payload ? outbound.body.length : 0
    return {
      credential: Object.freeze({ _tag: "SignedRequest", principal: credential.principal, outbound }),
      account: {
        summary: `${spec.service} ${spec.region}, ${unsigned ? "body not signed" : `${bytes} bytes`}`,
        detail: { service: spec.service, region: spec.region, ...(unsigned ? { payload: "unsigned" } : { bytes }) },
      },
    }
  }
  return Effect.succeed(stage)
}

interface Signed {
  readonly credential: SignedRequest
  readonly account: Account
}

const EXPIRED = () =>
  new PipelineBroken({ detail: "internal error", log: { reason: "the AWS credentials have expired" } })

/** Signs with one service, region and set of rules. Fails with RequestRefused when the query cannot be signed. */
export const makeSigner = (
  options: {
    readonly service: string
    readonly region: string
    readonly unsignedPayload?: boolean
  } & SigningRules,
) => {
  const sign = sigv4(options)
  return (
    unsigned: Omit<OutboundRequest, "body">,
    body: Payload | undefined,
    credentials: Pick<AwsCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken">,
    date: Date,
  ): Result.Result<OutboundRequest, RequestRefused> => {
    const mark = unsigned.target.indexOf("?")
    if (mark !== -1 && hasPresignedParameter(unsigned.target.slice(mark))) return refuse(PRESIGNED)
    const secrets = {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: Redacted.value(credentials.secretAccessKey),
      sessionToken: Redacted.value(credentials.sessionToken),
    }
    const payloadHash = options.unsignedPayload === true ? UNSIGNED_PAYLOAD : (body?.sha256() ?? EMPTY_HASH)
    const signed = sign(unsigned, payloadHash, secrets, date)
    if (signed === undefined) return refuse("the query is not escaped UTF-8")
    return Result.succeed(
      Object.freeze({
        method: unsigned.method,
        origin: unsigned.origin,
        target: unsigned.target,
        headers: Object.freeze(signed.headers.map((pair) => Object.freeze(pair))),
        body: options.unsignedPayload === true ? "as it comes" : body,
      }),
    )
  }
}

const PRESIGNED = "the query holds parameters of a presigned request (X-Amz-…)"

const refuse = (detail: string) => Result.fail(new RequestRefused({ detail }))
