/**
 * The secrets that a plan names: what is looked up at start, and made up in the sandbox.
 *
 * @module
 */
import type { Plan, Stage } from "../plan.ts"
import { storageSecrets } from "./storage.ts"
import type { SecretRef } from "./values.ts"

/** Every reference of the plan, in its order; one that is there twice comes twice. */
export const secretRefs = ({ providers, servers, flows }: Plan): readonly SecretRef[] => [
  ...providers.flatMap(({ client, introspection, ca }) => [
    ...(client?.secret ? [client.secret] : []),
    ...(introspection?.client ? [introspection.client.secret] : []),
    ...(ca ? [ca] : []),
  ]),
  ...servers.flatMap(({ keys, hmacKeys, knownClients = [], storage }) => [
    ...keys,
    ...hmacKeys,
    ...knownClients.flatMap(({ secret }) => secret ?? []),
    ...(storage ? storageSecrets(storage) : []),
  ]),
  ...flows.flatMap(({ stages }) => stages.flatMap(stageSecrets)),
]

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
    default:
      return []
  }
}
