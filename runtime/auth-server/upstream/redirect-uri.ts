/**
 * Where a provider sends browsers back to.
 *
 * @module
 */
import type { AuthServer, Provider } from "../../plan.ts"

/**
 * Where the provider sends browsers back to. Each further login has an address of its own: so an answer cannot be taken for
 * one of another provider, even where no issuer is said in it (RFC 9700 section 4.4.2.2).
 */
export const redirectUriOf = (config: AuthServer, provider: Provider): string => {
  const said = provider.client?.redirectUri
  if (said !== undefined) return said
  return config.login[0] === provider.name ? config.redirectUri : `${config.redirectUri}/${provider.name}`
}
