/**
 * `act` (RFC 8693 section 4.1): who acts for the person, and for whom that one acts, outermost first.
 *
 * @module
 */
import { errors } from "oidc-provider"

/** Parties in a chain, and bytes of it as JSON, as ToolHive bounds them. */
const MAX_DEPTH = 10
const MAX_BYTES = 8192

export interface Actor {
  readonly iss: string
  readonly sub: string
  readonly act?: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The chain with one more in front. Throws InvalidGrant where it is no chain, or too long a one. */
export const actingFor = (actor: Omit<Actor, "act">, before: unknown): Actor => {
  const chain: Actor = before === undefined ? actor : { ...actor, act: before }
  let depth = 0
  for (let each: unknown = chain; each !== undefined; each = Reflect.get(each, "act")) {
    if (!isObject(each) || typeof each["sub"] !== "string") throw new errors.InvalidGrant("act is not well-formed")
    if (++depth > MAX_DEPTH) throw new errors.InvalidGrant(`more than ${MAX_DEPTH} act for one another`)
  }
  if (Buffer.byteLength(JSON.stringify(chain)) > MAX_BYTES) throw new errors.InvalidGrant("act is too large")
  return chain
}
