/**
 * `exchange xaa`: cross-application access by identity assertion (draft-ietf-oauth-identity-assertion-authz-grant). The ID
 * token is exchanged at the identity provider for an ID-JAG (section 4.3), and that at the target's authorization server for
 * an access token (section 4.4).
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import { ExchangeAnswerInvalid, ExchangeMisconfigured } from "../failure.ts"
import type { MakeStage } from "../pipeline/environment.ts"
import { makeTokenEndpoint } from "../token-endpoint/token-endpoint.ts"
import { exchangeStage } from "./exchanged-token.ts"
import { JWT_BEARER } from "./jwt-bearer.ts"
import { TOKEN_EXCHANGE, tokenType } from "./token-exchange.ts"

const ID_JAG = tokenType("id-jag")

export const xaa: MakeStage<"xaa"> = Effect.fn("Xaa.make")(function* (spec, environment) {
  const idp = yield* makeTokenEndpoint(spec.idp, environment)
  const target = yield* makeTokenEndpoint(spec.target, environment)
  const { audience, resource } = spec
  const scope = spec.scopes.length > 0 ? spec.scopes.join(" ") : undefined
  return yield* exchangeStage({
    label: "exchange xaa",
    spec,
    shown: [spec.subject],
    ask: Effect.fnUntraced(function* ([subject]) {
      const assertion = yield* idp.ask(
        TOKEN_EXCHANGE,
        {
          requested_token_type: ID_JAG,
          subject_token: subject,
          subject_token_type: tokenType("id_token"),
          audience,
          resource,
          scope,
        },
        "n_a",
      )
      if (assertion.issuedType !== ID_JAG) {
        const detail = "the identity provider gave no ID-JAG"
        return yield* new ExchangeAnswerInvalid({ detail, log: { endpoint: idp.host } })
      }
      return yield* target.ask(JWT_BEARER, { assertion: Redacted.value(assertion.value), scope }).pipe(
        // The assertion is a moment old: that it is refused is a matter of trust between the two, and no login mends it.
        Effect.catchTag("ExchangeTokenRejected", ({ log }) =>
          Effect.fail(
            new ExchangeMisconfigured({
              detail: "the target's authorization server does not accept the identity provider's assertion",
              ...(log === undefined ? {} : { log }),
            }),
          ),
        ),
      )
    }),
    header: "authorization",
    what: `a token for ${resource ?? audience}`,
    host: target.host,
  })
})
