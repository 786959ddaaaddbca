/**
 * `server … = auth_server` as a MCPExternalAuthConfig of type embeddedAuthServer. The server runs inside of the proxy that
 * refers to it, and serves its endpoints at the root of the host of its issuer.
 *
 * @module
 */
import type { AuthServer } from "../../catalogue/auth-server.ts"
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Located } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { delegateClients, refuseDelegation, trustedIssuers } from "./delegation.ts"
import { API_VERSION, MAX_BASELINE_SCOPES, REFRESH_SCOPE } from "./engine.ts"
import { goDuration } from "./go-duration.ts"
import { field, type Manifest, type Mapping, mapping } from "./manifest.ts"
import { kubernetesName, labelProblem } from "./names.ts"
import { refuseProvider, upstreamProvider } from "./provider.ts"
import { redisStorage } from "./redis-storage.ts"
import { secretRef } from "./secret-ref.ts"

/** More than one login: see carrier.ts for what else it takes. */
export const refuseLogins = ({ name, fields, login }: AuthServer, { report }: Context): void => {
  if (login.length > 1) report("AF0804", fields.login.span, { server: name.value, count: login.length })
}

const refuse = (server: AuthServer, context: Context): void => {
  const { name, fields, carried } = server
  const { report } = context
  const { issuer, clients, hmac_keys, claims } = fields
  const { pathname } = new URL(issuer.value)
  if (pathname !== "/") report("AF0806", issuer.span, { issuer: issuer.value, path: pathname })
  const { registration, known } = clients.value
  for (const [client, { span }] of known.value) report("AF1550", span, { server: name.value, client })
  if (registration.value === "none") report("AF0805", registration.span, { server: name.value })
  if (claims !== undefined && carried.length > 0) {
    report("AF0803", claims.span, { server: name.value, claims: carried.map((each) => each.name) })
  }
  refuseDelegation(server, context)
  if (hmac_keys.value.length === 0) report("AF0822", name.span, { server: name.value })
  const problem = labelProblem(kubernetesName(name.value))
  if (problem !== undefined) report("AF0819", name.span, { what: "server", name: name.value, problem })
}

const secretRefs = ({ value }: Located<readonly Located<SecretRef>[]>) =>
  value.length === 0 ? undefined : value.map((secret) => secretRef(secret.value))

/** The server as an object that a proxy refers to. */
export const embeddedAuthServer = (
  server: AuthServer,
  scopes: Located<readonly Located<string>[]>,
  keepsTokens: boolean,
  context: Context,
): Manifest => ({
  comment: `The authorization server that MCP clients talk OAuth to, ${context.origin(server.span)}`,
  apiVersion: API_VERSION,
  kind: "MCPExternalAuthConfig",
  name: kubernetesName(server.name.value),
  spec: mapping(
    field("type", "embeddedAuthServer"),
    field(
      "embeddedAuthServer",
      mapping(
        authServerSpec(server, scopes, context).fields,
        field(
          "disableUpstreamTokenInjection",
          keepsTokens || undefined,
          "The person's token of the login stays here: the upstream is shown another credential.",
        ),
      ),
    ),
  ),
})

/** The server's own fields. `scopes` are those that the flow asks of its callers. */
export const authServerSpec = (
  server: AuthServer,
  scopes: Located<readonly Located<string>[]>,
  context: Context,
): Mapping => {
  refuse(server, context)
  const { origin, report } = context
  const { fields, login } = server
  for (const provider of login) refuseProvider(provider, context)
  const { keys, hmac_keys, tokens, issuer, clients, storage, authorization_base } = fields
  const { metadata_documents, metadata_cache, confidential, confidential_redirects } = clients.value
  const { access, refresh, code } = tokens.value
  const baseline = [...new Set([...scopes.value.map(({ value }) => value), REFRESH_SCOPE])]
  if (baseline.length > MAX_BASELINE_SCOPES)
    report("AF0828", scopes.span, { count: baseline.length, max: MAX_BASELINE_SCOPES })
  return mapping(
    field("issuer", issuer.value, origin(issuer.span)),
    field(
      "authorizationEndpointBaseUrl",
      authorization_base?.value,
      authorization_base && origin(authorization_base.span),
    ),
    field(
      "upstreamProviders",
      login.map((provider) => upstreamProvider(provider, issuer.value, context)),
    ),
    field("signingKeySecretRefs", secretRefs(keys), `${origin(keys.span)}; the first signs, all verify`),
    field("hmacSecretRefs", secretRefs(hmac_keys), `${origin(hmac_keys.span)}; newest first`),
    field(
      "tokenLifespans",
      mapping(
        field("accessTokenLifespan", goDuration(access.value)),
        field("refreshTokenLifespan", goDuration(refresh.value)),
        field("authCodeLifespan", goDuration(code.value)),
      ),
      origin(tokens.span),
    ),
    field("storage", storage && redisStorage(storage.value), storage && origin(storage.span)),
    field(
      "cimd",
      metadata_documents.value
        ? mapping(
            field("enabled", true),
            field("cacheMaxSize", metadata_cache?.value.size?.value),
            field(
              "cacheFallbackTtl",
              metadata_cache?.value.lifetime && goDuration(metadata_cache.value.lifetime.value),
            ),
          )
        : undefined,
      origin(clients.span),
    ),
    field("allowConfidentialClientRegistration", confidential.value || undefined, origin(clients.span)),
    field(
      "forceConfidentialRedirectUris",
      confidential_redirects?.value.map(({ value }) => value),
    ),
    field("delegateClients", delegateClients(server), origin(fields.delegates.span)),
    field("trustedIssuers", trustedIssuers(server), origin(fields.trust.span)),
    field(
      "baselineClientScopes",
      baseline,
      "What every client may ask for, even one that registered for less: the flow's own scopes, and refresh tokens.",
    ),
  )
}
