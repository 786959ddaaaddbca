/**
 * Which tokens a plan shows to STS: their issuer and audience. The identity provider issues them so, the trust policies
 * expect them so.
 *
 * @module
 */
import { realmOf } from "../auth-server/claims.ts"
import { askedOf } from "../plan/token-issuer.ts"
import type { Flow, Plan, Provider, TokenRef } from "../plan.ts"

/** What STS sees of a token that a flow shows it. `audience` is undefined where each client has another one. */
export interface SubjectToken {
  readonly issuer: string
  readonly audience: string | undefined
}

/** The `aud` of a provider's access token for a client of ours, when no caller asked for a resource. */
export const accessTokenAudience = (provider: Provider): string | undefined =>
  provider.accessToken.audience ?? provider.client?.id

/** The audience that a flow asks of the tokens its callers bring. */
export const flowAudience = (flow: Flow): string | undefined => askedOf(flow.stages[0])?.audience

/** The token that a stage of this flow shows. Undefined when its issuer is not in the plan. */
export const subjectToken = (plan: Plan, flow: Flow, subject: TokenRef): SubjectToken | undefined => {
  const provider = plan.providers.find(({ name }) => name === subject.issuer)
  if (provider?.kind === "oauth2")
    return { issuer: provider.accessToken.issuer ?? realmOf(provider), audience: accessTokenAudience(provider) }
  if (provider !== undefined) {
    // The token the caller brought is made for this flow; one that we got at login is made for our client.
    const brought = flow.stages.some((stage) => stage.kind === "identify.oidc" && stage.provider === provider.name)
    if (subject.kind === "access_token") {
      return { issuer: provider.issuer, audience: brought ? flowAudience(flow) : accessTokenAudience(provider) }
    }
    return { issuer: provider.issuer, audience: provider.client?.id }
  }
  const server = plan.servers.find(({ name }) => name === subject.issuer)
  if (server === undefined) {
    const [identify] = flow.stages
    const own = identify.kind === "identify.service_accounts" && identify.cluster.name === subject.issuer
    return own ? { issuer: identify.cluster.issuer, audience: identify.audience } : undefined
  }
  return { issuer: server.issuer, audience: subject.kind === "access_token" ? flowAudience(flow) : undefined }
}
