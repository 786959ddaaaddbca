/**
 * Our registrations at an OAuth 2.0 provider: the one that the plan names, or those that we make ourselves (RFC 7591).
 *
 * A registration that was made is kept, with its secret, for everybody who shares the store: a refresh token is good only for
 * the client that it was issued to, so an older registration stays findable after a newer one has taken its place.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import { Redacted } from "effect"
import * as client from "openid-client"
import type { ClientRegistration, OAuth2Provider } from "../../plan.ts"
import type { Store } from "../store.ts"
import { textWithin } from "./body.ts"
import { Unavailable, Untrustworthy } from "./classify.ts"
import { parseObject } from "./json-path.ts"
import { type Document, TIMEOUT } from "./upstream.ts"

/** Us at the provider. */
export interface Registration {
  readonly id: string
  readonly authentication: client.ClientAuth
}

/** Each rejects with what `classify` understands. */
export interface Registrations {
  /** The one to log people in with. */
  readonly current: () => Promise<Registration>
  /** The one of this identifier, if it is ours. */
  readonly find: (id: string) => Promise<Registration | undefined>
  /** The provider does not know it any more. */
  readonly forget: (registration: Registration) => Promise<void>
}

/** A registration that the operator has made. ToolHive sends the secret in the form, and so does this. */
export const given = (id: string, secret: Redacted.Redacted<string> | undefined): Registrations => {
  const registration = {
    id,
    authentication: secret === undefined ? client.None() : client.ClientSecretPost(Redacted.value(secret)),
  }
  return {
    current: async () => registration,
    find: async (other) => (other === id ? registration : undefined),
    forget: async () => {},
  }
}

/** Kinds of records: the current registration by provider, and every one by provider and identifier. */
const CURRENT = "UpstreamClient"
const EVERY = "UpstreamClientById"

/** Seconds that one who registers has for it, before another may. */
const LEASE = 30
/** Milliseconds between looks at what another one does. */
const LOOK = 200
/** Bytes of metadata or of a registration. */
const MAX_ANSWER = 64 * 1024

interface Made {
  readonly id: string
  readonly secret: string | undefined
  readonly method: string
  /** Epoch seconds; 0: never. */
  readonly expiresAt: number
  readonly redirectUri: string
}

export const registering = (options: {
  readonly provider: OAuth2Provider
  readonly registration: ClientRegistration
  readonly initialAccessToken: Redacted.Redacted<string> | undefined
  readonly redirectUri: string
  readonly store: Store
}): Registrations => {
  const { provider, redirectUri, store } = options
  const everyId = (id: string) => JSON.stringify([provider.name, id])

  const usable = async (): Promise<Made | undefined> => {
    const made = (await store.get(CURRENT, provider.name)) as Made | undefined
    // One for another address is of an earlier configuration.
    if (made === undefined || made.redirectUri !== redirectUri) return undefined
    return made.expiresAt === 0 || made.expiresAt > Date.now() / 1000 + LEASE ? made : undefined
  }

  const current = async (): Promise<Registration> => {
    const owner = randomUUID()
    const lease = `${CURRENT} ${provider.name}`
    for (let waited = 0; waited <= LEASE * 1000; waited += LOOK) {
      const known = await usable()
      if (known !== undefined) return asRegistration(known)
      if (!(await store.lease(lease, owner, LEASE))) {
        await pause(LOOK)
        continue
      }
      try {
        // Somebody may have been done just before the lease was free.
        const made = (await usable()) ?? (await register(options))
        await store.put(EVERY, everyId(made.id), { ...made })
        await store.put(CURRENT, provider.name, { ...made })
        return asRegistration(made)
      } finally {
        await store.release(lease, owner)
      }
    }
    throw new Unavailable("the registration there is not done yet")
  }

  return {
    current,
    find: async (id) => {
      const made = (await store.get(EVERY, everyId(id))) as Made | undefined
      return made === undefined ? undefined : asRegistration(made)
    },
    forget: async ({ id }) => {
      const known = (await store.get(CURRENT, provider.name)) as Made | undefined
      if (known?.id === id) await store.remove(CURRENT, provider.name)
    },
  }
}

const asRegistration = ({ id, secret, method }: Made): Registration => {
  if (secret === undefined) return { id, authentication: client.None() }
  const post = method === "client_secret_post"
  return { id, authentication: post ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret) }
}

const register = async ({
  provider,
  registration,
  initialAccessToken,
  redirectUri,
}: Parameters<typeof registering>[0]): Promise<Made> => {
  const { endpoint, methods } = await whereToRegister(registration)
  const { scopes } = provider.client
  const method = ["client_secret_basic", "client_secret_post", "none"].find((each) => methods.includes(each))
  if (method === undefined)
    throw new Untrustworthy("registration", "it has no way for us to authenticate at its token endpoint")
  const answer = await json(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(initialAccessToken !== undefined && { authorization: `Bearer ${Redacted.value(initialAccessToken)}` }),
    },
    body: JSON.stringify({
      client_name: "authflow",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: method,
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      ...(registration.softwareId !== undefined && { software_id: registration.softwareId }),
      ...(registration.softwareStatement !== undefined && { software_statement: registration.softwareStatement }),
    }),
  })
  const { client_id: id, client_secret: secret, client_secret_expires_at: expiresAt } = answer
  if (typeof id !== "string" || id === "") throw new Untrustworthy("registration", "its registration has no client_id")
  const got = answer["token_endpoint_auth_method"]
  return {
    id,
    secret: typeof secret === "string" ? secret : undefined,
    method: typeof got === "string" ? got : method,
    expiresAt: typeof expiresAt === "number" ? expiresAt : 0,
    redirectUri,
  }
}

/** The endpoint, and the ways to authenticate at the token endpoint. RFC 8414 section 2: basic where it does not say. */
const whereToRegister = async ({ endpoint, discovery }: ClientRegistration) => {
  if (endpoint !== undefined) return { endpoint, methods: ["client_secret_basic"] }
  const metadata = await json(discovery ?? "", { method: "GET" })
  const found = metadata["registration_endpoint"]
  const supported = metadata["token_endpoint_auth_methods_supported"]
  // The secret that comes back is in the answer: it travels as the plan's own URLs do.
  if (typeof found !== "string" || !(found.startsWith("https://") || sameLoopback(found, discovery ?? "")))
    throw new Untrustworthy("registration", "its metadata names no registration endpoint with https")
  return { endpoint: found, methods: Array.isArray(supported) ? supported : ["client_secret_basic"] }
}

const sameLoopback = (found: string, discovery: string) =>
  discovery.startsWith("http:") && URL.parse(found)?.origin === new URL(discovery).origin

const json = async (url: string, request: RequestInit): Promise<Document> => {
  const response = await fetch(url, {
    ...request,
    headers: { accept: "application/json", ...request.headers },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT * 1000),
  })
  if (response.status >= 500 || response.status === 429)
    throw new Unavailable(`its registration answered ${response.status}`)
  if (!response.ok) throw new Untrustworthy("registration", `its registration answered ${response.status}`)
  const text = await textWithin(response, MAX_ANSWER)
  const answer = text === undefined ? undefined : parseObject(text)
  if (answer === undefined) throw new Untrustworthy("registration", "its registration answered no JSON object")
  return answer
}
