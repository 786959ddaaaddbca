/**
 * `exchange client_credentials`: a token for ourselves (RFC 6749 section 4.4), the same for every caller.
 *
 * @module
 */
import { Effect } from "effect"
import type { MakeStage } from "../pipeline/environment.ts"
import { makeTokenEndpoint } from "../token-endpoint/token-endpoint.ts"
import { exchangeStage } from "./exchanged-token.ts"

export const clientCredentials: MakeStage<"client_credentials"> = Effect.fn("ClientCredentials.make")(
  function* (spec, environment) {
    const { host, ask } = yield* makeTokenEndpoint(spec, environment)
    const { audience, resource, scopes } = spec
    return yield* exchangeStage({
      label: "exchange client_credentials",
      spec,
      shown: [],
      ask: () =>
        ask("client_credentials", {
          audience,
          resource,
          scope: scopes.length > 0 ? scopes.join(" ") : undefined,
        }),
      header: "authorization",
      what: `our own token as ${spec.client.id}`,
      host,
    })
  },
)
