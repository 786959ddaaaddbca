/**
 * `exchange aws.sts`: AssumeRoleWithWebIdentity. The role rules choose the role, a claim names the session, and the
 * credentials are kept for as long as they and the token they came from live.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { Clock, Context, Effect, Exit, Predicate, Redacted, Result } from "effect"
import * as CredentialCache from "../credential-cache/credential-cache.ts"
import {
  type Failure,
  RoleDenied,
  SessionNameInvalid,
  StsMisconfigured,
  StsTokenRejected,
  StsUnavailable,
} from "../failure.ts"
import type { AwsCredentials, Principal, Token } from "../pipeline/credential.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { AwsSts } from "../plan.ts"
import { compileRoleRules, type DecideRole } from "../role-rules.ts"
import { PlanUnusable } from "../start-failure.ts"
import { stsFailure } from "./aws-sts-failure.ts"
import { beginning, consumedWith, type Source, sourceOf } from "./exchanged-token.ts"

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
  readonly policy: string | undefined
  /** Separated by spaces. */
  readonly policyArns: string | undefined
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

  const produced = (principal: Principal, { role, sessionName, why }: Chosen, session: Session, cached: boolean) => ({
    credential: { _tag: "AwsCredentials", principal, role, sessionName, ...session } as const,
    account: {
      summary: `${role.slice(role.lastIndexOf("/") + 1)} as ${sessionName}${cached ? " (kept)" : ""}; ${why}`,
      detail: { role, session: sessionName, cached, why, expires: new Date(session.expiresAt).toISOString() },
    },
  })
  const inputsOf = (principal: Principal, chosen: Chosen, token: Source): SessionInputs => ({
    issuer: principal.issuer,
    subject: principal.subject,
    token: token.value,
    tokenExpiresAt: token.expiresAt,
    role: chosen.role,
    sessionName: chosen.sessionName,
    duration: spec.session.duration,
    region: spec.region,
    endpoint,
    policy: spec.policy,
    policyArns: spec.policyArns?.join(" "),
  })
  const assumeRole = Effect.fnUntraced(function* (principal: Principal, chosen: Chosen, shown: SourceEffect) {
    const token = yield* shown
    const now = yield* Clock.currentTimeMillis
    if (token.expiresAt !== undefined && token.expiresAt * 1000 <= now) {
      return yield* new StsTokenRejected({ detail: "the login's token for AWS has expired" })
    }
    const { value: session, cached } = yield* cache
      .get(inputsOf(principal, chosen, token))
      .pipe(
        Effect.catchTag("StsTokenRejected", (failure) =>
          Effect.andThen(
            token.refused ?? Effect.void,
            Effect.fail(spec.subject === "exchanged" ? refusedInChain(failure) : failure),
          ),
        ),
      )
    return produced(principal, chosen, session, cached)
  })

  const run = (_exchange: unknown, given: Principal | Token): ReturnType<typeof assumeRole> => {
    const { principal } = beginning(given)
    const chosen = choose(decide, spec.session, principal)
    if (Result.isFailure(chosen)) return Effect.fail(chosen.failure)
    const token = sourceOf(spec.subject, given)
    // The usual case, a token at hand and credentials that are kept, waits for nothing.
    if (Exit.isExit(token) && Exit.isSuccess(token)) {
      const session = cache.kept(inputsOf(principal, chosen.success, token.value as Source))
      if (session !== undefined) return Effect.succeed(produced(principal, chosen.success, session, true))
    }
    return assumeRole(principal, chosen.success, token)
  }
  const label = "exchange aws.sts"
  const produces = "AwsCredentials"
  return consumedWith([spec.subject]) === "Token"
    ? ({ label, consumes: "Token", produces, run } satisfies Stage<"Token", "AwsCredentials">)
    : ({ label, consumes: "Principal", produces, run } satisfies Stage<"Principal", "AwsCredentials">)
})

/** The token that was made a moment ago is not good for AWS: no login cures that. */
const refusedInChain = ({ detail, log }: StsTokenRejected) =>
  new StsMisconfigured({ detail: `of the exchange before: ${detail}`, ...(log === undefined ? {} : { log }) })

type SourceEffect = ReturnType<typeof sourceOf>

/** What the rules and the session's name come to for one caller. */
interface Chosen {
  readonly role: string
  readonly sessionName: string
  /** The rule in words. */
  readonly why: string
}

const choose = (
  decide: DecideRole,
  session: AwsSts["session"],
  { claims }: Principal,
): Result.Result<Chosen, Failure> => {
  const decided = decide(claims)
  if (Result.isFailure(decided)) return Result.fail(decided.failure)
  const { decision, why } = decided.success
  if ("deny" in decision) {
    const detail = decision.deny === "" ? "the role rules refuse this caller" : decision.deny
    return Result.fail(new RoleDenied({ detail, log: { why } }))
  }
  return Result.map(nameSession(session, claims[session.nameClaim]), (sessionName) => ({
    role: decision.role,
    sessionName,
    why,
  }))
}

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
      ...(inputs.policy === undefined ? {} : { Policy: inputs.policy }),
      ...(inputs.policyArns === undefined ? {} : { PolicyArns: inputs.policyArns.split(" ").map((arn) => ({ arn })) }),
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
): Result.Result<string, SessionNameInvalid> => {
  if (!Predicate.isString(value) || value === "") {
    return Result.fail(new SessionNameInvalid({ detail: `the token holds no text in the claim ${nameClaim}` }))
  }
  const valid = sessionNameShape.test(value)
  if (onInvalid === "reject") {
    return valid
      ? Result.succeed(value)
      : Result.fail(
          new SessionNameInvalid({
            detail: `the claim ${nameClaim} cannot name a role session: 2 to 64 characters of letters, digits and _+=,.@-`,
          }),
        )
  }
  if (valid && !sanitizedShape.test(value)) return Result.succeed(value)
  const digest = createHash("sha256").update(value).digest("hex").slice(0, 16)
  return Result.succeed(`${value.replace(/[^A-Za-z0-9_+=,.@-]/g, "-").slice(0, 47)}=${digest}`)
}
