/**
 * The signing keys of an outside issuer: found by its metadata, kept, and fetched again when a token names a key that is not
 * among them.
 *
 * Nothing is fetched before the first token comes, so an issuer that is out does not keep the proxy from starting. Its outage
 * is IssuerUnavailable and never the token's fault; keys that were fetched before go on verifying through it.
 *
 * @module
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose"
import { IssuerUnavailable } from "../failure.ts"
import { type IssuerClient, issuerClient, Unusable } from "./issuer-client.ts"

/** Milliseconds. */
const FRESH = 5 * 60_000
/** A key set older than this no longer verifies when the issuer is out: it may have been revoked long ago. */
const USABLE = 24 * 60 * 60_000
/** Least time between two fetches, so that tokens with made-up key ids do not make us a flood. */
const COOLDOWN = 30_000
/** After a failed fetch. */
const RETRY = 2_000
const MAX_KEYS = 100

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>
  readonly fetchedAt: number
}

export interface KeySource {
  /** Exact issuer identifier. */
  readonly issuer: string
  /** As the plan calls it, for messages. */
  readonly name: string
  /** Where the keys are, when the metadata is not to be asked. */
  readonly jwksUrl?: string | undefined
}

export const issuerKeys = (
  source: KeySource,
  client: IssuerClient = issuerClient(),
  now: () => number = Date.now,
): JWTVerifyGetKey => {
  const { name } = source
  let current: KeySet | undefined
  let flight: Promise<KeySet> | undefined
  let failed: { readonly at: number; readonly error: IssuerUnavailable } | undefined

  /** One fetch at a time; a failure is remembered for a moment, so that an outage does not pile up requests. */
  const fetched = (): Promise<KeySet> => {
    if (flight !== undefined) return flight
    if (failed !== undefined && now() - failed.at < RETRY) return Promise.reject(failed.error)
    flight = fetchKeys(source, client)
      .then((set) => {
        failed = undefined
        current = { find: createLocalJWKSet(set), fetchedAt: now() }
        return current
      })
      .catch((cause: unknown) => {
        const why = cause instanceof Unusable ? cause.message : "it cannot be reached"
        const error = new IssuerUnavailable({ detail: `the keys of ${name} cannot be had: ${why}`, retryAfter: 5 })
        failed = { at: now(), error }
        throw error
      })
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  const usable = async (): Promise<KeySet> => {
    const known = current
    if (known === undefined || now() - known.fetchedAt > USABLE) return fetched()
    // Fetched behind the request's back: its failure only shows when the keys get too old.
    if (now() - known.fetchedAt > FRESH) fetched().catch(() => {})
    return known
  }

  return async (header, token) => {
    const known = await usable()
    try {
      return await known.find(header, token)
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey) || now() - known.fetchedAt < COOLDOWN) throw cause
      // The issuer may have rotated its keys. While it is out we cannot tell, so this is no verdict on the token.
      return (await fetched()).find(header, token)
    }
  }
}

const fetchKeys = async (
  { issuer, jwksUrl }: Pick<KeySource, "issuer" | "jwksUrl">,
  client: IssuerClient,
): Promise<JSONWebKeySet> => {
  const uri = jwksUrl ?? (await jwksUri(issuer, client))
  const keys = (await client.get(uri))?.["keys"]
  if (!Array.isArray(keys)) throw new Unusable("its key set is not a JWK set")
  if (keys.length > MAX_KEYS) throw new Unusable(`its key set has more than ${MAX_KEYS} keys`)
  // Symmetric keys have no place in a public set, and must never verify a token.
  return { keys: keys.filter((key) => typeof key === "object" && key !== null && key.kty !== "oct") }
}

/** OpenID Connect Discovery section 4, then RFC 8414 section 3 for issuers that are plain OAuth. */
const jwksUri = async (issuer: string, client: IssuerClient): Promise<string> => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, "")
  const openid = `${origin}${path}/.well-known/openid-configuration`
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`
  const metadata = (await client.get(openid)) ?? (await client.get(oauth))
  if (metadata === undefined) throw new Unusable("it publishes no metadata")
  // Both documents' section 3.3: otherwise one issuer could pass its keys off as another's.
  if (metadata["issuer"] !== issuer) throw new Unusable("its metadata names another issuer")
  const uri = metadata["jwks_uri"]
  if (typeof uri !== "string" || !isSafe(uri)) throw new Unusable("its metadata names no https jwks_uri")
  return uri
}

/** https, or http on a loopback address. */
const isSafe = (uri: string) => {
  const { protocol, hostname } = URL.parse(uri) ?? {}
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname ?? ""))
}
