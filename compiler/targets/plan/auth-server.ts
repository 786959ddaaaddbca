/** Lowers a server. */
import type { AuthServer as PlanAuthServer } from "../../../runtime/plan.ts"
import type { AuthServer } from "../../catalogue/auth-server.ts"
import { values } from "../../source/source.ts"

export const lowerAuthServer = ({ name, fields, login, carried }: AuthServer): PlanAuthServer => {
  const [first, ...others] = login
  const { access, refresh, code } = fields.tokens.value
  return {
    name: name.value,
    kind: "auth_server",
    issuer: fields.issuer.value,
    login: [first.name.value, ...others.map((provider) => provider.name.value)],
    // Registered at the providers; the same path as ToolHive's server has.
    redirectUri: `${fields.issuer.value}/oauth/callback`,
    registration: fields.clients.value.registration.value,
    tokens: { access: access.value, refresh: refresh.value, code: code.value },
    claims: carried.map(({ name: claim, provider, from, source }) => ({
      claim,
      provider: provider.name.value,
      from,
      source,
    })),
    keys: values(fields.keys),
    hmacKeys: values(fields.hmac_keys),
  }
}
