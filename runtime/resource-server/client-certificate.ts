/**
 * Client certificates: where the request's is found, whether one of the authorities issued it, and what it says of its holder.
 *
 * Only what an authority of the plan issued itself is taken, in one step: a chain that ends at one of them would let each
 * authority below decide who gets in.
 *
 * @module
 */
import { X509Certificate } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { BlockList, isIPv4, isIPv6 } from "node:net"
import { TLSSocket } from "node:tls"
import type { Claims } from "../pipeline/credential.ts"

/** Extended key usage `id-kp-clientAuth` (RFC 5280 section 4.2.1.12), and the one that allows everything. */
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
const ANY_USE = "2.5.29.37.0"

/** Characters of a header that holds a certificate. */
const MAX_HEADER = 16 * 1024

export interface Authorities {
  readonly certificates: readonly X509Certificate[]
}

/** The certificates of a PEM bundle; `undefined` when it holds none, or something else. */
export const parseAuthorities = (pem: string): Authorities | undefined => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    return certificates.length > 0 && certificates.every(({ ca }) => ca) ? { certificates } : undefined
  } catch {
    return undefined
  }
}

/** The certificate of the TLS handshake; that its holder has the key is what the handshake has shown. */
export const handshakeCertificate = ({ socket }: IncomingMessage): X509Certificate | undefined =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined

export interface Forwarded {
  readonly header: "client_cert" | "xfcc"
  readonly proxies: BlockList
}

/** The addresses as a list that others are looked up in. */
export const addressList = (ranges: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = "", length] = range.split("/")
    const family = isIPv4(address) ? "ipv4" : "ipv6"
    list.addSubnet(address, length === undefined ? (family === "ipv4" ? 32 : 128) : Number(length), family)
  }
  return list
}

/** Is it among them? An IPv4 address may come as one of IPv6 (`::ffff:10.0.0.1`). */
export const isAmong = (address: string | undefined, list: BlockList): boolean => {
  if (address === undefined) return false
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "").replace(/%.*$/, "")
  if (isIPv4(plain)) return list.check(plain, "ipv4")
  return isIPv6(plain) && list.check(plain, "ipv6")
}

/** What a proxy says it saw. `untrusted`: who says it is none of the proxies. */
export const forwardedCertificate = (
  request: IncomingMessage,
  { header, proxies }: Forwarded,
): X509Certificate | "untrusted" | "malformed" | undefined => {
  const name = header === "client_cert" ? "client-cert" : "x-forwarded-client-cert"
  const values = request.rawHeaders.filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === name)
  if (!isAmong(request.socket.remoteAddress, proxies)) return "untrusted"
  const [value] = values
  if (value === undefined) return undefined
  // A second one may be the caller's own.
  if (values.length > 1 || value.length > MAX_HEADER) return "malformed"
  try {
    return new X509Certificate(header === "client_cert" ? derOf(value) : pemOf(value))
  } catch {
    return "malformed"
  }
}

/** RFC 9440 section 2.2: a byte sequence of structured fields, the certificate's DER. */
const derOf = (value: string): Buffer => {
  const [, base64 = ""] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value.trim()) ?? []
  return Buffer.from(base64, "base64")
}

/** Envoy: `Cert="…"` holds the PEM, percent-encoded. With several elements, each proxy added one: none is taken. */
const pemOf = (value: string): string => {
  const found = [...value.matchAll(/(?:^|[;,])\s*Cert="([^"]*)"/gi)]
  const [only] = found
  return found.length === 1 && only?.[1] !== undefined ? decodeURIComponent(only[1]) : ""
}

/** Why the certificate is not taken, if it is not. `now`: epoch milliseconds. */
export const refusedCertificate = (
  certificate: X509Certificate,
  { certificates }: Authorities,
  now: number,
): string | undefined => {
  const issuer = certificates.find(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  )
  if (issuer === undefined) return "the client certificate is of none of the authorities"
  if (certificate.ca) return "the client certificate is that of an authority"
  if (!isCurrent(certificate, now)) return "the client certificate has expired, or is not valid yet"
  if (!isCurrent(issuer, now)) return "the authority's own certificate has expired"
  // Node: extended key usages by their OIDs; none when the certificate restricts nothing.
  const uses: readonly string[] | undefined = certificate.keyUsage
  const restricted = uses !== undefined && uses.length > 0
  if (restricted && !uses.includes(CLIENT_AUTH) && !uses.includes(ANY_USE))
    return "the client certificate is not one for clients"
  return undefined
}

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo)

/** What the certificate says of its holder; `sub` is what the plan asks for, where it is there. */
export const certificateClaims = (
  certificate: X509Certificate,
  subject: "common_name" | "uri" | "dns" | "email",
): Claims => {
  const names = alternativeNames(certificate.subjectAltName ?? "")
  const commonNames = certificate.subject.split("\n").flatMap((part) => /^CN=(.*)$/s.exec(part)?.[1] ?? [])
  // RFC 6125 section 6.4.4: with two, it is open which one is meant.
  const commonName = commonNames.length === 1 ? commonNames[0] : undefined
  const of = { common_name: commonName, uri: names.URI[0], dns: names.DNS[0], email: names.email[0] }
  return {
    ...(of[subject] === undefined ? {} : { sub: of[subject] }),
    ...(commonName === undefined ? {} : { common_name: commonName }),
    ...(names.URI.length > 0 ? { uris: names.URI } : {}),
    ...(names.DNS.length > 0 ? { dns_names: names.DNS } : {}),
    ...(names.email.length > 0 ? { emails: names.email } : {}),
    serial_number: certificate.serialNumber,
  }
}

type Kind = "URI" | "DNS" | "email"

/** Node writes `DNS:a, URI:"b, c"`: a value with signs of its own is a JSON string (CVE-2021-44532). */
const alternativeNames = (text: string): Readonly<Record<Kind, readonly string[]>> => {
  const names: Record<Kind, string[]> = { URI: [], DNS: [], email: [] }
  for (const [, kind, value = ""] of text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    if (kind !== "URI" && kind !== "DNS" && kind !== "email") continue
    names[kind].push(value.startsWith('"') ? String(JSON.parse(value)) : value)
  }
  return names
}

/** When the certificate ends, in epoch seconds. */
export const expiryOf = ({ validTo }: X509Certificate): number => Math.floor(Date.parse(validTo) / 1000)

/** RFC 8705 section 3.1: what a token that is bound to a certificate says of it. */
export const thumbprintOf = ({ fingerprint256 }: X509Certificate): string =>
  Buffer.from(fingerprint256.replaceAll(":", ""), "hex").toString("base64url")
