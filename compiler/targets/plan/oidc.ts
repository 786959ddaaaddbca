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
