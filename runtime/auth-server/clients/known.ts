/**
 * Where a client is known from, and the clients that the operator registered, as the engine takes them.
 *
 * @module
 */
import { Effect, Redacted } from "effect"
import type { Client, ClientMetadata } from "oidc-provider"
import type { AuthServer } from "../../plan.ts"
import { Secrets } from "../../secrets.ts"

/** `registered`: it did so itself, under a name nobody checked. `document`: who owns the URL vouches for it. */
export type ClientOrigin = "known" | "document" | "registered"

export const originOf = (config: AuthServer, client: Pick<Client, "clientId">): ClientOrigin => {
  if (config.knownClients?.some(({ id }) => id === client.clientId) === true) return "known"
  // The engine's identifiers of those that register are random and no URLs.
  return config.metadataDocuments !== undefined && client.clientId.startsWith("https://") ? "document" : "registered"
}

/** `algorithm`: what ID tokens are signed with. Fails with SecretMissing. */
export const knownClients = Effect.fnUntraced(function* (config: AuthServer, algorithm: string) {
  const secrets = yield* Secrets
  const clients: ClientMetadata[] = []
  for (const { id, name, redirectUris, secret } of config.knownClients ?? []) {
    const value = secret === undefined ? undefined : Redacted.value(yield* secrets.get(secret))
    clients.push({
      client_id: id,
      client_name: name ?? id,
      // The engine's word for https, http on loopback with any port (RFC 8252 section 7.3), and private-use schemes.
      application_type: "native",
      redirect_uris: [...redirectUris],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      response_modes: ["query"],
      id_token_signed_response_alg: algorithm as "ES256",
      ...(value === undefined
        ? { token_endpoint_auth_method: "none" }
        : { token_endpoint_auth_method: "client_secret_basic", client_secret: value }),
    })
  }
  return clients
})
