/** Lowers a provider. */
import type { OidcProvider } from "../../../runtime/plan.ts"
import type { ClaimSet } from "../../catalogue/claims.ts"
import type { Provider } from "../../catalogue/oidc.ts"

export const lowerProvider = ({
  name,
  fields,
  client,
  idToken,
  accessToken,
  userinfo,
  algorithms,
}: Provider): OidcProvider => {
  const [first = "RS256", ...others] = algorithms
  const asked = fields.introspection?.value
  return {
    name: name.value,
    kind: "oidc",
    issuer: fields.issuer.value,
    ...(client && {
      client: { id: client.id, ...(client.secret && { secret: client.secret }), scopes: client.scopes },
    }),
    accessToken: {
      format: accessToken.format,
      ...(accessToken.audience !== undefined && { audience: accessToken.audience }),
    },
    ...(asked && {
      introspection: {
        url: asked.url.value,
        ...(asked.client_id &&
          asked.client_secret && { client: { id: asked.client_id.value, secret: asked.client_secret.value } }),
      },
    }),
    ...(fields.jwks_url && { jwksUrl: fields.jwks_url.value }),
    ...(fields.ca && { ca: fields.ca.value }),
    algorithms: [first, ...others],
    claims: {
      idToken: declared(idToken?.claims),
      accessToken: declared(accessToken.claims),
      userinfo: declared(userinfo),
    },
  }
}

/** The claims that the file declares; the standards' own go without saying. */
const declared = (claims: ClaimSet | undefined): readonly string[] =>
  [...(claims?.values() ?? [])].filter((claim) => claim.declared !== undefined).map(({ name }) => name)
