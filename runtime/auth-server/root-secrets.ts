/**
 * The secrets that an authorization server derives its symmetric keys from: for its cookies, for what it stores, for refresh
 * tokens. Each key is derived for its purpose and this issuer alone (RFC 5869), so that two servers that share a secret do not
 * accept each other's cookies, nor one purpose's keys tell of another's.
 *
 * @module
 */
import { hkdfSync, randomBytes } from "node:crypto"
import { Effect, Redacted } from "effect"
import type { AuthServer } from "../plan.ts"
import { Secrets } from "../secrets.ts"
import { AuthServerMisconfigured } from "./start-failure.ts"

/** Newest first. */
export type Roots = readonly [Uint8Array, ...Uint8Array[]]

/** Least length of a symmetric secret, as ToolHive asks for. */
const BYTES = 32

/** The operator's; undefined when none are given. Fails with AuthServerMisconfigured or SecretMissing. */
export const hmacRoots = Effect.fn("AuthServer.hmacRoots")(function* (config: AuthServer) {
  const secrets = yield* Secrets
  const roots: Uint8Array[] = []
  for (const ref of config.hmacKeys) {
    const secret = Buffer.from(Redacted.value(yield* secrets.get(ref)))
    if (secret.length < BYTES) {
      return yield* new AuthServerMisconfigured({
        server: config.name,
        reason: `the secret ${ref.name}/${ref.key} in hmac_keys has ${secret.length} bytes; ${BYTES} is the least`,
      })
    }
    roots.push(secret)
  }
  const [newest, ...older] = roots
  return newest === undefined ? undefined : ([newest, ...older] as const)
})

/** One that dies with the process. */
export const freshRoot = (): Uint8Array => randomBytes(BYTES)

export const deriveKey = (root: Uint8Array, purpose: string, issuer: string): Buffer =>
  Buffer.from(hkdfSync("sha256", root, "", `authflow ${purpose} of ${issuer}`, 32))
