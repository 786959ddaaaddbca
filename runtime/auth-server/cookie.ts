/**
 * The server's cookies: their names, and one that only whoever has it can show.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import type { AuthServer as Config } from "../plan.ts"

/**
 * Names of the server's own, because cookies do not know ports (RFC 6265 section 8.5): on loopback the upstream provider and
 * other servers share the host. `__Secure-` keeps plain http from setting them.
 */
export const cookieName = (config: Config, purpose: string) =>
  `${config.issuer.startsWith("https:") ? "__Secure-" : ""}authflow_${config.name}_${purpose}`

/** The value, if it is one of ours. */
export const readCookie = (request: IncomingMessage, name: string): string | undefined => {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=")
    if (key === name && value !== undefined && /^[\w-]{43}$/.test(value)) return value
  }
  return undefined
}

/** What is stored of it: who reads the store cannot show it. */
export const digest = (text: string) => createHash("sha256").update(text).digest("base64url")

/** In a time that says nothing of how alike they are. */
export const equal = (one: string, other: string) => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
