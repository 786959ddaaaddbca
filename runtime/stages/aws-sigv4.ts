/**
 * `sign aws.sigv4`: AWS Signature Version 4 over exactly what leaves: method, path and query bytes, host, every header that
 * SigV4 signs, and the SHA-256 of the whole body.
 *
 * The request that comes out is frozen and its body cannot be written to, so what was signed is what is sent.
 *
 * @module
 */
import { Effect, Redacted, Result } from "effect"
import { type Failure, PipelineBroken, RequestRefused } from "../failure.ts"
import type { AwsCredentials, OutboundRequest, SignedRequest } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Payload } from "../pipeline/payload.ts"
import type { Account, Stage } from "../pipeline/stage.ts"
import { hasPresignedParameter } from "../proxy/request-target.ts"
import { EMPTY_HASH, rulesOf, type SigningRules, sigv4 } from "../signing/sigv4.ts"

export const awsSigV4: MakeStage<"aws.sigv4"> = (spec) => {
  const sign = makeSigner({ service: spec.service, region: spec.region, ...rulesOf(spec.service) })
  const stage: Stage<"AwsCredentials", "SignedRequest"> = {
    label: "sign aws.sigv4",
    consumes: "AwsCredentials",
    produces: "SignedRequest",
    run: (exchange, credential) =>
      Effect.flatMap(exchange.body(spec.maxBody), (body) =>
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
    const bytes = outbound.body?.length ?? 0
    return {
      credential: Object.freeze({ _tag: "SignedRequest", principal: credential.principal, outbound }),
      account: {
        summary: `${spec.service} ${spec.region}, ${bytes} bytes`,
        detail: { service: spec.service, region: spec.region, bytes },
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
export const makeSigner = (options: { readonly service: string; readonly region: string } & SigningRules) => {
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
    const signed = sign(unsigned, body?.sha256() ?? EMPTY_HASH, secrets, date)
    if (signed === undefined) return refuse("the query is not escaped UTF-8")
    return Result.succeed(
      Object.freeze({
        method: unsigned.method,
        origin: unsigned.origin,
        target: unsigned.target,
        headers: Object.freeze(signed.headers.map((pair) => Object.freeze(pair))),
        body,
      }),
    )
  }
}

const PRESIGNED = "the query holds parameters of a presigned request (X-Amz-…)"

const refuse = (detail: string) => Result.fail(new RequestRefused({ detail }))
