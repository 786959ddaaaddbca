/**
 * RFC 8707 resource indicators: which resources this server issues tokens for, and how clients may spell them.
 *
 * A resource has one canonical spelling, the plan's, which is what `aud` says. Clients in the field add or lose a trailing
 * slash (the MCP SDK's `URL` does), so both spellings are taken; everything else has to match exactly.
 *
 * @module
 */
import type { ProtectedResource } from "./auth-server.ts"

export interface Resources {
  readonly all: readonly ProtectedResource[]
  /** The resource a client means, or undefined when there is none here. */
  readonly find: (indicator: string) => ProtectedResource | undefined
  /**
   * Those that a request's `resource` means, else those that the token is for, else the only one: every flow of each, for two
   * may share a resource.
   */
  readonly asked: (
    params: { readonly resource?: unknown } | undefined,
    token?: { readonly resource?: unknown },
  ) => readonly ProtectedResource[]
  /** The resource of a request that names none: only when there is exactly one, so that nothing is guessed. */
  readonly only: ProtectedResource | undefined
  /**
   * Both spellings of it. An authorization request is made to ask for both, so that the token request may use either: the
   * engine compares the two requests' indicators as strings.
   */
  readonly spellings: (resource: ProtectedResource) => readonly [canonical: string, other: string]
}

export const resources = (all: readonly ProtectedResource[]): Resources => {
  const bySpelling = new Map<string, ProtectedResource>()
  for (const each of all) bySpelling.set(other(each.resource), each)
  // After the others: where one resource's other spelling is another resource's canonical one, the canonical one wins.
  for (const each of all) bySpelling.set(each.resource, each)
  const distinct = new Set(all.map(({ resource }) => resource))
  return {
    all,
    find: (indicator) => bySpelling.get(indicator),
    asked: (params, token) => {
      const named = [params?.resource ?? token?.resource ?? (distinct.size === 1 ? [...distinct] : [])].flat()
      const meant = new Set(named.map((indicator) => bySpelling.get(String(indicator))?.resource))
      return all.filter(({ resource }) => meant.has(resource))
    },
    only: distinct.size === 1 ? all[0] : undefined,
    spellings: ({ resource }) => [resource, other(resource)],
  }
}

const other = (resource: string) => (resource.endsWith("/") ? resource.slice(0, -1) : `${resource}/`)
