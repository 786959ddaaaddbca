/**
 * The certificate that the proxy shows when TLS ends in it.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto"
import type { SecureContextOptions, TlsOptions } from "node:tls"
import { Redacted, Result } from "effect"

/** PEM texts. */
export interface ServerCertificate {
  /** The server's own certificate first, then those between it and the root. */
  readonly chain: string
  readonly key: Redacted.Redacted<string>
  /** Who issues the certificates of callers. Callers are asked for one when it is there; a stage decides what it is worth. */
  readonly clientAuthorities?: string | undefined
}

/** Why it cannot be shown, in one sentence with nothing of the key in it. */
export const checkCertificate = ({ chain, key, clientAuthorities }: ServerCertificate): Result.Result<void, string> => {
  const certificate = attempt(() => new X509Certificate(chain))
  if (certificate === undefined) return Result.fail("the certificate is not one in PEM")
  const own = attempt(() => createPrivateKey(Redacted.value(key)))
  if (own === undefined) return Result.fail("the key is not an unencrypted private key in PEM")
  if (!certificate.checkPrivateKey(own)) return Result.fail("the key does not belong to the certificate")
  if (Date.parse(certificate.validTo) <= Date.now())
    return Result.fail(`the certificate has expired, on ${certificate.validTo}`)
  if (clientAuthorities !== undefined && attempt(() => new X509Certificate(clientAuthorities)) === undefined) {
    return Result.fail("the certificate of the clients' authority is not one in PEM")
  }
  return Result.succeed(undefined)
}

const attempt = <A>(make: () => A): A | undefined => {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** For Node's server. RFC 9325 section 3.1.1: nothing below TLS 1.2. */
export const secureContext = ({
  chain,
  key,
  clientAuthorities,
}: ServerCertificate): SecureContextOptions & TlsOptions => ({
  cert: chain,
  key: Redacted.value(key),
  minVersion: "TLSv1.2",
  ...(clientAuthorities !== undefined && { ca: clientAuthorities, requestCert: true, rejectUnauthorized: false }),
})
