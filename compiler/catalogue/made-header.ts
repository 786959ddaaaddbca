/**
 * Headers of the request that leaves whose value a stage makes: named in tests and traces by what makes it, and never shown.
 *
 * @module
 */
import type { Credential } from "./credential.ts"

/**
 * `sigv4`: the signature. `session_token`: that of the role session. `time`: of signing. `hash`: of the body. `token`: a token
 * of the person's, or one it was exchanged for. `secret`: from a secret.
 */
export type MadeHeader = "sigv4" | "session_token" | "time" | "hash" | "token" | "secret"

/** As they are written behind `==`. */
export const madeWords: readonly string[] = [
  "sigv4",
  "session_token",
  "time",
  "hash",
  "token",
  "secret",
] satisfies readonly MadeHeader[]

const SIGNATURE = new Map<string, MadeHeader>([
  ["authorization", "sigv4"],
  ["x-amz-security-token", "session_token"],
  ["x-amz-date", "time"],
  ["x-amz-content-sha256", "hash"],
])

/** By lower-case name, those that come of the credential that the upstream is shown. */
export const madeHeaders = (shown: Credential): ReadonlyMap<string, MadeHeader> => {
  switch (shown.tag) {
    case "SignedRequest":
      return SIGNATURE
    case "Token":
      return new Map([[shown.header.toLowerCase(), "token"]])
    case "Headers":
      return new Map(shown.names.map((name) => [name.toLowerCase(), "secret"]))
    default:
      return new Map()
  }
}
