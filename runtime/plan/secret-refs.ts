/**
 * The secrets that a plan names: what is looked up at start, and made up in the sandbox.
 *
 * @module
 */
import type { Plan, Provider, Stage } from "../plan.ts"
import type { OAuthClient } from "./oauth-client.ts"
import { storageSecrets } from "./storage.ts"
import type { SecretRef } from "./values.ts"

/** Every reference of the plan, in its order; one that is there twice comes twice. */
export const secretRefs = ({ providers, servers, flows }: Plan): readonly SecretRef[] => [
  ...providers.flatMap(providerSecrets),
  ...servers.flatMap(({ keys, hmacKeys, knownClients = [], storage }) => [
    ...keys,
    ...hmacKeys,
    ...knownClients.flatMap(({ secret }) => secret ?? []),
    ...(storage ? storageSecrets(storage) : []),
  ]),
  ...flows.flatMap(({ stages }) => stages.flatMap(stageSecrets)),
]

/** Those of our registrations there, and of its authorities. */
const providerSecrets = (provider: Provider): readonly SecretRef[] => {
  const { client } = provider
  const own =
    provider.kind === "oidc"
      ? [provider.introspection?.client?.secret, provider.ca]
      : [provider.client.registration?.initialAccessToken]
  return [client?.secret, ...own].filter((ref) => ref !== undefined)
}

/** Those of one stage. */
export const stageSecrets = (stage: Stage): readonly SecretRef[] => {
  switch (stage.kind) {
    case "identify.api_keys":
      return stage.keys
    case "identify.client_certificates":
      return [stage.ca]
    case "inject.bearer":
      return [stage.token]
    case "inject.header":
      return [stage.value]
    case "token_exchange":
    case "obo":
    case "jwt_bearer":
    case "client_credentials":
      return clientSecret(stage.client)
    case "xaa":
      return [...clientSecret(stage.idp.client), ...clientSecret(stage.target.client)]
    default:
      return []
  }
}

const clientSecret = (client: OAuthClient | undefined): readonly SecretRef[] =>
  client?.secret === undefined ? [] : [client.secret]
