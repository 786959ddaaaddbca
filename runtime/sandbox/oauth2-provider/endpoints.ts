/**
 * Where an OAuth 2.0 provider of a plan has its endpoints: those that the file names, at their own paths on one address.
 *
 * @module
 */
import type { OAuth2Provider } from "../../plan.ts"

/** Paths. */
export interface Endpoints {
  readonly authorization: string
  readonly token: string
  readonly userinfo: string | undefined
  readonly registration: string | undefined
  /** Of the metadata document that names the registration endpoint. */
  readonly metadata: string | undefined
}

/** Where clients register when the file names a metadata document only. */
const REGISTRATION = "/sandbox/register"

export const endpointsOf = ({ authorizationEndpoint, tokenEndpoint, client, identity }: OAuth2Provider): Endpoints => {
  const { registration } = client
  const pathOf = (url: string | undefined) => (url === undefined ? undefined : new URL(url).pathname)
  return {
    authorization: new URL(authorizationEndpoint).pathname,
    token: new URL(tokenEndpoint).pathname,
    userinfo: identity.from === "userinfo" ? pathOf(identity.request.endpoint) : undefined,
    registration: pathOf(registration?.endpoint) ?? (registration?.discovery === undefined ? undefined : REGISTRATION),
    metadata: pathOf(registration?.discovery),
  }
}

/** The path that two of them would have: on one address they could not be told apart. */
export const sharedPath = (endpoints: Endpoints): string | undefined => {
  const paths = Object.values(endpoints).filter((path) => path !== undefined)
  return paths.find((path, at) => paths.indexOf(path) !== at)
}

/** The provider with its endpoints on another origin, at the same paths. */
export const movedTo = (provider: OAuth2Provider, origin: string, issuer: string | undefined): OAuth2Provider => {
  const move = (url: string) => origin + url.replace(/^[a-z]+:\/\/[^/?#]*/i, "")
  const { client, identity } = provider
  const { registration } = client
  return {
    ...provider,
    ...(issuer !== undefined && { issuer }),
    authorizationEndpoint: move(provider.authorizationEndpoint),
    tokenEndpoint: move(provider.tokenEndpoint),
    client: {
      ...client,
      ...(registration !== undefined && {
        registration: {
          ...registration,
          ...(registration.endpoint !== undefined && { endpoint: move(registration.endpoint) }),
          ...(registration.discovery !== undefined && { discovery: move(registration.discovery) }),
        },
      }),
    },
    identity:
      identity.from === "userinfo"
        ? { from: "userinfo", request: { ...identity.request, endpoint: move(identity.request.endpoint) } }
        : identity,
  }
}
