/**
 * What a stand-in token endpoint is asked for by a plan: one service a stage that calls it. The endpoint does these and
 * nothing else, so that what is wrong on the wire is seen.
 *
 * @module
 */
import type { Flow, OAuthClient, Plan, Stage, Subject } from "../../plan.ts"

export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
export const tokenType = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`

export interface Service {
  readonly kind: "token_exchange" | "obo" | "id_jag" | "id_jag_grant" | "jwt_bearer" | "client_credentials"
  readonly grant: string
  readonly client: OAuthClient | undefined
  /** Parameters that have to be there with this value; `undefined`: must not be there. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  /** `aud` of what is issued. */
  readonly audience: string | undefined
  readonly scope: string | undefined
  /** What is issued, for the answer: a URN of RFC 8693. Undefined for grants that do not say it. */
  readonly issuedType: string | undefined
  /** The tokens that it is shown. */
  readonly shown: readonly Subject[]
  /** Of the ID-JAG: who may redeem it. */
  readonly redeemer?: string | undefined
  /** Of the grant: the endpoint that issues ID-JAGs. */
  readonly idp?: string
}

/** Token endpoints of a stage, each with what it does there. */
export const servicesOf = (stage: Stage): ReadonlyArray<readonly [endpoint: string, service: Service]> => {
  switch (stage.kind) {
    case "token_exchange": {
      const { subjectType, actor, audience, resource, requestedType, client, endpoint } = stage
      const scope = joined(stage.scopes)
      const parameters = {
        subject_token_type: tokenType(subjectType),
        actor_token_type: actor && tokenType(actor.type),
        audience,
        resource,
        scope,
        requested_token_type: requestedType && tokenType(requestedType),
      }
      const service: Service = {
        kind: "token_exchange",
        grant: TOKEN_EXCHANGE,
        client,
        parameters,
        audience: audience ?? resource,
        scope,
        issuedType: tokenType(requestedType ?? "access_token"),
        shown: [stage.subject, ...(actor ? [actor.token] : [])],
      }
      return [[endpoint, service]]
    }
    case "obo": {
      const scope = joined(stage.scopes)
      const parameters = { requested_token_use: "on_behalf_of", scope }
      const service: Service = {
        kind: "obo",
        grant: JWT_BEARER,
        client: stage.client,
        parameters,
        audience: resourceOfScope(stage.scopes[0]),
        scope,
        issuedType: undefined,
        shown: [stage.subject],
      }
      return [[stage.endpoint, service]]
    }
    case "jwt_bearer": {
      const scope = joined(stage.scopes)
      const { client, resource } = stage
      const service: Service = {
        kind: "jwt_bearer",
        grant: JWT_BEARER,
        client,
        parameters: { resource, scope },
        audience: resource,
        scope,
        issuedType: undefined,
        shown: [stage.subject],
      }
      return [[stage.endpoint, service]]
    }
    case "client_credentials": {
      const scope = joined(stage.scopes)
      const { client, audience, resource } = stage
      const service: Service = {
        kind: "client_credentials",
        grant: "client_credentials",
        client,
        parameters: { audience, resource, scope },
        audience: audience ?? resource,
        scope,
        issuedType: undefined,
        shown: [],
      }
      return [[stage.endpoint, service]]
    }
    case "xaa": {
      const scope = joined(stage.scopes)
      const { idp, target, audience, resource } = stage
      const jag: Service = {
        kind: "id_jag",
        grant: TOKEN_EXCHANGE,
        client: idp.client,
        parameters: {
          subject_token_type: tokenType("id_token"),
          requested_token_type: tokenType("id-jag"),
          audience,
          resource,
          scope,
        },
        audience,
        scope,
        issuedType: tokenType("id-jag"),
        shown: [stage.subject],
        redeemer: target.client?.id,
      }
      const grant: Service = {
        kind: "id_jag_grant",
        grant: JWT_BEARER,
        client: target.client,
        parameters: { scope },
        audience: resource,
        scope,
        issuedType: undefined,
        shown: [],
        idp: idp.endpoint,
      }
      return [
        [idp.endpoint, jag],
        [target.endpoint, grant],
      ]
    }
    default:
      return []
  }
}

/** Every token endpoint of a plan with all that is asked of it, in the plan's order. */
export const tokenEndpoints = ({ flows }: Plan): ReadonlyMap<string, readonly Service[]> => {
  const endpoints = new Map<string, Service[]>()
  for (const [endpoint, service] of flows.flatMap(({ stages }) => stages.flatMap(servicesOf))) {
    endpoints.set(endpoint, [...(endpoints.get(endpoint) ?? []), service])
  }
  return endpoints
}

/** Who issues the token that a stage of the flow makes, and for whom; undefined for a stage that makes none. */
export const madeBy = (stage: Flow["stages"][number]) => {
  const last = servicesOf(stage).at(-1)
  return last && { issuer: new URL(last[0]).origin, audience: last[1].audience, service: last[1] }
}

const joined = (scopes: readonly string[]): string | undefined => (scopes.length > 0 ? scopes.join(" ") : undefined)

/** Entra: `api://orders/.default` is a scope of `api://orders`. */
const resourceOfScope = (scope: string): string => scope.replace(/\/[^/]*$/, "")
