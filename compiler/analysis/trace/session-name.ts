/**
 * The name of a role session, as the runtime makes it of a claim.
 *
 * @module
 */
import { type Refused, refuse } from "./refuse.ts"
import { sha256 } from "./sha256.ts"

/** What STS accepts as RoleSessionName (API reference, AssumeRoleWithWebIdentity). */
export const sessionNameShape = /^[A-Za-z0-9_+=,.@-]{2,64}$/

/** How a sanitized name ends. A name that ends so by itself is sanitized as well, so that nobody can pose as another. */
const sanitizedShape = /=[0-9a-f]{16}$/

export interface NamedSession {
  readonly name: string
  readonly sanitized: boolean
}

export const nameSession = (
  claim: string,
  onInvalid: "reject" | "sanitize",
  value: unknown,
): NamedSession | Refused => {
  if (typeof value !== "string" || value === "")
    return refuse("session-name-invalid", `the token holds no text in the claim ${claim}`)
  const valid = sessionNameShape.test(value)
  if (onInvalid === "reject" && !valid)
    return refuse(
      "session-name-invalid",
      `the claim ${claim} cannot name a role session: 2 to 64 characters of letters, digits and _+=,.@-`,
    )
  if (onInvalid === "reject" || (valid && !sanitizedShape.test(value))) return { name: value, sanitized: false }
  const name = `${value.replace(/[^A-Za-z0-9_+=,.@-]/g, "-").slice(0, 47)}=${sha256(value).slice(0, 16)}`
  return { name, sanitized: true }
}
