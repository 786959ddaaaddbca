/**
 * What all stages have in common that make a token of other tokens: which tokens they are shown, what is kept and for how
 * long, and that nothing outlives what it was made of.
 *
 * @module
 */
import { Clock, Effect, Redacted, type Scope } from "effect"
import * as CredentialCache from "../credential-cache/credential-cache.ts"
import { ExchangeMisconfigured, ExchangeTokenRejected, ExchangeUnavailable, type Failure } from "../failure.ts"
import type { Principal, Token } from "../pipeline/credential.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { Subject } from "../plan.ts"
import type { Issued } from "../token-endpoint/token-endpoint.ts"

export interface Exchange {
  /** As the source says it: `exchange token_exchange`. */
  readonly label: string
  /** All that the exchange depends on beside the tokens: it is part of what tells kept tokens apart. */
  readonly spec: object
  /** What it is shown, the subject first. None: the token is the same for every caller. */
  readonly shown: readonly Subject[]
  /** The values of `shown`, in its order. */
  readonly ask: (shown: readonly string[]) => Effect.Effect<Issued, Failure>
  /** Lower-case name of the header that the new token travels in. */
  readonly header: string
  /** What comes of it, in a few words, and who gives it. */
  readonly what: string
  readonly host: string
  /** Seconds before its end from which the new token is not used any more. */
  readonly margin?: number
}

/** Tokens kept by one stage; one is some kilobytes. */
const CAPACITY = 10_000
/** Milliseconds for which a refusal is answered without asking again. */
const REMEMBER_REFUSAL = 5_000
/** Milliseconds before its end from which a token is not used any more: the request has to arrive in time too. */
const MARGIN = 30_000

interface Inputs {
  readonly spec: string
  readonly issuer: string | undefined
  readonly subject: string | undefined
  /** JSON of the tokens' values. */
  readonly shown: Redacted.Redacted<string>
  /** Epoch seconds: the first end of those tokens. */
  readonly end: number | undefined
  readonly [name: string]: string | number | undefined | Redacted.Redacted<string>
}

/** A token and how to stop using it. */
export interface Source {
  readonly value: Redacted.Redacted<string>
  readonly expiresAt: number | undefined
  readonly refused?: Effect.Effect<void>
}

/** The principal behind a credential that an exchange may begin with, and the token that it is, if it is one. */
export const beginning = (given: Principal | Token): { principal: Principal; exchanged: Token | undefined } =>
  given._tag === "Token" ? { principal: given.principal, exchanged: given } : { principal: given, exchanged: undefined }

/** The token that a stage names: one of the caller's, or the one that the stage before made. */
export const sourceOf = (named: Subject, given: Principal | Token): Effect.Effect<Source, Failure> => {
  const { principal, exchanged } = beginning(given)
  if (named !== "exchanged") return principal.token(named)
  // The types of the stages say that there is one; this is the same said of the value.
  return exchanged === undefined ? Effect.die(new Error("no exchanged token")) : Effect.succeed(exchanged)
}

/** Which credential a stage that is shown these tokens begins with. */
export const consumedWith = (shown: readonly Subject[]): "Principal" | "Token" =>
  shown.includes("exchanged") ? "Token" : "Principal"

export const exchangeStage = Effect.fnUntraced(function* (
  exchange: Exchange,
): Effect.fn.Return<Stage<"Principal", "Token"> | Stage<"Token", "Token">, never, Scope.Scope> {
  const spec = JSON.stringify(exchange.spec)
  const margin = exchange.margin === undefined ? MARGIN : exchange.margin * 1000
  const cache = yield* CredentialCache.make<Inputs, Issued, Failure>({
    exchange: Effect.fnUntraced(function* (inputs) {
      const from = yield* Clock.currentTimeMillis
      const value = yield* exchange.ask(JSON.parse(Redacted.value(inputs.shown)) as string[])
      const end = value.expiresAt * 1000
      // A token that lives shorter than the margin is good for most of its life all the same.
      const ownEnd = end - Math.min(margin, (end - from) / 10)
      const sourceEnd = inputs.end === undefined ? Number.POSITIVE_INFINITY : inputs.end * 1000
      return { value, usableUntil: Math.min(ownEnd, sourceEnd), renewable: ownEnd < sourceEnd }
    }),
    capacity: CAPACITY,
    remember: rememberFor,
    spent: () => new ExchangeUnavailable({ detail: "the token endpoint gave a token that has expired", retryAfter: 5 }),
  })

  const run = Effect.fn("Exchange.run")(function* (_exchange: unknown, given: Principal | Token) {
    const { principal } = beginning(given)
    const sources: Source[] = []
    for (const named of exchange.shown) sources.push(yield* sourceOf(named, given))
    const ends = sources.flatMap(({ expiresAt }) => expiresAt ?? [])
    const end = ends.length === 0 ? undefined : Math.min(...ends)
    const now = yield* Clock.currentTimeMillis
    if (end !== undefined && end * 1000 <= now) {
      return yield* new ExchangeTokenRejected({ detail: "the login's token has expired" })
    }
    const inputs: Inputs = {
      spec,
      // Nobody's in particular where no token of theirs is shown.
      issuer: sources.length === 0 ? undefined : principal.issuer,
      subject: sources.length === 0 ? undefined : principal.subject,
      shown: Redacted.make(JSON.stringify(sources.map(({ value }) => Redacted.value(value)))),
      end,
    }
    const { value: issued, cached } = yield* cache.get(inputs).pipe(
      Effect.catchTag("ExchangeTokenRejected", (failure) =>
        Effect.andThen(
          Effect.forEach(sources, ({ refused }) => refused ?? Effect.void),
          Effect.fail(exchange.shown[0] === "exchanged" ? refusedInChain(failure) : failure),
        ),
      ),
    )
    const expiresAt = end === undefined ? issued.expiresAt : Math.min(issued.expiresAt, end)
    return {
      credential: {
        _tag: "Token" as const,
        principal,
        value: issued.value,
        expiresAt,
        header: exchange.header,
        refused: cache.forget(inputs),
      },
      account: {
        summary: `${exchange.what} from ${exchange.host}${cached ? " (kept)" : ""}`,
        detail: { endpoint: exchange.host, cached, expires: new Date(expiresAt * 1000).toISOString() },
      },
    }
  })

  const { label } = exchange
  return consumedWith(exchange.shown) === "Token"
    ? { label, consumes: "Token", produces: "Token", run }
    : { label, consumes: "Principal", produces: "Token", run }
})

/** The token that was made a moment ago is not good here: no login cures that. */
const refusedInChain = ({ log }: ExchangeTokenRejected) =>
  new ExchangeMisconfigured({
    detail: "the token endpoint does not accept the token of the exchange before",
    ...(log === undefined ? {} : { log }),
  })

const rememberFor = (failure: Failure): number => {
  switch (failure._tag) {
    case "ExchangeTokenRejected":
    case "ExchangeConsentRequired":
    case "ExchangeDenied":
    case "ExchangeClientRefused":
    case "ExchangeMisconfigured":
    case "ExchangeAnswerInvalid":
      return REMEMBER_REFUSAL
    case "ExchangeThrottled":
      return Math.min(failure.retryAfter * 1000, 2 * REMEMBER_REFUSAL)
    default:
      return 0
  }
}
