/**
 * A provider of any kind: what the rest of the compiler knows of it.
 *
 * @module
 */
import type { Located } from "../source/source.ts"
import type { AuthServer } from "./auth-server.ts"
import type { OAuth2Provider } from "./oauth2.ts"
import type { OidcProvider } from "./oidc.ts"

export type Provider = OidcProvider | OAuth2Provider

/** What a reader knows it by: its issuer, or where people are sent. */
export const addressOf = (declared: Provider | AuthServer): Located<string> =>
  declared.kind === "oauth2" ? declared.fields.authorization_endpoint : declared.fields.issuer
