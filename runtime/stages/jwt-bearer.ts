/**
 * `exchange jwt_bearer`: a JWT as an authorization grant (RFC 7523 section 2.1).
 *
 * @module
 */
import { Effect } from "effect"
import type { MakeStage } from "../pipeline/environment.ts"
import { makeTokenEndpoint } from "../token-endpoint/token-endpoint.ts"
import { exchangeStage } from "./exchanged-token.ts"

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

export const jwtBearer: MakeStage<"jwt_bearer"> = Effect.fn("JwtBearer.make")(function* (spec, environment) {
  const { host, ask } = yield* makeTokenEndpoint(spec, environment)
  const { resource, scopes } = spec
  return yield* exchangeStage({
    label: "exchange jwt_bearer",
    spec,
    shown: [spec.subject],
    ask: ([assertion]) =>
      ask(JWT_BEARER, { assertion, resource, scope: scopes.length > 0 ? scopes.join(" ") : undefined }),
    header: "authorization",
    what: resource === undefined ? "a token" : `a token for ${resource}`,
    host,
  })
})
