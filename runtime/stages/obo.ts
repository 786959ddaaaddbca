/**
 * `exchange obo`: Microsoft Entra's on-behalf-of flow.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 *
 * @module
 */
import { Effect } from "effect"
import type { MakeStage } from "../pipeline/environment.ts"
import { makeTokenEndpoint } from "../token-endpoint/token-endpoint.ts"
import { exchangeStage } from "./exchanged-token.ts"
import { JWT_BEARER } from "./jwt-bearer.ts"

export const obo: MakeStage<"obo"> = Effect.fn("Obo.make")(function* (spec, environment) {
  const { host, ask } = yield* makeTokenEndpoint(spec, environment)
  return yield* exchangeStage({
    label: "exchange obo",
    spec,
    shown: [spec.subject],
    ask: ([assertion]) =>
      ask(JWT_BEARER, { assertion, requested_token_use: "on_behalf_of", scope: spec.scopes.join(" ") }),
    header: "authorization",
    what: `a token for ${spec.scopes.join(" ")}`,
    host,
    ...(spec.skew === undefined ? {} : { margin: spec.skew }),
  })
})
