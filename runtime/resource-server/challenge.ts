/**
 * The `WWW-Authenticate` challenge of a refused request: RFC 6750 section 3 with RFC 9728 section 5.1's pointer to the
 * protected resource metadata, from which MCP clients find the authorization server.
 *
 * @module
 */
import { type Failure, table } from "../failure.ts"
import { metadataUrl } from "./metadata.ts"

/** What the challenge says of the flow. */
export interface Challenged {
  /** The flow's resource. */
  readonly resource: string
  /** Scopes a token needs there, so that the client can ask for them right away. */
  readonly scopes: readonly string[]
}

/** The header's value, or undefined where the failure's row in the error table is no challenge. */
export const challenge = (failure: Failure, { resource, scopes }: Challenged): string | undefined => {
  const code = table[failure._tag].challenge
  if (code === undefined) return undefined
  const scope = failure._tag === "ScopeInsufficient" ? failure.required : scopes
  const parameters: Array<readonly [string, string]> = [["resource_metadata", metadataUrl(resource)]]
  if (scope.length > 0) parameters.push(["scope", scope.join(" ")])
  // Section 3.1: a request that carried no token is told no error code.
  if (code !== "none") parameters.push(["error", code], ["error_description", failure.detail])
  return `Bearer ${parameters.map(([name, value]) => `${name}="${quotable(value)}"`).join(", ")}`
}

/** RFC 6750 section 3: these values may not hold quotes, backslashes or anything outside printable ASCII. */
const quotable = (text: string) => text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, "?")
