/**
 * `exchange aws.sts`: AssumeRoleWithWebIdentity. The role rules choose the role, a claim names the session, and the
 * credentials are kept for as long as they and the token they came from live.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { Clock, Context, Effect, Predicate, Redacted } from "effect"
import * as CredentialCache from "../credential-cache/credential-cache.ts"
import { type Failure, RoleDenied, SessionNameInvalid, StsTokenRejected, StsUnavailable } from "../failure.ts"
import type { AwsCredentials } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { AwsSts } from "../plan.ts"
import { compileRoleRules } from "../role-rules.ts"
import { PlanUnusable } from "../start-failure.ts"
import { stsFailure } from "./aws-sts-failure.ts"

/** How long STS may take, in milliseconds: to connect, for one attempt's answer, and for all attempts together. */
export const StsTimeouts = Context.Reference("authflow/runtime/StsTimeouts", {
  defaultValue: () => ({ connect: 2_000, attempt: 5_000, total: 12_000 }),
})

/** Attempts, the first included. The SDK draws the pauses at random and has a budget of retries for all callers together. */
const ATTEMPTS = 3
/** Sessions kept; one is about two kilobytes. */
const CAPACITY = 10_000
/** Milliseconds before their end from which AWS credentials are not used any more: the request has to arrive in time too. */
const MARGIN = 60_000
/** Milliseconds for which a refusal of STS is answered without asking again. */
const REMEMBER_REFUSAL = 5_000

/** Everything AssumeRoleWithWebIdentity depends on. All of it, and only it, is the key of the cache. */
interface SessionInputs {
  readonly issuer: string
  readonly subject: string
  readonly token: Redacted.Redacted<string>
  /** Epoch seconds. */
  readonly tokenExpiresAt: number | undefined
  readonly role: string
  readonly sessionName: string
  readonly duration: number
  readonly region: string
  readonly endpoint: string | undefined
  readonly [name: string]: string | number | undefined | Redacted.Redacted<string>
}

type Session = Pick<AwsCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken" | "expiresAt">

export const awsSts: MakeStage<"aws.sts"> = Effect.fn("AwsSts.make")(function* (spec, environment) {
  const decide = yield* compileRoleRules(spec.role, `${environment.path}.role`)
  const endpoint = yield* endpointOf(spec, environment.env, environment.path)
  const assume = yield* makeAssume(spec.region, endpoint)
  const cache = yield* CredentialCache.make<SessionInputs, Session, Failure>({
    exchange: assume,
    capacity: CAPACITY,
    remember: (failure) =>
      failure._tag === "StsAccessDenied" || failure._tag === "StsTokenRejected" || failure._tag === "StsMisconfigured"
        ? REMEMBER_REFUSAL
        : 0,
    spent: () => new StsUnavailable({ detail: "AWS STS gave credentials that have expired", retryAfter: 5 }),
  })

  const stage: Stage<"Principal", "AwsCredentials"> = {
    label: "exchange aws.sts",
    consumes: "Principal",
    produces: "AwsCredentials",
    run: Effect.fn("AwsSts.run")(function* (_exchange, principal) {
      const { decision, why } = yield* Effect.fromResult(decide(principal.claims))
      if ("deny" in decision) {
        const detail = decision.deny === "" ? "the role rules refuse this caller" : decision.deny
        return yield* new RoleDenied({ detail, log: { why } })
      }
      const { role } = decision
      const sessionName = yield* nameSession(spec.session, principal.claims[spec.session.nameClaim])
      const token = yield* principal.token(spec.subject)
      const now = yield* Clock.currentTimeMillis
      if (token.expiresAt !== undefined && token.expiresAt * 1000 <= now) {
        return yield* new StsTokenRejected({ detail: "the login's token for AWS has expired" })
      }
      const { value: session, cached } = yield* cache
        .get({
          issuer: principal.issuer,
          subject: principal.subject,
          token: token.value,
          tokenExpiresAt: token.expiresAt,
          role,
          sessionName,
          duration: spec.session.duration,
          region: spec.region,
          endpoint,
        })
        .pipe(Effect.tapErrorTag("StsTokenRejected", () => token.refused ?? Effect.void))
      return {
        credential: { _tag: "AwsCredentials", principal, role, sessionName, ...session },
        account: {
          summary: `${role.slice(role.lastIndexOf("/") + 1)} as ${sessionName}${cached ? " (kept)" : ""}; ${why}`,
          detail: { role, session: sessionName, cached, why, expires: new Date(session.expiresAt).toISOString() },
        },
      }
    }),
  }
  return stage
})

/** The plan's endpoint, or the environment's; `undefined` is the regional one. The token goes there, so it has to be safe. */
const endpointOf = (
  spec: AwsSts,
  env: Readonly<Record<string, string | undefined>>,
  path: string,
): Effect.Effect<string | undefined, PlanUnusable> => {
  const endpoint = spec.endpoint ?? (env["AWS_ENDPOINT_URL_STS"] || undefined)
  if (endpoint === undefined) return Effect.succeed(undefined)
  const url = URL.parse(endpoint)
  const loopback = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname)
  return url?.protocol === "https:" || loopback
    ? Effect.succeed(endpoint)
    : Effect.fail(
        new PlanUnusable({ path, detail: "the STS endpoint is neither https nor http on a loopback address" }),
      )
}

const makeAssume = Effect.fnUntraced(function* (region: string, endpoint: string | undefined) {
  const timeouts = yield* StsTimeouts
  const client = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new STSClient({
          region,
          ...(endpoint === undefined ? {} : { endpoint }),
          maxAttempts: ATTEMPTS,
          retryMode: "standard",
          requestHandler: {
            connectionTimeout: timeouts.connect,
            requestTimeout: timeouts.attempt,
            throwOnRequestTimeout: true,
          },
        }),
    ),
    (client) => Effect.sync(() => client.destroy()),
  )
  return Effect.fn("Sts.assumeRoleWithWebIdentity")(function* (inputs: SessionInputs) {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: inputs.role,
      RoleSessionName: inputs.sessionName,
      WebIdentityToken: Redacted.value(inputs.token),
      DurationSeconds: inputs.duration,
    })
    // Time may run out in the pause before another attempt: then the last one's error is what happened.
    let last: Failure | undefined
    command.middlewareStack.add(
      (next) => (args) =>
        next(args).catch((cause: unknown) => {
          last = stsFailure(cause, inputs.role)
          throw cause
        }),
      { step: "finalizeRequest", priority: "low", name: "lastFailure" },
    )
    const { Credentials: given } = yield* Effect.tryPromise({
      try: (signal) => client.send(command, { abortSignal: signal }),
      catch: (cause) => stsFailure(cause, inputs.role),
    }).pipe(
      Effect.timeoutOrElse({
        duration: timeouts.total,
        orElse: () =>
          Effect.fail(last ?? new StsUnavailable({ detail: "AWS STS did not answer in time", retryAfter: 5 })),
      }),
    )
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {}
    const expiresAt = Expiration?.getTime() ?? Number.NaN
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Number.isFinite(expiresAt)) {
      return yield* new StsUnavailable({ detail: "AWS STS gave an answer without credentials", retryAfter: 5 })
    }
    const session: Session = {
      accessKeyId: AccessKeyId,
      secretAccessKey: Redacted.make(SecretAccessKey),
      sessionToken: Redacted.make(SessionToken),
      expiresAt,
    }
    const ownEnd = expiresAt - MARGIN
    const sourceEnd = inputs.tokenExpiresAt === undefined ? Number.POSITIVE_INFINITY : inputs.tokenExpiresAt * 1000
    return { value: session, usableUntil: Math.min(ownEnd, sourceEnd), renewable: ownEnd < sourceEnd }
  })
})

/** What STS accepts as RoleSessionName (API reference, AssumeRoleWithWebIdentity). */
const sessionNameShape = /^[A-Za-z0-9_+=,.@-]{2,64}$/
/** How a sanitized name ends. A name that ends so by itself is sanitized as well, so that nobody can pose as another. */
const sanitizedShape = /=[0-9a-f]{16}$/

const nameSession = (
  { nameClaim, onInvalid }: AwsSts["session"],
  value: unknown,
): Effect.Effect<string, SessionNameInvalid> => {
  if (!Predicate.isString(value) || value === "") {
    return Effect.fail(new SessionNameInvalid({ detail: `the token holds no text in the claim ${nameClaim}` }))
  }
  const valid = sessionNameShape.test(value)
  if (onInvalid === "reject") {
    return valid
      ? Effect.succeed(value)
      : Effect.fail(
          new SessionNameInvalid({
            detail: `the claim ${nameClaim} cannot name a role session: 2 to 64 characters of letters, digits and _+=,.@-`,
          }),
        )
  }
  if (valid && !sanitizedShape.test(value)) return Effect.succeed(value)
  const digest = createHash("sha256").update(value).digest("hex").slice(0, 16)
  return Effect.succeed(`${value.replace(/[^A-Za-z0-9_+=,.@-]/g, "-").slice(0, 47)}=${digest}`)
}
