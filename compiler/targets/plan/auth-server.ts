/** Lowers a server. */
import type { AuthServer as PlanAuthServer } from "../../../runtime/plan.ts"
import type { AuthServer } from "../../catalogue/auth-server.ts"
import { type Clients, knownClients } from "../../catalogue/clients.ts"
import { values } from "../../source/source.ts"
import { lowerDelegation } from "./delegation.ts"
import { lowerStorage } from "./storage.ts"

export const lowerAuthServer = ({ name, fields, login, carried }: AuthServer): PlanAuthServer => {
  const [first, ...others] = login
  const { access, refresh, code, delegated } = fields.tokens.value
  return {
    name: name.value,
    kind: "auth_server",
    issuer: fields.issuer.value,
    login: [first.name.value, ...others.map((provider) => provider.name.value)],
    // Registered at the providers; the same path as ToolHive's server has.
    redirectUri: `${fields.issuer.value}/oauth/callback`,
    ...lowerClients(fields.clients.value),
    tokens: { access: access.value, refresh: refresh.value, code: code.value, delegated: delegated.value },
    ...lowerDelegation(fields),
    claims: carried.map(({ name: claim, provider, from, source }) => ({
      claim,
      provider: provider.name.value,
      from,
      source,
    })),
    keys: values(fields.keys),
    hmacKeys: values(fields.hmac_keys),
    ...(fields.storage && { storage: lowerStorage(fields.storage.value) }),
  }
}

/** What is said of clients. The cache's defaults are ToolHive's. */
const lowerClients = (
  clients: Clients,
): Pick<PlanAuthServer, "registration" | "metadataDocuments" | "confidential" | "knownClients"> => {
  const { registration, metadata_documents, metadata_cache, confidential, confidential_redirects } = clients
  const { size, lifetime } = metadata_cache?.value ?? {}
  const known = knownClients(clients).map(({ id, value: { name, redirect_uris, secret } }) => {
    const [first = "", ...others] = values(redirect_uris)
    return {
      id,
      ...(name && { name: name.value }),
      redirectUris: [first, ...others] as const,
      ...(secret && { secret: secret.value }),
    }
  })
  return {
    registration: registration.value,
    ...(metadata_documents.value && {
      metadataDocuments: { size: size?.value ?? 256, lifetime: lifetime?.value ?? 300 },
    }),
    ...(confidential.value && {
      confidential: { redirects: confidential_redirects ? values(confidential_redirects) : [] },
    }),
    ...(known.length > 0 && { knownClients: known }),
  }
}
