/**
 * Certificates made for a test: an authority, and certificates that it issues.
 *
 * @module
 */
// What the certificate library is built with asks for it to be there first.
import "reflect-metadata"
import type { webcrypto } from "node:crypto"
import * as x509 from "@peculiar/x509"

x509.cryptoProvider.set(globalThis.crypto)

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
const HOUR = 3_600_000

export interface Certificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface Asked {
  /** Distinguished name, as `CN=ada`. */
  readonly subject: string
  readonly names?: readonly { readonly type: "dns" | "ip" | "email" | "url"; readonly value: string }[]
  /** Milliseconds from now to its end; an hour unless said. */
  readonly lasts?: number
}

export interface Authority {
  /** PEM. */
  readonly certificate: string
  readonly issue: (asked: Asked) => Promise<Certificate>
}

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>

const keyPem = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY")

export const authority = async (subject = "CN=Test authority"): Promise<Authority> => {
  const keys = await newKeys()
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(Date.now() + HOUR),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  return {
    certificate: own.toString("pem"),
    issue: async ({ subject: name, names = [], lasts = HOUR }) => {
      const mine = await newKeys()
      const issued = await x509.X509CertificateGenerator.create({
        subject: name,
        issuer: own.subject,
        notBefore: new Date(Date.now() - 2 * HOUR),
        notAfter: new Date(Date.now() + lasts),
        signingKey: keys.privateKey,
        publicKey: mine.publicKey,
        signingAlgorithm: ALGORITHM,
        extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])],
      })
      return { certificate: issued.toString("pem"), key: await keyPem(mine) }
    },
  }
}
