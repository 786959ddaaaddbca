/**
 * Signing keys of AWS Signature Version 4: derived from a secret for one day, region and service, and kept while they are used.
 *
 * @module
 */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto"

/** Keys kept; each is some hundred bytes. */
const CAPACITY = 10_000

interface Kept {
  readonly secret: string
  readonly date: string
  readonly key: KeyObject
}

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest()

/**
 * Makes the derivation for one region and service. `date` is `YYYYMMDD`. A key is kept by the id of the credentials, and given
 * out only for the secret that it was derived from.
 */
export const signingKeys = (region: string, service: string) => {
  const kept = new Map<string, Kept>()
  return (accessKeyId: string, secret: string, date: string): KeyObject => {
    const found = kept.get(accessKeyId)
    if (found?.secret === secret && found.date === date) return found.key
    // As an object: Node takes a key of bytes apart again with each use, which costs more than the rest of a signature.
    const key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request"))
    kept.delete(accessKeyId)
    const [oldest] = kept.size < CAPACITY ? [] : kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
    kept.set(accessKeyId, { secret, date, key })
    return key
  }
}
