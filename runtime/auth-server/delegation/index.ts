/**
 * Grants with no person present, where the file has them: token exchange for delegate clients (RFC 8693) and assertions of trusted
 * issuers (RFC 7523).
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type { ClientMetadata, default as Provider } from "oidc-provider"
import type { AuthServer } from "../../plan.ts"
import { Secrets } from "../../secrets.ts"
import {
  PARAMETERS as ASSERTION,
  type AssertionOptions,
  JWT_BEARER,
  jwtBearer,
  NO_CLIENT,
  REPEATED,
} from "./jwt-bearer.ts"
import {
  PARAMETERS as EXCHANGE,
  REPEATED as EXCHANGE_REPEATED,
  type ExchangeOptions,
  TOKEN_EXCHANGE,
  tokenExchange,
} from "./token-exchange.ts"

export { extras } from "./issuing.ts"

export const takesAssertions = ({ trustedIssuers = [] }: AuthServer): boolean =>
  trustedIssuers.some(({ assertions, idJag }) => assertions !== undefined || idJag !== undefined)

/** Delegate clients, and nobody, as the engine's. Fails with SecretMissing. */
export const delegateClients = Effect.fnUntraced(function* (config: AuthServer, algorithm: string) {
  const secrets = yield* Secrets
  const common = {
    application_type: "native",
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: algorithm as "ES256",
  } satisfies Partial<ClientMetadata>
  const clients: ClientMetadata[] = []
  const identity = config.trustedIssuers?.some(({ idJag }) => idJag !== undefined) === true
  for (const { id, secret } of config.delegates ?? []) {
    clients.push({
      ...common,
      client_id: id,
      client_name: id,
      grant_types: [TOKEN_EXCHANGE, ...(identity ? [JWT_BEARER] : [])],
      token_endpoint_auth_method: "client_secret_basic",
      client_secret: Redacted.value(yield* secrets.get(secret)),
    })
  }
  if (config.trustedIssuers?.some(({ assertions }) => assertions !== undefined) === true) {
    clients.push({ ...common, client_id: NO_CLIENT, grant_types: [JWT_BEARER], token_endpoint_auth_method: "none" })
  }
  return clients
})

export const registerGrants = (
  engine: Provider,
  config: AuthServer,
  options: Omit<ExchangeOptions & AssertionOptions, "config">,
): void => {
  if ((config.delegates ?? []).length > 0) {
    engine.registerGrantType(TOKEN_EXCHANGE, tokenExchange({ ...options, config }), EXCHANGE, EXCHANGE_REPEATED)
  }
  if (takesAssertions(config)) {
    engine.registerGrantType(JWT_BEARER, jwtBearer({ ...options, config }), ASSERTION, REPEATED)
  }
}
