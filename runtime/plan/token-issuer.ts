/**
 * What token references call the issuer of the token that a flow's callers come with.
 *
 * @module
 */
import type { Stage } from "../plan.ts"

/** `undefined` where they come without one, or the stage is no `identify`. */
export const tokenIssuerOf = (stage: Stage): string | undefined => {
  switch (stage.kind) {
    case "identify.auth_server":
      return stage.server
    case "identify.oidc":
      return stage.provider
    case "identify.any_of":
      return stage.callers
    case "identify.service_accounts":
      return stage.cluster.name
    default:
      return undefined
  }
}

/** The audience and the scopes that the token has to have; `undefined` likewise. */
export const askedOf = (
  stage: Stage,
): { readonly audience: string; readonly scopes: readonly string[] } | undefined => {
  switch (stage.kind) {
    case "identify.auth_server":
    case "identify.oidc":
    case "identify.any_of":
      return stage
    case "identify.service_accounts":
      return { audience: stage.audience, scopes: [] }
    default:
      return undefined
  }
}
