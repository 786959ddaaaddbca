/**
 * Protected resource metadata (RFC 9728): where a client that knows only the resource learns which authorization server
 * issues tokens for it.
 *
 * @module
 */
import type { ServerResponse } from "node:http"

const WELL_KNOWN = "/.well-known/oauth-protected-resource"

/** RFC 9728 section 3.1: the well-known part goes between host and path; a path of just `/` is no path. */
export const metadataPath = (resource: string): string => {
  const { pathname } = new URL(resource)
  return WELL_KNOWN + pathname.replace(/\/$/, "")
}

export const metadataUrl = (resource: string): string => new URL(resource).origin + metadataPath(resource)

/** What the document says. */
export interface ResourceMetadata {
  readonly resource: string
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
  /** For people: the flow's name. */
  readonly name: string
}

/** RFC 9728 section 2. `offline_access` is no scope of a resource, and MCP asks not to advertise it here. */
export const metadataDocument = ({ resource, authorizationServers, scopes, name }: ResourceMetadata) => {
  const advertised = scopes.filter((scope) => scope !== "offline_access")
  return {
    resource,
    authorization_servers: authorizationServers,
    ...(advertised.length > 0 ? { scopes_supported: advertised } : {}),
    bearer_methods_supported: ["header"],
    resource_name: name,
  }
}

/**
 * Answers a request for the document. It is public and says the same to everybody, so scripts of any origin may read it:
 * clients that live in a browser cannot log in otherwise.
 */
export const respondMetadata = (
  method: string | undefined,
  response: ServerResponse,
  metadata: ResourceMetadata,
): void => {
  response.setHeader("access-control-allow-origin", "*")
  if (method === "OPTIONS") {
    response.setHeader("access-control-allow-methods", "GET")
    // MCP clients send their protocol version along.
    response.setHeader("access-control-allow-headers", "*, authorization, mcp-protocol-version")
    response.setHeader("access-control-max-age", "3600")
    response.writeHead(204).end()
    return
  }
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD, OPTIONS" }).end()
    return
  }
  response.writeHead(200, { "content-type": "application/json", "cache-control": "public, max-age=300" })
  response.end(method === "HEAD" ? undefined : JSON.stringify(metadataDocument(metadata)))
}
