/**
 * Asks a token endpoint for a token (RFC 6749 section 3.2), for every exchange that has one: client authentication, time
 * limits, retries with a budget, and answers that are looked at before they are believed.
 *
 * @module
 */
import { Clock, Context, Effect, Random, Redacted, Result } from "effect"
import { decodeJwt } from "jose"
import * as oauth from "oauth4webapi"
import { type ExchangeFailure, ExchangeUnavailable } from "../failure.ts"
import type { Environment } from "../pipeline/environment.ts"
import type { OAuthClient } from "../plan.ts"
import type { PlanUnusable } from "../start-failure.ts"
import { clientAuthentication } from "./client-authentication.ts"
import { Busy, refusalOf, Unusable } from "./refusal.ts"
import { makeRetryBudget } from "./retry-budget.ts"

/** What a token endpoint gave. */
export interface Issued {
  readonly value: Redacted.Redacted<string>
  /** Epoch seconds. */
  readonly expiresAt: number
  /** RFC 8693 section 2.2.1, the whole URN; undefined for grants that have none. */
  readonly issuedType: string | undefined
}

export interface TokenEndpoint {
  readonly host: string
  /**
   * `tokenType`: the one the answer has to have (RFC 6749 section 7.1); `n_a` for what is no access token (RFC 8693 section
   * 2.2.1).
   */
  readonly ask: (
    grant: string,
    parameters: Readonly<Record<string, string | undefined>>,
    tokenType?: "bearer" | "n_a",
  ) => Effect.Effect<Issued, ExchangeFailure>
}

/** How long a token endpoint may take, in milliseconds: for one attempt, and for all of them. */
export const ExchangeTimeouts = Context.Reference("authflow/runtime/ExchangeTimeouts", {
  defaultValue: () => ({ attempt: 5_000, total: 12_000 }),
})

/** The first included. Exchanges have no effect but a token, so each may be asked for again. */
const ATTEMPTS = 3
/** Milliseconds; drawn at random up to this, three times as much for each further attempt. */
const PAUSE = 200
/** Seconds: an endpoint that wants a longer pause gets it from the caller. */
const PATIENCE = 1
/** Bytes of an answer. A token with very many groups is some tens of kilobytes. */
const MAX_ANSWER = 256 * 1024
/** Seconds for which a token is good that says nothing of its end. `expires_in` is only recommended (section 5.1). */
const UNSAID_LIFE = 60
/** Seconds. What lives longer is asked for again after a day anyway. */
const MAX_LIFE = 24 * 60 * 60
/** Seconds: a caller is not sent away for longer. */
const MAX_RETRY_AFTER = 300

export const makeTokenEndpoint = Effect.fnUntraced(function* (
  { endpoint, client }: { readonly endpoint: string; readonly client?: OAuthClient },
  environment: Pick<Environment, "secrets" | "path">,
): Effect.fn.Return<TokenEndpoint, PlanUnusable> {
  const authenticate = yield* clientAuthentication(client, environment)
  const timeouts = yield* ExchangeTimeouts
  const { host, protocol } = new URL(endpoint)
  // `aud` of a private_key_jwt: the token endpoint's URL (RFC 7523 section 3, item 3).
  const server: oauth.AuthorizationServer = { issuer: endpoint, token_endpoint: endpoint }
  const registration: oauth.Client = { client_id: client?.id ?? "none" }
  const budget = makeRetryBudget()

  const once = (grant: string, parameters: URLSearchParams, tokenType: string) =>
    Effect.tryPromise({
      try: async (signal) => {
        const response = await oauth.genericTokenEndpointRequest(
          server,
          registration,
          authenticate,
          grant,
          // A copy: the library writes into it.
          new URLSearchParams(parameters),
          {
            signal,
            [oauth.customFetch]: fetchAnswer,
            // The plan's schema admits http on loopback only.
            [oauth.allowInsecureRequests]: protocol === "http:",
          },
        )
        const answer = await oauth.processGenericTokenEndpointResponse(server, registration, response, {
          recognizedTokenTypes: { n_a: () => {} },
        })
        if (answer.token_type !== tokenType) throw new Unusable(`the token endpoint gave no ${tokenType} token`)
        // RFC 6750 section 2.1: what else it holds would be read as something else on the way.
        if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(answer.access_token)) {
          throw new Unusable("the token endpoint gave a token that no header can carry")
        }
        return answer
      },
      catch: (cause) => refusalOf(cause, host),
    }).pipe(
      Effect.timeoutOrElse({
        duration: timeouts.attempt,
        orElse: () => Effect.fail(new ExchangeUnavailable({ detail: SILENT, retryAfter: 5, log: { endpoint: host } })),
      }),
    )

  const ask: TokenEndpoint["ask"] = Effect.fn("TokenEndpoint.ask")(function* (grant, parameters, tokenType = "bearer") {
    const said = Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
    const form = new URLSearchParams(Object.fromEntries(said))
    let last: ExchangeFailure | undefined
    const tries = Effect.gen(function* () {
      for (let attempt = 1; ; attempt++) {
        const from = yield* Clock.currentTimeMillis
        const result = yield* Effect.result(once(grant, form, tokenType))
        if (Result.isSuccess(result)) {
          budget.earn()
          return issued(result.success, from)
        }
        last = result.failure
        if (attempt === ATTEMPTS || !mayPass(last) || !budget.spend()) return yield* Effect.fail(last)
        yield* Effect.sleep(yield* Random.nextBetween(PAUSE / 4, PAUSE * 3 ** (attempt - 1)))
      }
    })
    return yield* tries.pipe(
      Effect.timeoutOrElse({
        duration: timeouts.total,
        orElse: () =>
          Effect.fail(last ?? new ExchangeUnavailable({ detail: SILENT, retryAfter: 5, log: { endpoint: host } })),
      }),
    )
  })
  return { host, ask }
})

const SILENT = "the token endpoint did not answer in time"

/** May the next moment bring another answer? */
const mayPass = (failure: ExchangeFailure): boolean =>
  (failure._tag === "ExchangeUnavailable" || failure._tag === "ExchangeThrottled") &&
  (failure.log?.["status"] === undefined || failure._tag === "ExchangeUnavailable" || failure.retryAfter <= PATIENCE)

/** `from`: epoch milliseconds before it was asked, so that the time on the way is not added to its life. */
const issued = (answer: oauth.TokenEndpointResponse, from: number): Issued => {
  const now = Math.floor(from / 1000)
  const own = jwtExpiry(answer.access_token)
  const stated = answer.expires_in === undefined ? undefined : now + answer.expires_in
  const ends = [own, stated].filter((end) => end !== undefined)
  const type: unknown = answer["issued_token_type"]
  return {
    value: Redacted.make(answer.access_token),
    expiresAt: Math.min(...(ends.length > 0 ? ends : [now + UNSAID_LIFE]), now + MAX_LIFE),
    issuedType: typeof type === "string" ? type : undefined,
  }
}

/** `exp` of a token that happens to be a JWT. */
const jwtExpiry = (token: string): number | undefined => {
  try {
    return decodeJwt(token).exp
  } catch {
    return undefined
  }
}

/**
 * fetch, for answers of a sane size. What an exchange has no use for does not stay around: a refresh token would outlive the
 * login, an ID token is not what was asked for.
 */
const fetchAnswer = async (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>): Promise<Response> => {
  const response = await fetch(url, { ...init, headers: init.headers, body: init.body, redirect: "manual" })
  const { status, headers } = response
  if (status === 429 || status >= 500) {
    await response.body?.cancel()
    throw new Busy(status, retryAfterOf(headers.get("retry-after")))
  }
  const text = await readLimited(response)
  const body = status === 200 ? withoutOthers(text) : text
  const passed = new Headers()
  for (const name of ["content-type", "www-authenticate"]) {
    const value = headers.get(name)
    if (value !== null) passed.set(name, value)
  }
  if (status < 200 || (status >= 300 && status < 400)) throw new Unusable(`the token endpoint answered ${status}`)
  return new Response(status === 204 || status === 205 ? null : body, { status, headers: passed })
}

const readLimited = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER) throw new Unusable(`the token endpoint's answer is longer than ${MAX_ANSWER} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString("utf8")
}

const withoutOthers = (text: string): string => {
  try {
    const { refresh_token: _refresh, id_token: _id, ...answer }: Record<string, unknown> = JSON.parse(text)
    return JSON.stringify(answer)
  } catch {
    return text
  }
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
const retryAfterOf = (header: string | null): number | undefined => {
  if (header === null) return undefined
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER, Math.max(1, Math.ceil(seconds))) : undefined
}
