/**
 * `exchange token_exchange`: OAuth 2.0 Token Exchange (RFC 8693).
 *
 * @module
 */
import { Effect } from "effect"
import { ExchangeAnswerInvalid } from "../failure.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import { makeTokenEndpoint } from "../token-endpoint/token-endpoint.ts"
import { exchangeStage } from "./exchanged-token.ts"

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
/** RFC 8693 section 3. */
export const tokenType = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`

export const tokenExchange: MakeStage<"token_exchange"> = Effect.fn("TokenExchange.make")(
  function* (spec, environment) {
    const { host, ask } = yield* makeTokenEndpoint(spec, environment)
    const { subjectType, actor, audience, resource, scopes, requestedType } = spec
    return yield* exchangeStage({
      label: "exchange token_exchange",
      spec,
      shown: [spec.subject, ...(actor === undefined ? [] : [actor.token])],
      ask: Effect.fnUntraced(function* ([subject, acting]) {
        const issued = yield* ask(TOKEN_EXCHANGE, {
          subject_token: subject,
          subject_token_type: tokenType(subjectType),
          actor_token: acting,
          actor_token_type: actor && tokenType(actor.type),
          audience,
          resource,
          scope: scopes.length > 0 ? scopes.join(" ") : undefined,
          requested_token_type: requestedType && tokenType(requestedType),
        })
        // Required by section 2.2.1; a JWT that is asked for may be an access token all the same.
        const fitting = requestedType === undefined ? GIVEN : [tokenType(requestedType)]
        if (issued.issuedType === undefined || !fitting.includes(issued.issuedType)) {
          const detail = "the token endpoint gave another kind of token than it was asked for"
          return yield* new ExchangeAnswerInvalid({ detail, log: { endpoint: host } })
        }
        return issued
      }),
      header: spec.header.toLowerCase(),
      what: `a token for ${audience ?? resource ?? "nobody in particular"}`,
      host,
    })
  },
)

/** What a resource may be shown where nothing was asked for; a refresh token is not among it. */
const GIVEN = ["access_token", "jwt", "id_token"].map(tokenType)
