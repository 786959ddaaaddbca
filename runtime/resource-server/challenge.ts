/**
 * The `WWW-Authenticate` challenge of a refused request: RFC 6750 section 3 with RFC 9728 section 5.1's pointer to the
 * protected resource metadata, from which MCP clients find the authorization server.
 *
 * @module
 */
import { type Failure, table } from "../failure.ts"
import { PROOF_ALGORITHMS } from "./dpop.ts"
import { metadataUrl } from "./metadata.ts"

/** What the challenge says of the flow. */
export interface Challenged {
  /** The flow's resource. */
  readonly resource: string
  /** Scopes a token needs there, so that the client can ask for them right away. */
  readonly scopes: readonly string[]
  /** The header that an API key comes in, where the flow's callers have keys and no tokens. */
  readonly keyHeader?: string | undefined
}

/** The header's value, or undefined where the failure's row in the error table is no challenge. */
export const challenge = (failure: Failure, { resource, scopes, keyHeader }: Challenged): string | undefined => {
  const code = table[failure._tag].challenge
  if (code === undefined) return undefined
  if (keyHeader !== undefined) return keyChallenge(code, failure.detail, keyHeader)
  const scope = failure._tag === "ScopeInsufficient" ? failure.required : scopes
  const parameters: Array<readonly [string, string]> = [["resource_metadata", metadataUrl(resource)]]
  if (scope.length > 0) parameters.push(["scope", scope.join(" ")])
  // Section 3.1: a request that carried no token is told no error code.
  if (code !== "none") parameters.push(["error", code], ["error_description", failure.detail])
  // RFC 9449 section 7.1: the scheme is that of the proof, and says which algorithms it may have.
  if (code !== "invalid_dpop_proof") return `Bearer ${written(parameters)}`
  return `DPoP ${written([["algs", PROOF_ALGORITHMS.join(" ")], ...parameters])}`
}

/** No scheme is registered for keys in a header of their own (RFC 9110 section 11.6.1 asks for one all the same). */
const keyChallenge = (code: string, detail: string, header: string): string => {
  const error = code === "none" ? [] : [["error", code] as const, ["error_description", detail] as const]
  if (header.toLowerCase() === "authorization") return `Bearer ${written([["realm", "API key"], ...error])}`
  return `ApiKey ${written([["header", header], ...error])}`
}

const written = (parameters: ReadonlyArray<readonly [string, string]>): string =>
  parameters.map(([name, value]) => `${name}="${quotable(value)}"`).join(", ")

/** RFC 6750 section 3: these values may not hold quotes, backslashes or anything outside printable ASCII. */
const quotable = (text: string) => text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, "?")
