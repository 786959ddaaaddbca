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
import { API_VERSION, MAX_BASELINE_SCOPES, REFRESH_SCOPE } from "./engine.ts"
import { goDuration } from "./go-duration.ts"
import { field, type Manifest, mapping } from "./manifest.ts"
import { kubernetesName, labelProblem } from "./names.ts"
import { refuseProvider, upstreamProvider } from "./provider.ts"
import { secretRef } from "./secret-ref.ts"

const refuse = ({ name, span, fields, login, carried }: AuthServer, { report }: Context): void => {
  const { issuer, clients, keys, hmac_keys, claims } = fields
  const url = new URL(issuer.value)
  if (url.protocol !== "https:")
    report("AF0807", issuer.span, { what: `the issuer of \`${name.value}\``, url: issuer.value })
  if (url.pathname !== "/") report("AF0806", issuer.span, { issuer: issuer.value, path: url.pathname })
  else if (issuer.value.endsWith("/")) report("AF0832", issuer.span, { issuer: issuer.value })
  if (login.length > 1) report("AF0804", fields.login.span, { server: name.value, count: login.length })
  const { registration } = clients.value
  if (registration.value === "none") report("AF0805", registration.span, { server: name.value })
  if (claims !== undefined && carried.length > 0) {
    report("AF0803", claims.span, { server: name.value, claims: carried.map((each) => each.name) })
  }
  if (keys.value.length === 0) report("AF0824", span, { server: name.value, field: "keys", dies: "every access token" })
  if (hmac_keys.value.length === 0) {
    report("AF0824", span, { server: name.value, field: "hmac_keys", dies: "every refresh token and code" })
  }
  const problem = labelProblem(kubernetesName(name.value))
  if (problem !== undefined) report("AF0820", name.span, { what: "server", name: name.value, problem })
}

const secretRefs = ({ value }: Located<readonly Located<SecretRef>[]>, context: Context) =>
  value.length === 0 ? undefined : value.map((secret) => secretRef(secret, context))

/** `scopes` are those that the flow asks of its callers. */
export const embeddedAuthServer = (
  server: AuthServer,
  scopes: Located<readonly Located<string>[]>,
  context: Context,
): Manifest => {
  refuse(server, context)
  const { origin, report } = context
  const { name, span, fields, login } = server
  const [provider] = login
  refuseProvider(provider, context)
  const { keys, hmac_keys, tokens, issuer } = fields
  const { access, refresh, code } = tokens.value
  const baseline = [...new Set([...scopes.value.map(({ value }) => value), REFRESH_SCOPE])]
  if (baseline.length > MAX_BASELINE_SCOPES)
    report("AF0833", scopes.span, { count: baseline.length, max: MAX_BASELINE_SCOPES })
  return {
    comment: `The authorization server that MCP clients talk OAuth to, ${origin(span)}`,
    apiVersion: API_VERSION,
    kind: "MCPExternalAuthConfig",
    name: kubernetesName(name.value),
    spec: mapping(
      field("type", "embeddedAuthServer"),
      field(
        "embeddedAuthServer",
        mapping(
          field("issuer", issuer.value, origin(issuer.span)),
          field("upstreamProviders", [upstreamProvider(provider, issuer.value, context)]),
          field("signingKeySecretRefs", secretRefs(keys, context), `${origin(keys.span)}; the first signs, all verify`),
          field("hmacSecretRefs", secretRefs(hmac_keys, context), `${origin(hmac_keys.span)}; newest first`),
          field(
            "tokenLifespans",
            mapping(
              field("accessTokenLifespan", goDuration(access.value)),
              field("refreshTokenLifespan", goDuration(refresh.value)),
              field("authCodeLifespan", goDuration(code.value)),
            ),
            origin(tokens.span),
          ),
          field(
            "baselineClientScopes",
            baseline,
            "What every client may ask for, even one that registered for less: the flow's own scopes, and refresh tokens.",
          ),
        ),
      ),
    ),
  }
}
